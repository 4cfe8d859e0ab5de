package io.lumeo.persistentdata;

import static io.lumeo.persistentdata.LittleEndian.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// Where a space map is found, as the superblock says it.
///
/// | bytes | field | |
/// | --- | --- | --- |
/// | 0..7 | `nr_blocks` | blocks that are counted |
/// | 8..15 | `nr_allocated` | those with a count above zero |
/// | 16..23 | `bitmap_root` | metadata: the index block; data: a B-tree of index entries |
/// | 24..31 | `ref_count_root` | B-tree of the counts of three and more |
/// | 32..127 | | the kernel leaves garbage here: ignored when read, zeroes when written |
public record SpaceMapRoot(
    long blockCount, long allocatedCount, long bitmapRoot, long refCountRoot) {

  /// The size of the field in the superblock.
  public static final int BYTES = 128;

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U64.withName("nr_blocks"),
          U64.withName("nr_allocated"),
          U64.withName("bitmap_root"),
          U64.withName("ref_count_root"));
  private static final long BLOCK_COUNT = LAYOUT.byteOffset(groupElement("nr_blocks"));
  private static final long ALLOCATED_COUNT = LAYOUT.byteOffset(groupElement("nr_allocated"));
  private static final long BITMAP_ROOT = LAYOUT.byteOffset(groupElement("bitmap_root"));
  private static final long REF_COUNT_ROOT = LAYOUT.byteOffset(groupElement("ref_count_root"));

  /// Reads the field that begins at `offset`.
  public static SpaceMapRoot read(MemorySegment segment, long offset) {
    return new SpaceMapRoot(
        segment.get(U64, offset + BLOCK_COUNT),
        segment.get(U64, offset + ALLOCATED_COUNT),
        segment.get(U64, offset + BITMAP_ROOT),
        segment.get(U64, offset + REF_COUNT_ROOT));
  }

  /// Writes the whole field, [#BYTES] long, at `offset`.
  public void write(MemorySegment segment, long offset) {
    segment.asSlice(offset, BYTES).fill((byte) 0);
    segment.set(U64, offset + BLOCK_COUNT, blockCount);
    segment.set(U64, offset + ALLOCATED_COUNT, allocatedCount);
    segment.set(U64, offset + BITMAP_ROOT, bitmapRoot);
    segment.set(U64, offset + REF_COUNT_ROOT, refCountRoot);
  }
}
