package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The reference counts of a space map as they are on the device, read with suspicion: everything
/// that is wrong with how they are kept is told, and what can be read is. For checkers; whoever
/// only wants to use a space map opens it.
///
/// Two habits of old tools are no problem: an index entry that counts the free entries of the last
/// bitmap only as far as there are blocks, and a number of allocated metadata blocks that is one
/// too high (both thin-provisioning-tools 0.9.0).
public final class StoredCounts {
  /// What [#count] answers where the bitmap or the overflow tree could not be read.
  public static final int UNKNOWN = -1;

  /// How many blocks one metadata block can count.
  public static final int BLOCKS_PER_BITMAP = Bitmap.ENTRIES;

  private static final int ENTRIES = Bitmap.ENTRIES;

  /// Hears what is found.
  public interface Listener {
    /// The space map refers to a metadata block for its own use.
    void pointer(long block);

    /// Something is wrong; one line.
    void problem(String problem);
  }

  private final TransactionManager transaction;
  private final String name;
  private final long blockCount;
  private final Listener listener;
  private final long[] bitmaps;
  private final Map<Long, Integer> overflow = new TreeMap<>();
  private boolean isOverflowWhole = true;
  private long allocated;
  private boolean isWhole = true;

  private StoredCounts(
      TransactionManager transaction, String name, long blockCount, Listener listener) {
    this.transaction = transaction;
    this.name = name;
    this.blockCount = blockCount;
    this.listener = listener;
    this.bitmaps = new long[(int) Math.ceilDiv(blockCount, ENTRIES)];
  }

  /// Reads the metadata space map.
  ///
  /// @param transaction needs to know [no counts][TransactionManager#openUncounted]
  public static StoredCounts ofMetadata(
      TransactionManager transaction, SpaceMapRoot root, Listener listener) throws IOException {
    var counts = new StoredCounts(transaction, "metadata", transaction.blockCount(), listener);
    counts.readOverflow(root.refCountRoot());
    counts.readIndexBlock(root.bitmapRoot());
    counts.compareAllocated(root.allocatedCount(), 1);
    return counts;
  }

  /// Reads a data space map.
  ///
  /// @param root claims no more blocks than the metadata can count
  public static StoredCounts ofData(
      TransactionManager transaction, SpaceMapRoot root, Listener listener) throws IOException {
    var counts = new StoredCounts(transaction, "data", root.blockCount(), listener);
    counts.readOverflow(root.refCountRoot());
    counts.readIndexTree(root.bitmapRoot());
    counts.compareAllocated(root.allocatedCount(), 0);
    return counts;
  }

  public long blockCount() {
    return blockCount;
  }

  /// How many pointers to the block are counted, or [#UNKNOWN].
  public int count(long block) throws IOException {
    int bitmap = (int) (block / ENTRIES);
    if (bitmaps[bitmap] == 0) {
      return UNKNOWN;
    }
    int count =
        Bitmap.get(transaction.bytes(bitmaps[bitmap], BlockKind.BITMAP), (int) (block % ENTRIES));
    return count < Bitmap.OVERFLOW ? count : overflow.getOrDefault(block, UNKNOWN);
  }

  /// The blocks with a count above zero, as far as bitmaps could be read.
  public long allocatedCount() {
    return allocated;
  }

  private void readOverflow(long root) throws IOException {
    var tree = new BTree(transaction, ValueType.plain(Integer.BYTES));
    listener.pointer(root);
    tree.walk(
        root,
        new TreeReader() {
          @Override
          void entry(long key, MemorySegment leaf, long offset) {
            int count = leaf.get(LittleEndian.U32, offset);
            if (key >= blockCount) {
              listener.problem(
                  "the %s space map counts block %d, and there are only %d"
                      .formatted(name, key, blockCount));
            } else if (count < Bitmap.OVERFLOW) {
              listener.problem(
                  "the overflow tree of the %s space map counts block %d only %d times"
                      .formatted(name, key, count));
            }
            overflow.put(key, count);
          }

          @Override
          void lost() {
            isOverflowWhole = false;
          }
        });
  }

  private void readIndexBlock(long block) throws IOException {
    listener.pointer(block);
    MemorySegment index;
    try {
      index = transaction.read(block, BlockKind.INDEX);
    } catch (IOException e) {
      isWhole = false;
      listener.problem(String.valueOf(e.getMessage()));
      return;
    }
    for (int bitmap = 0; bitmap < bitmaps.length; bitmap++) {
      readBitmap(bitmap, IndexEntry.read(index, IndexEntry.offsetInBlock(bitmap)));
    }
  }

