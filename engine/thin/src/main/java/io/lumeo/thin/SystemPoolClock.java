package io.lumeo.thin;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// One daemon thread that keeps time and hands each action to a virtual thread.
final class SystemPoolClock implements PoolClock {
  static final SystemPoolClock INSTANCE = new SystemPoolClock();

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("lumeo-pool-clock").daemon().factory());

  private SystemPoolClock() {}

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public Scheduled schedule(Duration delay, Runnable action) {
    var future =
        timer.schedule(
            () -> {
              Thread.ofVirtual().name("lumeo-pool-action").start(action);
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }
}
