package io.lumeo.thin;

import io.lumeo.testing.SimulatedClock;
import java.time.Duration;
import java.time.Instant;

/// A pool's time in tests: stands still until it is advanced.
record SimulatedPoolClock(SimulatedClock time) implements PoolClock {
  SimulatedPoolClock() {
    this(new SimulatedClock());
  }

  @Override
  public Instant now() {
    return time.now();
  }

  @Override
  public Scheduled schedule(Duration delay, Runnable action) {
    var scheduled = time.schedule(delay, action);
    return scheduled::cancel;
  }

  void advance(Duration duration) {
    time.advance(duration);
  }
}
