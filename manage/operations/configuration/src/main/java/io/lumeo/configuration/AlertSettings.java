package io.lumeo.configuration;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is worth telling, to whom, and when not.
///
/// @param channels where alerts go whose rule names no other
/// @param repeat after how long an alert that still holds is told again
/// @param rules what the file says of rules; others, and what it leaves out, are as usual
public record AlertSettings(
    List<String> channels, Duration repeat, Map<AlertRule, Rule> rules, List<Silence> silences) {

  /// One rule.
  ///
  /// @param holdsFor how long it must be so before it is said
  /// @param channels where its alerts go; empty for where all go
  public record Rule(
      boolean enabled,
      Optional<AlertRule.Level> warning,
      Optional<AlertRule.Level> critical,
      Optional<Duration> holdsFor,
      List<String> channels) {}

  /// A time in which some alerts are not told.
  ///
  /// @param rule which rules, by id
  public record Silence(
      Glob host,
      Glob object,
      Glob rule,
      Optional<Instant> from,
      Instant until,
      String author,
      String reason) {}
}
