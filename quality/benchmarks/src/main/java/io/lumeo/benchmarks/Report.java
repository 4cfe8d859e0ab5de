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
  /// rest is what was measured. A remark begins with `- **`, then what it is about: the beginning
  /// of a figure's name. Of what was missed without a remark the page says so.
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
    text.append('\n').append(resource("remarks.md"));
    unexplained(sections, text.toString())
        .forEach(figure ->
            text.append("- **")
                .append(figure.what())
                .append("** missed its target; ")
                .append("the reason is not known yet.\n"));
    return text.toString();
  }

  /// The figures that missed their target and begin like no remark.
  private static List<Figure> unexplained(List<Section> sections, String text) {
    return sections.stream()
        .flatMap(section -> section.figures().stream())
        .filter(figure -> !figure.reached() && !isExplained(figure, text))
        .toList();
  }

  private static boolean isExplained(Figure figure, String text) {
    return text.lines()
        .filter(line -> line.startsWith("- **"))
        .map(line -> line.substring(4, line.indexOf("**", 4)))
        .anyMatch(figure.what()::startsWith);
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
