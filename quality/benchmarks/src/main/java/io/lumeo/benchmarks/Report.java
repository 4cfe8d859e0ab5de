package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;

/// The page `docs/benchmarks.md`.
///
/// @param date when it was measured
/// @param machine what on
record Report(LocalDate date, List<String> machine) {

  /// A table of figures under a heading.
  record Section(String title, List<Figure> figures) {}

  /// The introduction and the remarks on what was missed are written by hand, as resources; the
  /// rest is what was measured.
  String text(List<Section> sections) throws IOException {
    var text = new StringBuilder(resource("introduction.md"));
    text.append("\n## The machine\n\nMeasured on ").append(date).append(".\n\n");
    machine.forEach(line -> text.append("- ").append(line).append('\n'));
    for (var section : sections) {
      text.append("\n## ").append(section.title()).append("\n\n");
      text.append("| what : beside | medians | figure | target | |\n");
      text.append("| --- | --- | --- | --- | --- |\n");
      section.figures().forEach(figure -> text.append(figure.row()).append('\n'));
    }
    return text.append('\n').append(resource("remarks.md")).toString();
  }

  private static String resource(String name) throws IOException {
    try (var stream = Report.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("resource " + name + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
