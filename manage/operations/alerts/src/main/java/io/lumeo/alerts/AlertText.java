package io.lumeo.alerts;

import java.util.List;
import java.util.stream.Collectors;

/// What a person is told of an alert. Every part is one line, whatever the names in it hold.
///
/// @param title what and where
/// @param meaning what it means
/// @param next what to do, most often commands to be copied
public record AlertText(String title, String meaning, List<String> next) {

  static AlertText of(Rule rule, Alert alert) {
    return new AlertText(
        Words.oneLine(Words.fill(rule.title(), name -> place(rule, alert, name))),
        rule.meaning(),
        rule.next().stream()
            .map(step ->
                Words.oneLine(
                    Words.fill(step, name -> Words.quoted(alert.labels().getOrDefault(name, "")))))
            .toList());
  }

  /// What is told of an alert whose rule nobody knows any more.
  static AlertText retired(Alert alert) {
    var labels =
        alert.labels().entrySet().stream()
            .map(label -> label.getKey() + " " + label.getValue())
            .collect(Collectors.joining(", "));
    return new AlertText(
        Words.oneLine("%s (%s)".formatted(alert.rule(), labels)),
        "The rule was taken out of the configuration.",
        List.of());
  }

  private static String place(Rule rule, Alert alert, String name) {
    return name.equals("value")
        ? rule.quantity().text(alert.value())
        : alert.labels().getOrDefault(name, "?");
  }
}
