package io.lumeo.forecasts;

import java.util.Locale;

/// How far a date can be relied on.
public enum Confidence {
  /// Three weeks of history, and in the back-test an error below 2 % of the limit.
  HIGH,
  /// A week of history, and an error below 5 %.
  MEDIUM,
  LOW,
  INSUFFICIENT_DATA;

  /// In words, as people read it.
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
