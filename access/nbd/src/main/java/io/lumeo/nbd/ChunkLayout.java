package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.U16;
import static io.lumeo.nbd.Protocol.U32;
import static io.lumeo.nbd.Protocol.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// A chunk of a structured reply: this header, then `length` bytes of payload that the type
/// explains.
///
/// ```
///   NONE          nothing
///   OFFSET_DATA   offset u64, data
///   OFFSET_HOLE   offset u64, hole size u32
///   BLOCK_STATUS  context id u32, then descriptors: length u32, status flags u32
///   ERROR         error u32, message length u16, message
///   ERROR_OFFSET  error u32, message length u16, message, offset u64
/// ```
final class ChunkLayout {
  static final int MAGIC = 0x668e33ef;

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U32.withName("magic"),
          U16.withName("flags"),
          U16.withName("type"),
          U64.withName("cookie"),
          U32.withName("length"));

  static final int BYTES = (int) LAYOUT.byteSize();

  /// The header of a data chunk and the offset before its data.
  static final int DATA_PREFIX_BYTES = BYTES + Long.BYTES;

  /// A whole hole chunk.
  static final int HOLE_BYTES = BYTES + Long.BYTES + Integer.BYTES;

  /// The header of an error chunk and what stands before its message.
  static final int ERROR_PREFIX_BYTES = BYTES + Integer.BYTES + Short.BYTES;

  private static final long FLAGS_AT = LAYOUT.byteOffset(groupElement("flags"));
  private static final long TYPE_AT = LAYOUT.byteOffset(groupElement("type"));
  private static final long COOKIE_AT = LAYOUT.byteOffset(groupElement("cookie"));
  private static final long LENGTH_AT = LAYOUT.byteOffset(groupElement("length"));

  private ChunkLayout() {}

  static int flags(MemorySegment segment, long at) {
    return Short.toUnsignedInt(segment.get(U16, at + FLAGS_AT));
  }

  static int type(MemorySegment segment, long at) {
    return Short.toUnsignedInt(segment.get(U16, at + TYPE_AT));
  }

  static long cookie(MemorySegment segment, long at) {
    return segment.get(U64, at + COOKIE_AT);
  }

  static long lengthBytes(MemorySegment segment, long at) {
    return Integer.toUnsignedLong(segment.get(U32, at + LENGTH_AT));
  }

  static void write(
      MemorySegment segment, long at, int flags, int type, long cookie, long lengthBytes) {
    segment.set(U32, at, MAGIC);
    segment.set(U16, at + FLAGS_AT, (short) flags);
    segment.set(U16, at + TYPE_AT, (short) type);
    segment.set(U64, at + COOKIE_AT, cookie);
    segment.set(U32, at + LENGTH_AT, (int) lengthBytes);
  }

  /// Writes what stands before `dataBytes` of data.
  static void writeDataPrefix(
      MemorySegment segment, long at, int flags, long cookie, long offset, long dataBytes) {
    write(segment, at, flags, Protocol.CHUNK_OFFSET_DATA, cookie, Long.BYTES + dataBytes);
    segment.set(U64, at + BYTES, offset);
  }

  static void writeHole(
      MemorySegment segment, long at, int flags, long cookie, long offset, long holeBytes) {
    write(segment, at, flags, Protocol.CHUNK_OFFSET_HOLE, cookie, Long.BYTES + Integer.BYTES);
    segment.set(U64, at + BYTES, offset);
    segment.set(U32, at + BYTES + Long.BYTES, (int) holeBytes);
  }

  /// Writes what stands before a message of `messageBytes`.
  static void writeErrorPrefix(
      MemorySegment segment, long at, int flags, long cookie, int error, int messageBytes) {
    int payloadBytes = Integer.BYTES + Short.BYTES + messageBytes;
    write(segment, at, flags, Protocol.CHUNK_ERROR, cookie, payloadBytes);
    segment.set(U32, at + BYTES, error);
    segment.set(U16, at + BYTES + Integer.BYTES, (short) messageBytes);
  }
}
