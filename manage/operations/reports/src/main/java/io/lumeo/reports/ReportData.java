package io.lumeo.reports;

import io.lumeo.alerts.Severity;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;

/// All that a report says, before it has a form. Both forms say the same.
///
/// @param title such as `Storage of the week`
/// @param from the beginning of the time it is about
/// @param until its end
/// @param zone that times are written in
/// @param concerns what needs a person, in any order
/// @param done what was done in that time, in any order
public record ReportData(
    String title,
    Instant from,
    Instant until,
    Instant madeAt,
    ZoneId zone,
    List<HostReport> hosts,
    List<Concern> concerns,
    List<Deed> done) {

  public ReportData {
    hosts = List.copyOf(hosts);
    concerns = List.copyOf(concerns);
    done = List.copyOf(done);
  }

  List<Concern> concernsWorstFirst() {
    return concerns.stream()
        .sorted(
            Comparator.comparing(Concern::severity, Comparator.reverseOrder())
                .thenComparing(Concern::since)
                .thenComparing(Concern::title))
        .toList();
  }

  /// Hosts that do not answer, then those with the gravest concerns, then by name.
  List<HostReport> hostsWorstFirst() {
    return hosts.stream()
        .sorted(
            Comparator.comparing(HostReport::isReachable)
                .thenComparing(this::gravity, Comparator.reverseOrder())
                .thenComparing(HostReport::name))
        .toList();
  }

  /// 0 for a host that nobody needs to look at.
  private int gravity(HostReport host) {
    return concerns.stream()
        .filter(concern -> concern.host().equals(host.name()))
        .mapToInt(concern -> List.of(Severity.values()).indexOf(concern.severity()) + 1)
        .max()
        .orElse(0);
  }

  /// Pools that are foreseen to be full, the first one first.
  List<Foreseen> firstToBeFull() {
    return hosts.stream()
        .flatMap(host ->
            host.pools().stream()
                .filter(pool -> pool.growth() != null && pool.growth().full() != null)
                .map(pool -> new Foreseen(host, pool, pool.growth(), pool.growth().full())))
        .sorted(Comparator.comparing(foreseen -> foreseen.full().early()))
        .toList();
  }

  /// A pool and when it will be full.
  record Foreseen(HostReport host, PoolReport pool, Growth growth, Growth.Full full) {}

  List<Deed> doneNewestFirst() {
    return done.stream().sorted(Comparator.comparing(Deed::at).reversed()).toList();
  }
}
