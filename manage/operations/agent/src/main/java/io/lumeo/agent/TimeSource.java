package io.lumeo.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The time of day, the time that only passes, and waiting: everything that a test must be able to
/// play. Safe for use by several threads.
public interface TimeSource extends InstantSource {

  /// The time of day, which people and other machines change.
  @Override
  Instant instant();

  /// Nanoseconds of a clock that nobody changes.
  long nanos();

  /// Something to wait at that others can ring.
  Bell newBell();

  /// Lets one wait until somebody rings, or a while has passed.
  interface Bell {

    /// Ends the wait that is under way, or the next one.
    void ring();

    /// Waits until it is rung, at most for `atMost`. Returns at once when it was rung since the
    /// last wait, or `atMost` is not positive.
    void await(Duration atMost) throws InterruptedException;
  }

  /// The machine's.
  static TimeSource system() {
    return new SystemTime();
  }
}
