package io.lumeo.agent;

import io.lumeo.policies.GrowthTarget;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/// What is foreseen of things that fill, from what was measured so far.
public interface Foresight {

  /// How fast it has been filling lately, in bytes an hour and at least 0; empty when nobody knows.
  ///
  /// @param system the name of the host
  /// @param uuid of the pool or volume
  OptionalLong fillBytesPerHour(String system, String uuid, GrowthTarget target);

  /// When it is full at the earliest, as the forecast's P10; empty when there is no forecast, or it
  /// does not fill.
  Optional<Duration> timeToFull(String system, String uuid, GrowthTarget target);

  /// How much of a volume is overwritten for the first time in an hour, in bytes, as the stores of
  /// its classic snapshots have shown; empty when nobody knows.
  OptionalLong changedBytesPerHour(String system, String uuid);

  /// Nothing is foreseen.
  static Foresight none() {
    return new Foresight() {
      @Override
      public OptionalLong fillBytesPerHour(String system, String uuid, GrowthTarget target) {
        return OptionalLong.empty();
      }

      @Override
      public Optional<Duration> timeToFull(String system, String uuid, GrowthTarget target) {
        return Optional.empty();
      }

      @Override
      public OptionalLong changedBytesPerHour(String system, String uuid) {
        return OptionalLong.empty();
      }
    };
  }
}
