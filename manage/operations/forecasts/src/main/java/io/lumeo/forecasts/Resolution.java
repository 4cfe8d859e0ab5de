package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;

/// How finely the past is remembered: the older, the coarser. Periods begin at multiples of their
/// length since the epoch, so that days are days of UTC.
///
/// What is kept is counted in periods in which something was measured, not in days of a calendar:
/// neither a long downtime nor a clock that leaps into another century forgets anything.
public enum Resolution {
  MINUTE(1, Duration.ofDays(2)),
  QUARTER_HOUR(15, Duration.ofDays(30)),
  DAY(24 * 60, Duration.ofDays(731));

  private static final int MOST_POINTS = 2_000;

  private final int minutes;
  private final Duration kept;

  Resolution(int minutes, Duration kept) {
    this.minutes = minutes;
    this.kept = kept;
  }

  public Duration length() {
    return Duration.ofMinutes(minutes);
  }

  /// How much measured time is kept.
  public Duration kept() {
    return kept;
  }

  /// The finest resolution that reaches back to `from` with no more points than a picture or a
  /// forecast can use: minutes for a day and a third, quarters of an hour for three weeks.
  public static Resolution fitting(Instant from, Instant now) {
    var age = Duration.between(from, now);
    for (var resolution : values()) {
      if (age.compareTo(resolution.length().multipliedBy(MOST_POINTS)) <= 0) {
        return resolution;
      }
    }
    return DAY;
  }

  int minutes() {
    return minutes;
  }

  int keptPeriods() {
    return (int) kept.dividedBy(length());
  }

  /// The start of the period that holds `minute`, both in minutes since the epoch.
  long startOf(long minute) {
    return Math.floorDiv(minute, minutes) * minutes;
  }
}
