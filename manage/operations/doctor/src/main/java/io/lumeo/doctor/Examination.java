package io.lumeo.doctor;

import java.time.Instant;
import java.util.List;

/// What came of looking at one system.
///
/// @param system its name
/// @param takenAt when it was looked at
/// @param findings worst first
/// @param gauges how full its pools and snapshots are
public record Examination(
    String system, Instant takenAt, List<Finding> findings, List<Gauge> gauges) {

  public Examination {
    findings = findings.stream().sorted(Finding.WORST_FIRST).toList();
    gauges = List.copyOf(gauges);
  }

  public long count(Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }
}
