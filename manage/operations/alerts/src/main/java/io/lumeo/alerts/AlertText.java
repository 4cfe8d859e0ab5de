package io.lumeo.alerts;

import static java.time.temporal.ChronoUnit.MINUTES;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/// What a person is told of an alert. Every part is one line, whatever the names in it hold.
///
/// @param title what and where
/// @param meaning what it means, with the date of what is to come, and why it is so where that is
///   known
/// @param next what to do, most often commands to be copied
public record AlertText(String title, String meaning, List<String> next) {

  /// @param now what a time to come is counted from
  static AlertText of(Rule rule, Alert alert, Instant now) {
    return new AlertText(
        Words.oneLine(Words.fill(rule.title(), name -> place(rule, alert, name))),
        Words.oneLine(rule.meaning() + date(rule, alert, now) + because(alert)),
        rule.next().stream()
            .map(step ->
                Words.oneLine(
                    Words.fill(step, name -> Words.quoted(alert.labels().getOrDefault(name, "")))))
            .toList());
  }

  /// When it will be, of a rule on the time that is left: whoever reads a message later needs the
  /// date.
  private static String date(Rule rule, Alert alert, Instant now) {
    var isToCome =
        rule.quantity() == Quantity.SECONDS
            && rule.direction() == Rule.Direction.BELOW
            && alert.level() >= 0
            && Double.isFinite(alert.value());
    return isToCome
        ? " That is at %s.".formatted(now.plusSeconds((long) alert.value()).truncatedTo(MINUTES))
        : "";
  }

  private static String because(Alert alert) {
    var why = alert.because();
    return why.isEmpty() ? "" : " Why: " + why + (why.endsWith(".") ? "" : ".");
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
