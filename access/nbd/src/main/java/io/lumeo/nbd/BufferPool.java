package io.lumeo.nbd;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;

/// Buffers of the sizes 4 KiB, 8 KiB, … kept for the next request, up to a total.
///
/// Getting native memory means zeroing it, which for large requests costs as much as the request.
/// The last buffer given back is the first taken again: it is the one still in the processor's
/// cache.
final class BufferPool {
  private static final int SMALLEST_SHIFT = 12;

  private final ConcurrentLinkedDeque<Buffer>[] idle = newClasses();
  private final AtomicLong idleBytes = new AtomicLong();
  private final long maxIdleBytes;

  BufferPool(long maxIdleBytes) {
    this.maxIdleBytes = maxIdleBytes;
  }

  /// A buffer of at least `sizeBytes`, with anything in it.
  Buffer take(int sizeBytes) {
    int sizeClass = sizeClass(sizeBytes);
    var buffer = idle[sizeClass].pollFirst();
    if (buffer == null) {
      return new Buffer(1 << (SMALLEST_SHIFT + sizeClass));
    }
    idleBytes.addAndGet(-buffer.sizeBytes());
    return buffer;
  }

  /// Gives a buffer back, which nobody may use any more.
  void give(Buffer buffer) {
    if (idleBytes.addAndGet(buffer.sizeBytes()) > maxIdleBytes) {
      idleBytes.addAndGet(-buffer.sizeBytes());
    } else {
      idle[sizeClass(buffer.sizeBytes())].addFirst(buffer);
    }
  }

  long idleBytes() {
    return idleBytes.get();
  }

  private static int sizeClass(int sizeBytes) {
    int shift = Integer.SIZE - Integer.numberOfLeadingZeros(sizeBytes - 1);
    return Math.max(0, shift - SMALLEST_SHIFT);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static ConcurrentLinkedDeque<Buffer>[] newClasses() {
    var classes = new ConcurrentLinkedDeque[Integer.SIZE - SMALLEST_SHIFT];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = new ConcurrentLinkedDeque<Buffer>();
    }
    return classes;
  }
}
