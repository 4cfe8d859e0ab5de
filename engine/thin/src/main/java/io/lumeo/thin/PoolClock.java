package io.lumeo.thin;

import java.time.Duration;
import java.time.Instant;

/// The time a pool lives in. Tests give it a simulated one, so that a minute's timeout takes no
/// minute.
public interface PoolClock {

  /// The time of day, for creation times.
  Instant now();

  /// Runs `action` once after `delay`, on a thread of the clock's; the action must not throw.
  /// Cancelling does not stop an action that has begun.
  Scheduled schedule(Duration delay, Runnable action);

  /// Something that will happen.
  interface Scheduled {
    /// Makes it not happen, unless it has begun.
    void cancel();
  }

  /// The machine's own time; actions run on virtual threads.
  static PoolClock system() {
    return SystemPoolClock.INSTANCE;
  }
}
