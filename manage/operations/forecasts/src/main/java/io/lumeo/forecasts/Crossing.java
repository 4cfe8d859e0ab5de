package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// When a series reaches a limit. A moment that is null does not come within two years.
///
/// @param early by when it happens in one of ten cases (P10)
/// @param likely by when it happens in half of the cases (P50)
/// @param late by when it happens in nine of ten cases (P90)
public record Crossing(@Nullable Instant early, @Nullable Instant likely, @Nullable Instant late) {
  private static final Crossing NEVER = new Crossing(null, null, null);

  /// Not within two years, or nobody knows.
  public static Crossing never() {
    return NEVER;
  }

  /// Whether it happens at all as far as can be seen.
  public boolean isForeseen() {
    return early != null;
  }

  /// Whether one of ten cases has it happen within `span` from now: what a careful owner acts on.
  public boolean mayComeWithin(Duration span, Instant now) {
    return early != null && !early.isAfter(now.plus(span));
  }
}
