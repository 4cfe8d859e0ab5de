package io.lumeo.agent;

import java.time.Duration;
import java.time.Instant;

/// Time that stands still until a test moves it. Those who wait are woken when their time has come.
/// Safe for use by several threads.
public final class ManualTime implements TimeSource {
  private Instant instant;
  private long nanos;

  public ManualTime(Instant start) {
    this.instant = start;
  }

  @Override
  public synchronized Instant instant() {
    return instant;
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  /// Time passes.
  public synchronized void pass(Duration duration) {
    instant = instant.plus(duration);
    nanos += duration.toNanos();
    notifyAll();
  }

  /// Time passes until `until`, if that is not yet.
  public synchronized void passUntil(Instant until) {
    if (until.isAfter(instant)) {
      pass(Duration.between(instant, until));
    }
  }

  /// Somebody sets the clock; no time passes.
  public synchronized void set(Instant other) {
    instant = other;
  }

  @Override
  public Bell newBell() {
    return new ManualBell();
  }

  private final class ManualBell implements Bell {
    private boolean isRung;

    @Override
    public void ring() {
      synchronized (ManualTime.this) {
        isRung = true;
        ManualTime.this.notifyAll();
      }
    }

    @Override
    public void await(Duration atMost) throws InterruptedException {
      synchronized (ManualTime.this) {
        var end = nanos + atMost.toNanos();
        while (!isRung && nanos < end) {
          ManualTime.this.wait();
        }
        isRung = false;
      }
    }
  }
}
