package io.lumeo.nbd;

/// The bytes that all connections together may hold for requests in flight.
final class ByteBudget {
  private final long total;
  private volatile long free;

  ByteBudget(long total) {
    this.total = total;
    this.free = total;
  }

  synchronized boolean tryTake(long lengthBytes) {
    if (lengthBytes > free) {
      return false;
    }
    free -= lengthBytes;
    return true;
  }

  synchronized void take(long lengthBytes) throws InterruptedException {
    while (!tryTake(lengthBytes)) {
      wait();
    }
  }

  synchronized void give(long lengthBytes) {
    free += lengthBytes;
    notifyAll();
  }

  /// Whether so many can be had at this moment.
  boolean has(long lengthBytes) {
    return lengthBytes <= free;
  }

  synchronized long taken() {
    return total - free;
  }
}
