package io.lumeo.policies;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How something is to grow.
///
/// @param mode who makes it grow
/// @param thresholdPercent the fill from which it grows, 1 to 99
/// @param step by how much, more than nothing; a percentage is of its present size
/// @param maximumBytes what it never grows past, or null for as far as there is room
/// @param coolDown how long after one growth the next may come, unless it would be full before, at
///   least 0
/// @param reserve what growth always leaves free in the group; a percentage is of the group's size
/// @param leadTime it grows below the threshold too when it may be full within this, at least 0
public record GrowthRule(
    Mode mode,
    int thresholdPercent,
    Amount step,
    @Nullable Long maximumBytes,
    Duration coolDown,
    Amount reserve,
    Duration leadTime) {

  /// Who makes it grow. Never both: two that extend one pool extend it twice.
  public enum Mode {
    /// Its system does, by its own rules; Lumeo looks whether it really would, and warns.
    DELEGATE,
    /// Lumeo does.
    MANAGED
  }

  public GrowthRule {
    var step0 = step.equals(new Amount.Bytes(0)) || step.equals(new Amount.Percent(0));
    if (thresholdPercent < 1 || thresholdPercent > 99 || step0) {
      throw new IllegalArgumentException(
          "growth by %s from %d %% on is not possible; give a step above 0 and a threshold of 1 to 99"
              .formatted(step.words(), thresholdPercent));
    }
    if (coolDown.isNegative() || leadTime.isNegative()) {
      throw new IllegalArgumentException(
          "a cool-down of %s and a lead time of %s are not possible; give 0 or more"
              .formatted(coolDown, leadTime));
    }
    if (maximumBytes != null && maximumBytes <= 0) {
      throw new IllegalArgumentException(
          "a maximum of %d bytes is not possible; give more than 0".formatted(maximumBytes));
    }
  }

  /// What suits most: early for metadata and snapshot stores, whose end is worse than a full disk.
  public static GrowthRule standard(GrowthTarget target) {
    var threshold =
        switch (target) {
          case POOL_DATA, FILE_SYSTEM -> 80;
          case POOL_METADATA, SNAPSHOT_STORE -> 70;
        };
    return new GrowthRule(
        Mode.MANAGED,
        threshold,
        new Amount.Percent(20),
        null,
        Duration.ofMinutes(10),
        new Amount.Percent(5),
        Duration.ofHours(1));
  }
}
