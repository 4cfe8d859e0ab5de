package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets whatever touches its first 4 KiB, and every flush, wait until the test lets it go. The rest
/// is done at once.
final class GatedDevice extends ForwardingDevice {
  private static final int GATED_BYTES = 4096;
  private static final int PATIENCE_SECONDS = 30;

  private final Semaphore waiting = new Semaphore(0);
  private final Semaphore gate = new Semaphore(0);

  GatedDevice(BlockDevice target) {
    super(target);
  }

  /// Waits until `count` more calls wait at the gate.
  void awaitWaiting(int count) throws InterruptedException {
    if (!waiting.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("too few calls wait: " + waiting.availablePermits());
    }
  }

  /// Lets `count` calls go.
  void release(int count) {
    gate.release(count);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment into) throws IOException {
    return offset >= GATED_BYTES && super.tryRead(offset, into);
  }

  @Override
  public boolean tryWrite(long offset, MemorySegment source) throws IOException {
    return offset >= GATED_BYTES && super.tryWrite(offset, source);
  }

  @Override
  public void read(long offset, MemorySegment into) throws IOException {
    passGate(offset);
    super.read(offset, into);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    passGate(offset);
    super.write(offset, source);
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    passGate(offset);
    super.discard(offset, lengthBytes);
  }

  @Override
  public void flush() throws IOException {
    passGate(0);
    super.flush();
  }

  private void passGate(long offset) {
    if (offset < GATED_BYTES) {
      waiting.release();
      gate.acquireUninterruptibly();
    }
  }
}
