package io.lumeo.nbd;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/// Buffers kept for the next request, up to a total. Their sizes are the powers of two from 4 KiB,
/// each with [#MARGIN_BYTES] more, so that a reply's header fits before a payload of that size.
///
/// Getting native memory means zeroing it, which for large requests costs as much as the request.
/// The last buffer given back is the first taken again: it is the one still in the processor's
/// cache.
final class BufferPool {
  static final int MARGIN_BYTES = 4096;

  private static final int SMALLEST_SHIFT = 12;

  private final ConcurrentLinkedDeque<Buffer>[] idle = newClasses();
  private final AtomicLong idleBytes = new AtomicLong();
  private final AtomicLong heldBytes = new AtomicLong();
  private final long maxIdleBytes;
  private final IntFunction<Buffer> memory;

  /// @param memory makes a buffer of so many bytes, or throws
  BufferPool(long maxIdleBytes, IntFunction<Buffer> memory) {
    this.maxIdleBytes = maxIdleBytes;
    this.memory = memory;
  }

  /// What a buffer of at least `lengthBytes` takes of the memory.
  static int sizeBytes(int lengthBytes) {
    return (1 << (SMALLEST_SHIFT + sizeClass(lengthBytes))) + MARGIN_BYTES;
  }

  /// A buffer of at least `lengthBytes`, with anything in it.
  ///
  /// @throws OutOfMemoryError if there is no memory for one; nothing is counted then
  Buffer take(int lengthBytes) {
    var buffer = idle[sizeClass(lengthBytes)].pollFirst();
    if (buffer == null) {
      buffer = memory.apply(sizeBytes(lengthBytes));
    } else {
      idleBytes.addAndGet(-buffer.sizeBytes());
    }
    heldBytes.addAndGet(buffer.sizeBytes());
    return buffer;
  }

  /// Gives a buffer back, which nobody may use any more.
  void give(Buffer buffer) {
    heldBytes.addAndGet(-buffer.sizeBytes());
    if (idleBytes.addAndGet(buffer.sizeBytes()) > maxIdleBytes) {
      idleBytes.addAndGet(-buffer.sizeBytes());
    } else {
      idle[sizeClass(buffer.sizeBytes())].addFirst(buffer);
    }
  }

  /// What waits here for its next use.
  long idleBytes() {
    return idleBytes.get();
  }

  /// What is in use.
  long heldBytes() {
    return heldBytes.get();
  }

  private static int sizeClass(int lengthBytes) {
    int shift = Integer.SIZE - Integer.numberOfLeadingZeros(lengthBytes - MARGIN_BYTES - 1);
    return lengthBytes <= MARGIN_BYTES ? 0 : Math.max(0, shift - SMALLEST_SHIFT);
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
