package io.lumeo.alerts;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// The table of rules as a file for Prometheus, for those who let that one watch.
///
/// Two things are different there: it knows no hysteresis, and each step of a rule is an alert of
/// its own, told apart by `severity` and `threshold`.
public final class PrometheusRules {
  private PrometheusRules() {}

  /// The file, as YAML.
  public static String yaml(List<Rule> rules) {
    var yaml = new StringBuilder();
    yaml.append(
        "# Alert rules for the metrics of a Lumeo agent, written from its own table of rules.\n");
    yaml.append("groups:\n  - name: lumeo\n    rules:\n");
    for (var rule : rules) {
      for (var step : rule.steps()) {
        append(yaml, rule, step);
      }
    }
    return yaml.toString();
  }

  private static void append(StringBuilder yaml, Rule rule, Rule.Step step) {
    yaml.append("      - alert: ").append(rule.name()).append('\n');
    yaml.append("        expr: ").append(quoted(expression(rule, step))).append('\n');
    if (!rule.hold().isZero()) {
      yaml.append("        for: ").append(duration(rule.hold())).append('\n');
    }
    yaml.append("        labels:\n");
    yaml.append("          severity: ").append(step.severity().word()).append('\n');
    yaml.append("          threshold: ").append(quoted(number(step.threshold()))).append('\n');
    yaml.append("        annotations:\n");
    yaml.append("          summary: ").append(quoted(template(rule, rule.title()))).append('\n');
    yaml.append("          description: ").append(quoted(rule.meaning())).append('\n');
    var next = template(rule, String.join("\n", rule.next()));
    yaml.append("          next_steps: ").append(quoted(next)).append('\n');
  }

  private static String expression(Rule rule, Rule.Step step) {
    var comparison = rule.direction() == Rule.Direction.ABOVE ? ">=" : "<";
    return "%s %s %s".formatted(rule.measure().expression(), comparison, number(step.threshold()));
  }

  private static String template(Rule rule, String text) {
    return Words.fill(
        text,
        name ->
            name.equals("value") ? rule.quantity().template() : "{{ $labels.%s }}".formatted(name));
  }

  private static String duration(Duration duration) {
    return duration.toSeconds() + "s";
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%s", value);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
