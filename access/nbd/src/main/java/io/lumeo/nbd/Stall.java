package io.lumeo.nbd;

/// Notes since when a connection waits for its client in the middle of a message.
final class Stall {
  private volatile long sinceNanos;

  void begin() {
    sinceNanos = System.nanoTime() | 1;
  }

  void end() {
    sinceNanos = 0;
  }

  /// Whether the wait has lasted longer than `limitNanos`.
  boolean exceeds(long limitNanos, long nowNanos) {
    long since = sinceNanos;
    return since != 0 && nowNanos - since > limitNanos;
  }
}
