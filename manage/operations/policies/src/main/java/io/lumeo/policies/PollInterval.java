package io.lumeo.policies;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long to wait before looking at usage again, and why.
public record PollInterval(Duration interval, String reason) {
  /// What fills is looked at this often before it can be full.
  private static final int LOOKS_BEFORE_FULL = 20;

  /// A look may take this part of the time between two.
  private static final int COST_SHARE = 100;

  /// Chooses an interval.
  ///
  /// @param base the interval that was asked for
  /// @param shortest the least there is to be, more than 0
  /// @param longest the most there is to be
  /// @param timeToFull of whatever is full first, or null when nothing is filling
  /// @param lastCost the processor time that the last look took
  public static PollInterval choose(
      Duration base,
      Duration shortest,
      Duration longest,
      @Nullable Duration timeToFull,
      Duration lastCost) {
    var wanted = wanted(base, longest, timeToFull);
    var affordable = lastCost.multipliedBy(COST_SHARE);
    if (wanted.interval().compareTo(affordable) < 0 && !isUrgent(base, timeToFull)) {
      wanted =
          new PollInterval(
              affordable,
              "a look takes %d ms, and is to take 1 %% of the time".formatted(lastCost.toMillis()));
    }
    if (wanted.interval().compareTo(shortest) < 0) {
      return new PollInterval(shortest, wanted.reason());
    }
    return wanted.interval().compareTo(longest) > 0
        ? new PollInterval(longest, wanted.reason())
        : wanted;
  }

  private static PollInterval wanted(
      Duration base, Duration longest, @Nullable Duration timeToFull) {
    if (timeToFull == null) {
      var twice = base.multipliedBy(2);
      return new PollInterval(twice.compareTo(longest) < 0 ? twice : longest, "nothing is filling");
    }
    return isUrgent(base, timeToFull)
        ? new PollInterval(
            timeToFull.dividedBy(LOOKS_BEFORE_FULL),
            "something may be full in " + Words.duration(timeToFull))
        : new PollInterval(base, "as configured");
  }

  private static boolean isUrgent(Duration base, @Nullable Duration timeToFull) {
    return timeToFull != null && timeToFull.dividedBy(LOOKS_BEFORE_FULL).compareTo(base) < 0;
  }
}
