package io.lumeo.forecasts;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a change that frees or takes space would do to the day on which something is full.
///
/// @param bytes what is freed; negative for what is taken
/// @param before when it is full as things are
/// @param after when it would be full
public record WhatIf(String change, double bytes, Crossing before, Crossing after) {

  /// Looks ahead with `bytes` more free.
  ///
  /// @param change what is done, for people: `keep 6 monthly snapshots instead of 12`
  public static WhatIf freed(String change, double bytes, Outlook used, double limitBytes) {
    return new WhatIf(change, bytes, used.reaches(limitBytes), used.reaches(limitBytes + bytes));
  }

  /// What is gained at the likely date; negative when it comes sooner, null when it is not known
  /// because one of the dates is beyond two years.
  public @Nullable Duration gained() {
    var from = before.likely();
    var to = after.likely();
    return from == null || to == null ? null : Duration.between(from, to);
  }
}
