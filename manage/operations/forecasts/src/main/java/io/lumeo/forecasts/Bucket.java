package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;

/// What a series was during one period.
///
/// @param last the value at the end of the period
public record Bucket(Instant start, Duration length, double minimum, double maximum, double last) {

  public Instant end() {
    return start.plus(length);
  }

  /// The last value, at the end of the period.
  public Sample sample() {
    return new Sample(end(), last);
  }
}
