package io.lumeo.nbd;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// The server's one clock: looks at every connection again and again, closes those that take too
/// long, and relieves readers that wait for a device.
///
/// It looks every millisecond while readers do work that may wait ([#notice]), and rarely
/// otherwise.
final class Watch implements AutoCloseable {
  /// What the watch looks at.
  interface Watched {
    void look(long nowNanos);
  }

  private static final long TICK_NANOS = Duration.ofMillis(1).toNanos();
  private static final int QUIET_TICKS = 200;
  private static final System.Logger LOG = System.getLogger(Watch.class.getName());

  private final Set<Watched> all = ConcurrentHashMap.newKeySet();
  private final long restNanos;
  private final Thread thread;
  private volatile boolean noticed;
  private volatile boolean resting;
  private volatile boolean closed;

  /// A watch that looks at least every `rest`.
  Watch(Duration rest) {
    this.restNanos = rest.toNanos();
    this.thread = Thread.ofPlatform().daemon().name("nbd-watch").start(this::run);
  }

  void add(Watched watched) {
    all.add(watched);
  }

  void remove(Watched watched) {
    all.remove(watched);
  }

  /// Makes the watch look often for a while.
  void notice() {
    if (!noticed) {
      noticed = true;
      if (resting) {
        LockSupport.unpark(thread);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    int quietTicks = 0;
    while (!closed) {
      quietTicks = noticed ? 0 : quietTicks + 1;
      noticed = false;
      long now = System.nanoTime();
      for (var watched : all) {
        look(watched, now);
      }
      pause(quietTicks < QUIET_TICKS);
    }
  }

  /// The watch goes on whatever happens to one connection.
  private static void look(Watched watched, long nowNanos) {
    try {
      watched.look(nowNanos);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "Watching a connection failed", e);
    }
  }

  private void pause(boolean busy) {
    if (busy) {
      LockSupport.parkNanos(this, TICK_NANOS);
      return;
    }
    resting = true;
    if (!noticed && !closed) {
      LockSupport.parkNanos(this, restNanos);
    }
    resting = false;
  }
}
