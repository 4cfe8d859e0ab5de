package io.lumeo.persistentdata;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The first sixteen bytes of every metadata block.
///
/// | bytes | field | |
/// | --- | --- | --- |
/// | 0..3 | `csum` | see [BlockChecksum] |
/// | 4..7 | `flags` | of the superblock and of B-tree nodes; unused elsewhere |
/// | 8..15 | `blocknr` | the block's own address, so that a misplaced write is noticed |
///
/// All numbers on disk are little endian; nothing is aligned beyond its block.
final class BlockHeader {
  static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U32.withName("csum"), U32.withName("flags"), U64.withName("blocknr"));

  static final long CHECKSUM = LAYOUT.byteOffset(groupElement("csum"));
  static final long CHECKED = LAYOUT.byteOffset(groupElement("flags"));
  static final long BLOCK_NUMBER = LAYOUT.byteOffset(groupElement("blocknr"));
  static final long BYTES = LAYOUT.byteSize();

  private BlockHeader() {}

  static long blockNumber(MemorySegment block) {
    return block.get(U64, BLOCK_NUMBER);
  }

  static void setBlockNumber(MemorySegment block, long number) {
    block.set(U64, BLOCK_NUMBER, number);
  }
}
