package io.lumeo.persistentdata;

import static io.lumeo.persistentdata.LittleEndian.U32;
import static io.lumeo.persistentdata.LittleEndian.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// The first sixteen bytes of every metadata block.
///
/// | bytes | field | |
/// | --- | --- | --- |
/// | 0..3 | `csum` | see [BlockChecksum] |
/// | 4..7 | `flags` | of the superblock and of B-tree nodes; unused elsewhere |
/// | 8..15 | `blocknr` | the block's own address, so that a misplaced write is noticed |
final class BlockHeader {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U32.withName("csum"), U32.withName("flags"), U64.withName("blocknr"));

  static final int CHECKSUM = (int) LAYOUT.byteOffset(groupElement("csum"));
  static final int FLAGS = (int) LAYOUT.byteOffset(groupElement("flags"));
  static final int BLOCK_NUMBER = (int) LAYOUT.byteOffset(groupElement("blocknr"));
  static final int BYTES = (int) LAYOUT.byteSize();

  private BlockHeader() {}

  static long blockNumber(byte[] block) {
    return LittleEndian.getLong(block, BLOCK_NUMBER);
  }

  static void setBlockNumber(byte[] block, long number) {
    LittleEndian.setLong(block, BLOCK_NUMBER, number);
  }
}
