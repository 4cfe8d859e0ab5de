package io.lumeo.alerts;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/// What is watched for, and how often people are told.
///
/// @param repeatAfter after how long a firing alert is told of again, at least a minute
/// @param groupFor after a message, how long the next one waits for more to tell, at least 0;
///   critical alerts do not wait
public record AlertSettings(
    List<Rule> rules, List<Silence> silences, Duration repeatAfter, Duration groupFor) {

  public AlertSettings {
    rules = List.copyOf(rules);
    silences = List.copyOf(silences);
    var names = new HashSet<String>();
    for (var rule : rules) {
      if (!names.add(rule.name())) {
        throw new IllegalArgumentException("there are two rules named " + rule.name());
      }
    }
    if (repeatAfter.compareTo(Duration.ofMinutes(1)) < 0 || groupFor.isNegative()) {
      throw new IllegalArgumentException(
          "alerts repeat after a minute at the earliest (not %s) and are grouped for 0 or more (not %s)"
              .formatted(repeatAfter, groupFor));
    }
  }

  /// All rules with their defaults, no silences; told again every four hours, grouped by the
  /// minute.
  public static AlertSettings defaults() {
    return new AlertSettings(
        Rules.defaults(), List.of(), Duration.ofHours(4), Duration.ofMinutes(1));
  }

  /// The same with these silences.
  public AlertSettings withSilences(List<Silence> others) {
    return new AlertSettings(rules, others, repeatAfter, groupFor);
  }
}
