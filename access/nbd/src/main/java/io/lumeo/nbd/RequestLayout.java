package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.U16;
import static io.lumeo.nbd.Protocol.U32;
import static io.lumeo.nbd.Protocol.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The request message: what a client sends in the transmission phase, followed by the payload of a
/// WRITE.
final class RequestLayout {
  static final int MAGIC = 0x25609513;

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U32.withName("magic"),
          U16.withName("flags"),
          U16.withName("type"),
          U64.withName("cookie"),
          U64.withName("offset"),
          U32.withName("length"));

  static final int BYTES = (int) LAYOUT.byteSize();

  private static final long FLAGS_AT = LAYOUT.byteOffset(groupElement("flags"));
  private static final long TYPE_AT = LAYOUT.byteOffset(groupElement("type"));
  private static final long COOKIE_AT = LAYOUT.byteOffset(groupElement("cookie"));
  private static final long OFFSET_AT = LAYOUT.byteOffset(groupElement("offset"));
  private static final long LENGTH_AT = LAYOUT.byteOffset(groupElement("length"));

  private RequestLayout() {}

  static int magic(MemorySegment segment, long at) {
    return segment.get(U32, at);
  }

  static int flags(MemorySegment segment, long at) {
    return Short.toUnsignedInt(segment.get(U16, at + FLAGS_AT));
  }

  static int type(MemorySegment segment, long at) {
    return Short.toUnsignedInt(segment.get(U16, at + TYPE_AT));
  }

  static long cookie(MemorySegment segment, long at) {
    return segment.get(U64, at + COOKIE_AT);
  }

  static long offset(MemorySegment segment, long at) {
    return segment.get(U64, at + OFFSET_AT);
  }

  /// Unsigned on the wire: 0 to 2^32 - 1.
  static long lengthBytes(MemorySegment segment, long at) {
    return Integer.toUnsignedLong(segment.get(U32, at + LENGTH_AT));
  }

  static void write(
      MemorySegment segment,
      long at,
      int flags,
      int type,
      long cookie,
      long offset,
      long lengthBytes) {
    segment.set(U32, at, MAGIC);
    segment.set(U16, at + FLAGS_AT, (short) flags);
    segment.set(U16, at + TYPE_AT, (short) type);
    segment.set(U64, at + COOKIE_AT, cookie);
    segment.set(U64, at + OFFSET_AT, offset);
    segment.set(U32, at + LENGTH_AT, (int) lengthBytes);
  }
}
