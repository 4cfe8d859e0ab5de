package io.lumeo.thin;

import io.lumeo.testing.Fault;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Holds a disk's operations of one kind back until it is opened; put in with `disk.inject`.
final class Gate implements Fault {
  private static final long PATIENCE_SECONDS = 60;

  private final Operation kind;
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);

  Gate(Operation kind) {
    this.kind = kind;
  }

  @Override
  public void before(Operation operation, long offset, long lengthBytes) throws IOException {
    if (operation == kind) {
      arrived.countDown();
      await(open);
    }
  }

  /// Waits until an operation stands before the gate.
  void awaitArrival() throws IOException {
    await(arrived);
  }

  void open() {
    open.countDown();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("nothing came to the gate, or nobody opened it");
      }
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException("interrupted at the gate").initCause(e);
    }
  }
}