  private void readIndexTree(long root) throws IOException {
    var found = new boolean[bitmaps.length];
    listener.pointer(root);
    new BTree(transaction, ValueType.plain(IndexEntry.BYTES))
        .walk(
            root,
            new TreeReader() {
              @Override
              void entry(long key, MemorySegment leaf, long offset) throws IOException {
                if (key >= bitmaps.length) {
                  listener.problem(
                      "the data space map has a bitmap %d, and needs only %d"
                          .formatted(key, bitmaps.length));
                } else {
                  found[(int) key] = true;
                  readBitmap((int) key, IndexEntry.read(leaf, offset));
                }
              }

              @Override
              void lost() {
                isWhole = false;
              }
            });
    for (int bitmap = 0; bitmap < found.length; bitmap++) {
      if (!found[bitmap]) {
        isWhole = false;
        listener.problem("the data space map has no bitmap %d".formatted(bitmap));
      }
    }
  }

  private void readBitmap(int bitmap, IndexEntry entry) {
    listener.pointer(entry.block());
    byte[] bytes;
    try {
      bytes = transaction.bytes(entry.block(), BlockKind.BITMAP);
    } catch (IOException e) {
      isWhole = false;
      listener.problem(String.valueOf(e.getMessage()));
      return;
    }
    bitmaps[bitmap] = entry.block();
    int entries = (int) Math.min(ENTRIES, blockCount - (long) bitmap * ENTRIES);
    int zeroes = Bitmap.zeroCount(bytes);
    int stray = 0;
    for (int i = entries; i < ENTRIES; i++) {
      stray += Bitmap.get(bytes, i) == 0 ? 0 : 1;
    }
    if (stray > 0) {
      listener.problem(
          "bitmap %d of the %s space map counts %d blocks beyond the last one"
              .formatted(bitmap, name, stray));
    }
    int freeBlocks = zeroes - (ENTRIES - entries) + stray;
    if (entry.freeCount() != zeroes && entry.freeCount() != freeBlocks) {
      listener.problem(
          "the index of the %s space map says %d entries of bitmap %d are free, and %d are"
              .formatted(name, entry.freeCount(), bitmap, zeroes));
    }
    int firstFree = Bitmap.findZero(bytes, 0, entries, List.of());
    if (firstFree >= 0 && entry.noneFreeBefore() > firstFree) {
      listener.problem(
          "the index of the %s space map says nothing is free in bitmap %d before entry %d, and %d is"
              .formatted(name, bitmap, entry.noneFreeBefore(), firstFree));
    }
    allocated += entries - freeBlocks;
    compareOverflow(bytes, (long) bitmap * ENTRIES, entries);
  }

  /// An entry of the bitmap sends the reader to the overflow tree exactly when there is one.
  private void compareOverflow(byte[] bytes, long begin, int entries) {
    for (int i = 0; i < entries; i++) {
      boolean sent = Bitmap.get(bytes, i) == Bitmap.OVERFLOW;
      boolean there = overflow.containsKey(begin + i);
      if (sent && !there && isOverflowWhole) {
        listener.problem(
            "the count of %s block %d is not in the overflow tree".formatted(name, begin + i));
      } else if (!sent && there) {
        listener.problem(
            "%s block %d has a count of %d and another in the overflow tree"
                .formatted(name, begin + i, Bitmap.get(bytes, i)));
      }
    }
  }

  private void compareAllocated(long recorded, long tolerance) {
    if (isWhole && (recorded < allocated || recorded > allocated + tolerance)) {
      listener.problem(
          "the %s space map says %d blocks are allocated, and %d are"
              .formatted(name, recorded, allocated));
    }
  }

  /// Reads one of the space map's own trees, which nobody shares.
  private abstract class TreeReader implements NodeVisitor {
    abstract void entry(long key, MemorySegment leaf, long offset) throws IOException;

    /// Part of the tree could not be read.
    abstract void lost();

    @Override
    public boolean visit(NodeView node, int depth) throws IOException {
      if (depth > 0 && node.isUnderfull()) {
        listener.problem(
            "node %d has only %d of %d entries"
                .formatted(node.block(), node.entryCount(), node.maxEntries()));
      }
      for (int i = 0; i < node.entryCount(); i++) {
        if (node.isLeaf()) {
          entry(node.key(i), node.segment(), node.valueOffset(i));
        } else {
          listener.pointer(node.child(i));
        }
      }
      return true;
    }

    @Override
    public void damaged(long block, long keyBegin, long keyEnd, IOException why) {
      lost();
      listener.problem(String.valueOf(why.getMessage()));
    }
  }
}
