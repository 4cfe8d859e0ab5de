package io.lumeo.compatibility;

import io.lumeo.agent.TimeSource;
import java.time.Duration;
import java.time.Instant;

/// A clock that begins with the machine's and runs so many times as fast: what takes an agent
/// minutes of patience takes a test seconds. What it waits for on a host takes so much longer.
final class FastTime implements TimeSource {
  private final int speed;
  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();

  FastTime(int speed) {
    this.speed = speed;
  }

  @Override
  public Instant instant() {
    return start.plusNanos(nanos());
  }

  @Override
  public long nanos() {
    return (System.nanoTime() - startNanos) * speed;
  }

  @Override
  public Bell newBell() {
    var bell = TimeSource.system().newBell();
    return new Bell() {
      @Override
      public void ring() {
        bell.ring();
      }

      @Override
      public void await(Duration atMost) throws InterruptedException {
        bell.await(atMost.dividedBy(speed));
      }
    };
  }
}
