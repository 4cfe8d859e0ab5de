package io.lumeo.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// A clock that stands still until the test moves it, and then runs what was due meanwhile, in the
/// order of its time, on the thread that moves it.
///
/// **Threads.** All methods may be called by many threads at once; one of them at a time moves it.
public final class SimulatedClock {
  /// Something to run at a time; those of the same time run in the order they were scheduled.
  public static final class Scheduled implements Comparable<Scheduled> {
    private final long atNanos;
    private final long number;
    private final Runnable action;
    private volatile boolean cancelled;

    private Scheduled(long atNanos, long number, Runnable action) {
      this.atNanos = atNanos;
      this.number = number;
      this.action = action;
    }

    /// Keeps it from running, if it has not run yet.
    public void cancel() {
      cancelled = true;
    }

    @Override
    public int compareTo(Scheduled other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final Instant start;
  private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
  private final Object advancing = new Object();
  private long nanos;
  private long scheduledCount;

  /// A clock that stands at the start of 2026.
  public SimulatedClock() {
    this(Instant.parse("2026-01-01T00:00:00Z"));
  }

  /// A clock that stands at `start`.
  public SimulatedClock(Instant start) {
    this.start = start;
  }

  /// Nanoseconds since the clock was made.
  public synchronized long nanos() {
    return nanos;
  }

  /// The time of day.
  public Instant now() {
    return start.plusNanos(nanos());
  }

  /// Runs `action` when the clock has been moved by `delay` from now.
  public synchronized Scheduled schedule(Duration delay, Runnable action) {
    var scheduled = new Scheduled(nanos + delay.toNanos(), scheduledCount++, action);
    queue.add(scheduled);
    return scheduled;
  }

  /// Moves the clock on, stopping on the way at each action that is due; an action may schedule
  /// more, which also run if they are due by the end.
  public void advance(Duration duration) {
    synchronized (advancing) {
      long end = nanos() + duration.toNanos();
      for (var due = nextDue(end); due != null; due = nextDue(end)) {
        due.action.run();
      }
      synchronized (this) {
        nanos = end;
      }
    }
  }

  private synchronized @Nullable Scheduled nextDue(long endNanos) {
    while (true) {
      var next = queue.peek();
      if (next == null || next.atNanos > endNanos) {
        return null;
      }
      queue.remove();
      if (!next.cancelled) {
        nanos = Math.max(nanos, next.atNanos);
        return next;
      }
    }
  }
}
