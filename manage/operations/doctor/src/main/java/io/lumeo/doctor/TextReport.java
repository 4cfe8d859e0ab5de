package io.lumeo.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// An examination as people read it: worst first, each with what comes of it and what mends it.
///
/// ```text
/// CRITICAL  main/pool  the metadata of pool main/pool is 91 % full, 360 KiB free
///     When it is full, the whole pool turns read-only and needs a repair, …
///     $ lvextend --poolmetadatasize +4M main/pool
///
/// 1 critical, 0 warnings, 0 notes
/// ```
public final class TextReport {
  private static final int WIDTH = 100;
  private static final String INDENT = "    ";

  private TextReport() {}

  /// The lines, without ends of line.
  public static List<String> lines(Examination examination) {
    var lines = new ArrayList<String>();
    for (var finding : examination.findings()) {
      lines.add("%-8s  %s  %s".formatted(finding.severity(), finding.subject(), finding.problem()));
      wrap(finding.consequence()).forEach(line -> lines.add(INDENT + line));
      finding.commands().forEach(command -> lines.add(INDENT + "$ " + command));
      lines.add("");
    }
    lines.add(summary(examination));
    return lines;
  }

  /// `1 critical, 2 warnings, 0 notes`.
  static String summary(Examination examination) {
    return examination.findings().isEmpty()
        ? "nothing found that would bite"
        : "%d critical, %s, %s"
            .formatted(
                examination.count(Severity.CRITICAL),
                Words.count(examination.count(Severity.WARNING), "warning"),
                Words.count(examination.count(Severity.NOTE), "note"));
  }

  private static List<String> wrap(String sentence) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (var word : Stream.of(sentence.split(" ", -1)).toList()) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH - INDENT.length()) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
