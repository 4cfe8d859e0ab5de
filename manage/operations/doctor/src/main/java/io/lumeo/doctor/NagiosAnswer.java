package io.lumeo.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// An examination as a check of Nagios and its kin reads it: an exit status, one line of text with
/// performance data behind a bar, and further lines for what else was found.
///
/// @param exit 0 for OK (notes are), 1 for WARNING, 2 for CRITICAL, 3 for UNKNOWN
/// @param lines the first is shown in lists; none holds another bar
/// @see <a href="https://nagios-plugins.org/doc/guidelines.html">the plugins' guidelines</a>
public record NagiosAnswer(int exit, List<String> lines) {
  private static final String NAME = "LUMEO";
  private static final int UNKNOWN = 3;

  public NagiosAnswer {
    lines = List.copyOf(lines);
  }

  /// What was found.
  public static NagiosAnswer of(Examination examination) {
    var findings =
        examination.findings().stream()
            .filter(finding -> finding.severity() != Severity.NOTE)
            .toList();
    var lines = new ArrayList<String>();
    lines.add(head(examination, findings) + " | " + performance(examination));
    findings.stream()
        .skip(1)
        .map(finding -> plain("%s: %s".formatted(finding.severity(), finding.problem())))
        .forEach(lines::add);
    return new NagiosAnswer(exit(findings), lines);
  }

  /// That the host could not be examined.
  public static NagiosAnswer unknown(String reason) {
    return new NagiosAnswer(UNKNOWN, List.of(plain("%s UNKNOWN: %s".formatted(NAME, reason))));
  }

  private static int exit(List<Finding> findings) {
    if (findings.isEmpty()) {
      return 0;
    }
    return findings.getFirst().severity() == Severity.CRITICAL ? 2 : 1;
  }

  private static String head(Examination examination, List<Finding> findings) {
    if (findings.isEmpty()) {
      return plain("%s OK: %s".formatted(NAME, TextReport.summary(examination)));
    }
    var worst = findings.getFirst();
    return plain(
        "%s %s: %s (%s)"
            .formatted(NAME, worst.severity(), worst.problem(), TextReport.summary(examination)));
  }

  private static String performance(Examination examination) {
    var gauges =
        examination.gauges().stream().map(NagiosAnswer::gauge).collect(Collectors.joining(" "));
    return (gauges
            + " critical=%d;;0;0 warnings=%d;0;;0 notes=%d;;;0"
                .formatted(
                    examination.count(Severity.CRITICAL),
                    examination.count(Severity.WARNING),
                    examination.count(Severity.NOTE)))
        .strip();
  }

  /// `'vg/pool data'=83.25%;80;90;0;100`.
  private static String gauge(Gauge gauge) {
    return String.format(
        Locale.ROOT,
        "'%s'=%.2f%%;%.0f;%.0f;0;100",
        plain(gauge.label()).replace("'", "''").replace('=', '_'),
        gauge.ratio() * 100,
        gauge.warning() * 100,
        gauge.critical() * 100);
  }

  /// On one line, and without the bar that begins performance data.
  private static String plain(String text) {
    return Words.printable(text).replace('|', '/');
  }
}
