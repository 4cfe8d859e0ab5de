package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How fast something fills right now, for the burst that no forecast sees: a restore, a runaway
/// log. This is what wakes people; what fills over days is a matter for working hours.
///
/// @param bytesPerSecond what 95 % of the last ten minutes' rates do not exceed; at least 0
/// @param toFull how long until it is full at that rate; null when it does not grow
public record FastBurn(double bytesPerSecond, @Nullable Duration toFull) {
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final Duration LONGEST = Duration.ofDays(3650);
  private static final double SHARE = 0.95;
  private static final int FEWEST_RATES = 3;

  /// Looks at the ten minutes before `now`.
  ///
  /// @param samples of used bytes, oldest first; fewer than four in the window say nothing, and
  ///   count as no growth
  /// @param limitBytes at which it is full
  public static FastBurn of(List<Sample> samples, double limitBytes, Instant now) {
    var recent =
        samples.stream()
            .filter(sample -> sample.at().isAfter(now.minus(WINDOW)) && !sample.at().isAfter(now))
            .toList();
    if (recent.size() <= FEWEST_RATES) {
      return new FastBurn(0, null);
    }
    var rate = Math.max(0, Statistics.quantile(rates(recent), SHARE));
    if (rate == 0) {
      return new FastBurn(0, null);
    }
    var free = Math.max(0, limitBytes - recent.getLast().value());
    var seconds = Math.min(free / rate, (double) LONGEST.toSeconds());
    return new FastBurn(rate, Duration.ofMillis((long) (seconds * 1000)));
  }

  private static double[] rates(List<Sample> samples) {
    var rates = new double[samples.size() - 1];
    for (var i = 0; i < rates.length; i++) {
      var before = samples.get(i);
      var after = samples.get(i + 1);
      var millis = Math.max(1, Duration.between(before.at(), after.at()).toMillis());
      rates[i] = (after.value() - before.value()) * 1000 / millis;
    }
    return rates;
  }

  /// Whether it is full within `span` at this rate.
  public boolean fillsWithin(Duration span) {
    return toFull != null && toFull.compareTo(span) <= 0;
  }
}
