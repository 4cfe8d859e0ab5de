package io.lumeo.nbd;

import java.time.Duration;

/// Counts the requests of one connection that wait for the device, and the bytes of the buffers
/// held for them, here and over all connections.
final class InFlight {
  private final int maxRequests;
  private final long maxBytes;
  private final ByteBudget budget;
  private int requests;
  private long bytes;

  InFlight(int maxRequests, long maxBytes, ByteBudget budget) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
    this.budget = budget;
  }

  /// Counts one request that holds `lengthBytes`, if the limits allow it now.
  synchronized boolean tryEnter(long lengthBytes) {
    if (!fits(lengthBytes) || !budget.tryTake(lengthBytes)) {
      return false;
    }
    count(lengthBytes);
    return true;
  }

  /// Counts one request that holds `lengthBytes`, when the limits allow it.
  void enter(long lengthBytes) throws InterruptedException {
    synchronized (this) {
      while (!fits(lengthBytes)) {
        wait();
      }
      count(lengthBytes);
    }
    budget.take(lengthBytes);
  }

  void leave(long lengthBytes) {
    budget.give(lengthBytes);
    synchronized (this) {
      requests--;
      bytes -= lengthBytes;
      notifyAll();
    }
  }

  /// Counts fewer bytes for a request that turns out to need less.
  void reduce(long lengthBytes) {
    budget.give(lengthBytes);
    synchronized (this) {
      bytes -= lengthBytes;
      notifyAll();
    }
  }

  /// Whether one more request that holds `lengthBytes` would be within the limits now.
  synchronized boolean hasRoom(long lengthBytes) {
    return fits(lengthBytes) && budget.has(lengthBytes);
  }

  /// Waits until nothing is in flight. Returns whether that came within `timeout`.
  synchronized boolean awaitNone(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (requests > 0) {
      long millis = Math.ceilDiv(deadline - System.nanoTime(), 1_000_000L);
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }

  synchronized void awaitNone() throws InterruptedException {
    while (requests > 0) {
      wait();
    }
  }

  private boolean fits(long lengthBytes) {
    return requests < maxRequests && bytes + lengthBytes <= maxBytes;
  }

  private void count(long lengthBytes) {
    requests++;
    bytes += lengthBytes;
  }
}
