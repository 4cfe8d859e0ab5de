package io.lumeo.policies;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How large the store of a classic snapshot is made, and why.
///
/// @param bytes a multiple of the unit, from one unit to the origin's size
public record StoreSizing(long bytes, String reason) {
  /// A store that is a hundredth of its origin at least outlives a busy minute.
  private static final int LEAST_PERCENT = 1;

  /// Sizes a store from what changes in its origin.
  ///
  /// @param originBytes the size of the origin; no store needs to be larger, but for a table that
  ///   LVM adds by itself
  /// @param changedBytesPerHour how much of the origin is overwritten for the first time in an
  ///   hour, or null when nobody has measured it yet
  /// @param lifetime how long the snapshot is to live
  /// @param safetyPercent how much of what is expected to make room for, 100 or more
  /// @param otherwise what to take when the rate is not known
  /// @param unitBytes what space is given out in
  public static StoreSizing of(
      long originBytes,
      @Nullable Long changedBytesPerHour,
      Duration lifetime,
      int safetyPercent,
      Amount otherwise,
      long unitBytes) {
    if (changedBytesPerHour == null) {
      return clamped(
          otherwise.of(originBytes),
          originBytes,
          unitBytes,
          "%s, as no rate of change is known yet".formatted(otherwise.words()));
    }
    var expected = ByteMath.scale(changedBytesPerHour, lifetime.toSeconds(), 3600);
    return clamped(
        ByteMath.percent(expected, safetyPercent),
        originBytes,
        unitBytes,
        "%s change an hour, for %s, times %s"
            .formatted(
                Words.bytes(changedBytesPerHour), Words.duration(lifetime), safetyPercent / 100.0));
  }

  private static StoreSizing clamped(long wanted, long originBytes, long unitBytes, String reason) {
    var most = Math.max(unitBytes, ByteMath.roundUp(originBytes, unitBytes));
    var least = Math.max(1, ByteMath.percent(originBytes, LEAST_PERCENT));
    if (wanted >= most) {
      return new StoreSizing(most, reason + "; no more than its origin");
    }
    return wanted < least
        ? new StoreSizing(
            ByteMath.roundUp(least, unitBytes), reason + "; at least 1 % of its origin")
        : new StoreSizing(ByteMath.roundUp(wanted, unitBytes), reason);
  }
}
