package io.lumeo.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The machine's own time.
final class SystemTime implements TimeSource {

  @Override
  public Instant instant() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Bell newBell() {
    return new SystemBell();
  }

  private static final class SystemBell implements Bell {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rung = lock.newCondition();
    private boolean isRung;

    @Override
    public void ring() {
      lock.lock();
      try {
        isRung = true;
        rung.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void await(Duration atMost) throws InterruptedException {
      lock.lock();
      try {
        var left = atMost.toNanos();
        while (!isRung && left > 0) {
          left = rung.awaitNanos(left);
        }
        isRung = false;
      } finally {
        lock.unlock();
      }
    }
  }
}
