package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.U32;
import static io.lumeo.nbd.Protocol.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The simple reply message, followed by the bytes read when it answers a READ.
final class SimpleReplyLayout {
  static final int MAGIC = 0x67446698;

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U32.withName("magic"), U32.withName("error"), U64.withName("cookie"));

  static final int BYTES = (int) LAYOUT.byteSize();

  private static final long ERROR_AT = LAYOUT.byteOffset(groupElement("error"));
  private static final long COOKIE_AT = LAYOUT.byteOffset(groupElement("cookie"));

  private SimpleReplyLayout() {}

  static int error(MemorySegment segment, long at) {
    return segment.get(U32, at + ERROR_AT);
  }

  static long cookie(MemorySegment segment, long at) {
    return segment.get(U64, at + COOKIE_AT);
  }

  static void write(MemorySegment segment, long at, int error, long cookie) {
    segment.set(U32, at, MAGIC);
    segment.set(U32, at + ERROR_AT, error);
    segment.set(U64, at + COOKIE_AT, cookie);
  }
}
