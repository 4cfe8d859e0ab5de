package io.lumeo.persistentdata;

import static io.lumeo.persistentdata.LittleEndian.U32;
import static io.lumeo.persistentdata.LittleEndian.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// What a space map's index knows about one [bitmap][Bitmap].
///
/// | bytes | field | |
/// | --- | --- | --- |
/// | 0..7 | `blocknr` | where the bitmap is |
/// | 8..11 | `nr_free` | its zero entries; of the whole bitmap, even if it runs past the last block |
/// | 12..15 | `none_free_before` | no entry below this one is zero |
record IndexEntry(long block, int freeCount, int noneFreeBefore) {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U64.withName("blocknr"), U32.withName("nr_free"), U32.withName("none_free_before"));
  static final int BYTES = (int) LAYOUT.byteSize();

  /// The metadata space map's index is one block: a block header, then the entries of all bitmaps.
  /// That bounds the metadata to 255 bitmaps. Unused entries are zero.
  static final StructLayout BLOCK_LAYOUT =
      MemoryLayout.structLayout(
          BlockHeader.LAYOUT.withName("header"),
          MemoryLayout.sequenceLayout(
                  (TransactionManager.BLOCK_BYTES - BlockHeader.BYTES) / BYTES, LAYOUT)
              .withName("index"));

  static final int PER_BLOCK = 255;

  private static final long BLOCK = LAYOUT.byteOffset(groupElement("blocknr"));
  private static final long FREE_COUNT = LAYOUT.byteOffset(groupElement("nr_free"));
  private static final long NONE_FREE_BEFORE = LAYOUT.byteOffset(groupElement("none_free_before"));
  private static final long ENTRIES = BLOCK_LAYOUT.byteOffset(groupElement("index"));

  /// Where entry `bitmap` is in the metadata space map's index block.
  static long offsetInBlock(int bitmap) {
    return ENTRIES + (long) bitmap * BYTES;
  }

  static IndexEntry read(MemorySegment segment, long offset) {
    return new IndexEntry(
        segment.get(U64, offset + BLOCK),
        segment.get(U32, offset + FREE_COUNT),
        segment.get(U32, offset + NONE_FREE_BEFORE));
  }

  void write(MemorySegment segment, long offset) {
    segment.set(U64, offset + BLOCK, block);
    segment.set(U32, offset + FREE_COUNT, freeCount);
    segment.set(U32, offset + NONE_FREE_BEFORE, noneFreeBefore);
  }
}
