package io.lumeo.nbd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Native memory, seen by devices as a segment and by sockets as bytes.
///
/// It lives in an automatic arena: handing its segment to native code then costs no reference
/// count, and a buffer lost with its connection is found by the garbage collector.
final class Buffer {
  private final MemorySegment segment;
  private final ByteBuffer bytes;

  Buffer(int sizeBytes) {
    this.segment = Arena.ofAuto().allocate(sizeBytes, 4096);
    this.bytes = segment.asByteBuffer();
  }

  MemorySegment segment() {
    return segment;
  }

  MemorySegment slice(long from, long lengthBytes) {
    return segment.asSlice(from, lengthBytes);
  }

  int sizeBytes() {
    return bytes.capacity();
  }

  /// The bytes from `from` to `to`, for a channel to fill or empty. There is one such view: it is
  /// valid until the next call.
  ByteBuffer bytes(int from, int to) {
    return bytes.limit(to).position(from);
  }
}
