package io.lumeo.alerts;

import java.time.Duration;
import java.util.Optional;

/// How often and when a delivery is tried again: each wait is twice the one before.
///
/// @param attempts in all, at least 1
/// @param first the wait after the first attempt
/// @param longest no wait is longer
public record RetryPolicy(int attempts, Duration first, Duration longest) {

  public RetryPolicy {
    if (attempts < 1 || first.isNegative() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "%d attempts with waits from %s to %s are not a retry"
              .formatted(attempts, first, longest));
    }
  }

  /// Twelve attempts in about three hours.
  public static RetryPolicy defaults() {
    return new RetryPolicy(12, Duration.ofSeconds(10), Duration.ofMinutes(30));
  }

  /// The same waits with another number of attempts.
  public RetryPolicy withAttempts(int number) {
    return new RetryPolicy(number, first, longest);
  }

  /// How long to wait after attempt `number`, or nothing if it was the last.
  public Optional<Duration> waitAfter(int number) {
    if (number >= attempts) {
      return Optional.empty();
    }
    var wait = first.multipliedBy(1L << Math.min(number - 1, 30));
    return Optional.of(wait.compareTo(longest) > 0 ? longest : wait);
  }
}
