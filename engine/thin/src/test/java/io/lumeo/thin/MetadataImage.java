package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.persistentdata.BlockChecksum;
import io.lumeo.persistentdata.BlockKind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// Pool metadata as bytes, to be damaged by hand. Offsets are spelled out here once more, so that a
/// wrong layout in the code is not confirmed by itself.
final class MetadataImage {
  static final int BLOCK = 4096;

  /// Fields of the superblock.
  static final int FLAGS = 0x004;

  static final int MAGIC = 0x020;
  static final int VERSION = 0x028;
  static final int TIME = 0x02c;
  static final int HELD_ROOT = 0x038;
  static final int DATA_MAP = 0x040;
  static final int METADATA_MAP = 0x0c0;
  static final int MAPPING_ROOT = 0x140;
  static final int DETAILS_ROOT = 0x148;
  static final int DATA_BLOCK_SIZE = 0x150;
  static final int METADATA_BLOCK_SIZE = 0x154;
  static final int COMPAT_RO_FLAGS = 0x164;
  static final int INCOMPAT_FLAGS = 0x168;

  /// Fields of a space-map root.
  static final int NR_BLOCKS = 0;

  static final int NR_ALLOCATED = 8;
  static final int BITMAP_ROOT = 16;
  static final int REF_COUNT_ROOT = 24;

  /// Fields of a node.
  static final int NR_ENTRIES = 16;

  static final int MAX_ENTRIES = 20;
  static final int KEYS = 32;

  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;

  private MetadataImage(MemorySegment bytes) {
    this.bytes = bytes;
  }

  static MetadataImage of(BlockDevice device) throws IOException {
    var bytes = MemorySegment.ofArray(new byte[(int) device.sizeBytes()]);
    device.read(0, bytes);
    return new MetadataImage(bytes);
  }

  static MetadataImage of(Path file) throws IOException {
    return new MetadataImage(MemorySegment.ofArray(Files.readAllBytes(file)));
  }

  MetadataImage copy() {
    return new MetadataImage(MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE)));
  }

  void save(Path file) throws IOException {
    Files.write(file, bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  /// The image on a device of its own.
  BlockDevice device() throws IOException {
    var device = new MemoryDevice(bytes.byteSize());
    device.write(0, bytes);
    return device;
  }

  long blocks() {
    return bytes.byteSize() / BLOCK;
  }

  MemorySegment block(long block) {
    return bytes.asSlice(block * BLOCK, BLOCK);
  }

  int u32(long block, long offset) {
    return bytes.get(U32, block * BLOCK + offset);
  }

  long u64(long block, long offset) {
    return bytes.get(U64, block * BLOCK + offset);
  }

  void setU32(long block, long offset, int value) {
    var kind = BlockChecksum.kindOf(block(block));
    bytes.set(U32, block * BLOCK + offset, value);
    seal(block, kind);
  }

  void setU64(long block, long offset, long value) {
    var kind = BlockChecksum.kindOf(block(block));
    bytes.set(U64, block * BLOCK + offset, value);
    seal(block, kind);
  }

  /// Fills bytes of a block and makes its checksum right again.
  void fill(long block, long offset, long length, byte value) {
    var kind = BlockChecksum.kindOf(block(block));
    bytes.asSlice(block * BLOCK + offset, length).fill(value);
    seal(block, kind);
  }

  private void seal(long block, BlockKind kind) {
    BlockChecksum.seal(block(block), block, kind);
  }

  /// Where the value of an entry of a node begins.
  long value(long node, int index, int valueBytes) {
    return KEYS + 8L * u32(node, MAX_ENTRIES) + (long) index * valueBytes;
  }

  long key(int index) {
    return KEYS + 8L * index;
  }

  /// The node that holds the first keys of a tree.
  long firstLeaf(long root) {
    long node = root;
    while (u32(node, FLAGS) == 1) {
      node = u64(node, value(node, 0, 8));
    }
    return node;
  }

  /// The index of the entry with that key in a leaf.
  int find(long leaf, long key) {
    for (int i = 0; i < u32(leaf, NR_ENTRIES); i++) {
      if (u64(leaf, key(i)) == key) {
        return i;
      }
    }
    throw new AssertionError("leaf " + leaf + " has no key " + key);
  }

  /// The root of a device whose entry is in the first leaf of the top-level tree.
  long rootOf(int device) {
    long leaf = firstLeaf(u64(0, MAPPING_ROOT));
    return u64(leaf, value(leaf, find(leaf, device), 8));
  }

  /// The two-bit count of a block in a bitmap, its high bit at the lower position.
  void setCount(long bitmap, int entry, int count) {
    long offset = 16 + entry / 32 * 8L;
    int shift = entry % 32 * 2;
    long swapped = (count >> 1) | ((count & 1) << 1);
    setU64(bitmap, offset, (u64(bitmap, offset) & ~(3L << shift)) | (swapped << shift));
  }

  /// The first bitmap of the data space map.
  long dataBitmap() {
    long leaf = firstLeaf(u64(0, DATA_MAP + BITMAP_ROOT));
    return u64(leaf, value(leaf, 0, 16));
  }

  /// The first bitmap of the metadata space map.
  long metadataBitmap() {
    return u64(u64(0, METADATA_MAP + BITMAP_ROOT), 16);
  }
}
