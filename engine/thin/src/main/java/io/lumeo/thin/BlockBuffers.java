package io.lumeo.thin;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;

/// Native buffers of one data block, or of 1 MiB when blocks are larger, kept for the next who
/// copies or zeroes a block.
final class BlockBuffers {
  static final long MAX_BYTES = 1 << 20;
  private static final int KEPT = 16;
  private static final long ALIGNMENT = 4096;

  private final long bytes;
  private final ArrayBlockingQueue<MemorySegment> idle = new ArrayBlockingQueue<>(KEPT);

  BlockBuffers(long dataBlockBytes) {
    this.bytes = Math.min(dataBlockBytes, MAX_BYTES);
  }

  /// A buffer with any content; give it back with [#release].
  MemorySegment take() {
    var buffer = idle.poll();
    return buffer != null ? buffer : Arena.ofAuto().allocate(bytes, ALIGNMENT);
  }

  void release(MemorySegment buffer) {
    // Beyond what is kept, the garbage collector has it.
    var _ = idle.offer(buffer);
  }
}
