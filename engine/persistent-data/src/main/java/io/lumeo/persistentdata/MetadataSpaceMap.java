package io.lumeo.persistentdata;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The reference counts of the metadata blocks themselves.
///
/// A space map that lives in the space it manages could call itself without end: to count a block,
/// change a bitmap; to change a bitmap, shadow it; to shadow it, count a block. The kernel queues
/// operations while it recurses. Here all counts are in memory, one byte per block (4 MiB at the
/// largest possible size), and the bitmaps are only made from them when the transaction is sealed.
/// Counts of three and more are kept in the overflow tree as they change; its nodes are never
/// shared, so keeping them never makes another such count.
final class MetadataSpaceMap {
  private static final int ENTRIES = Bitmap.ENTRIES;

  /// The bits of [#counts] that are the count: 0, 1, 2, or 3 for what [#overflow] knows better.
  private static final int COUNT = 3;

  /// The bits that say that the block has lost a reference and has others, in the running and in
  /// the sealed transaction: the last commit may still share it. They are in one byte with the
  /// count, so that who reads the lower count without a lock cannot miss the mark.
  private static final int WAS_SHARED = 4;

  private static final int SEALED_WAS_SHARED = 8;

  private final TransactionManager transaction;
  private final OverflowTree overflowTree;

  /// One byte per block: the count and the marks.
  private volatile byte[] counts;

  private final Map<Long, Integer> overflow = new ConcurrentHashMap<>();

  private long indexBlock;
  private IndexEntry[] index;

  /// Blocks in each bitmap with a count of zero.
  private int[] zeroes;

  private long allocatedCount;

  /// Blocks with a count of two and more.
  private long sharedCount;

  /// The bitmaps that differ from what is on the device.
  private final BitSet changed = new BitSet();

  /// Blocks whose count fell to zero in the running and in the sealed transaction: the last commit
  /// still refers to them.
  private BitSet freed = new BitSet();

  private BitSet sealedFreed = new BitSet();

  /// The blocks that are marked [#WAS_SHARED] and [#SEALED_WAS_SHARED].
  private BitSet wasShared = new BitSet();

  private BitSet sealedWasShared = new BitSet();
  private int heldCount;
  private int sealedHeldCount;
  private int cursor;

  MetadataSpaceMap(TransactionManager transaction, long blockCount) {
    this.transaction = transaction;
    this.overflowTree = new OverflowTree(transaction, "metadata");
    this.counts = new byte[(int) blockCount];
    this.index = newIndex(blockCount);
    this.zeroes = zeroes(0, blockCount);
  }

  private static IndexEntry[] newIndex(long blockCount) {
    var index = new IndexEntry[(int) Math.ceilDiv(blockCount, ENTRIES)];
    Arrays.fill(index, new IndexEntry(0, ENTRIES, 0));
    return index;
  }

  /// The number of blocks in each bitmap that lie in `[begin, end)`.
  private static int[] zeroes(long begin, long end) {
    var zeroes = new int[(int) Math.ceilDiv(end, ENTRIES)];
    for (int bitmap = 0; bitmap < zeroes.length; bitmap++) {
      long first = Math.max(begin, (long) bitmap * ENTRIES);
      long last = Math.min(end, (bitmap + 1L) * ENTRIES);
      zeroes[bitmap] = (int) Math.max(0, last - first);
    }
    return zeroes;
  }

  /// Begins with nothing in use but the superblock.
  void create() throws IOException {
    changed.set(0, index.length);
    take(0);
    cursor = 1;
    overflowTree.create();
  }

  /// Reads the counts that the last commit left.
  void load(SpaceMapRoot root) throws IOException {
    var counts = this.counts;
    indexBlock = root.bitmapRoot();
    overflowTree.open(root.refCountRoot());
    var indexBytes = transaction.readOnce(indexBlock, BlockKind.INDEX);
    for (int bitmap = 0; bitmap < index.length; bitmap++) {
      index[bitmap] =
          IndexEntry.read(MemorySegment.ofArray(indexBytes), IndexEntry.offsetInBlock(bitmap));
      Bitmap.unpack(
          transaction.readOnce(index[bitmap].block(), BlockKind.BITMAP), counts, bitmap * ENTRIES);
    }
    overflowTree.forEach(counts.length, overflow::put);
    for (int block = 0; block < counts.length; block++) {
      if (counts[block] != 0) {
        zeroes[block / ENTRIES]--;
        allocatedCount++;
        if (counts[block] > 1) {
          sharedCount++;
        }
        if (counts[block] == Bitmap.OVERFLOW && !overflow.containsKey((long) block)) {
          throw new StorageException.Damaged(
              "the count of metadata block %d is not in the overflow tree; repair the metadata"
                  .formatted(block));
        }
      }
    }
    overflow.keySet().removeIf(block -> counts[block.intValue()] != Bitmap.OVERFLOW);
  }

  long blockCount() {
    return counts.length;
  }

  long freeCount() {
    return counts.length - allocatedCount;
  }

  long allocatableCount() {
    return freeCount() - heldCount - sealedHeldCount;
  }

  /// How many blocks have more than one pointer to them.
  long sharedCount() {
    return sharedCount;
  }

  boolean isChanged() {
    return !changed.isEmpty();
  }

  int count(long block) {
    var counts = this.counts;
    if (block < 0 || block >= counts.length) {
      return 0;
    }
    int count = counts[(int) block] & COUNT;
    return count < Bitmap.OVERFLOW ? count : overflow.getOrDefault(block, Bitmap.OVERFLOW);
  }

  boolean isSharedOrWas(long block) {
    var counts = this.counts;
    // A count of two or three, or a mark.
    return block >= 0 && block < counts.length && counts[(int) block] > 1;
  }

  /// Whether the block has a count of one and no mark.
  boolean isOwn(long block) {
    return counts[(int) block] == 1;
  }

  void markWasShared(long block) {
    if (block > 0 && block < counts.length) {
      counts[(int) block] |= WAS_SHARED;
      wasShared.set((int) block);
    }
  }

  void forgetWasShared(long block) {
    counts[(int) block] &= ~WAS_SHARED;
    wasShared.clear((int) block);
  }

  /// A free block, with a count of one from now on.
  long allocate() throws StorageException {
    if (allocatableCount() > 0) {
      var counts = this.counts;
      for (int pass = 0; pass < 2; pass++) {
        for (; cursor < counts.length; cursor++) {
          if (zeroes[cursor / ENTRIES] == 0) {
            cursor += ENTRIES - 1 - cursor % ENTRIES;
          } else if ((counts[cursor] & COUNT) == 0
              && !freed.get(cursor)
              && !sealedFreed.get(cursor)) {
            take(cursor);
            return cursor++;
          }
        }
        cursor = 0;
      }
    }
    throw new StorageException.OutOfSpace(
        freeCount() == 0
            ? "all %d metadata blocks are in use; extend the metadata".formatted(blockCount())
            : "all %d free metadata blocks were freed since the last commit; commit, or extend the metadata"
                .formatted(freeCount()));
  }

  private void take(int block) {
    counts[block] = 1;
    zeroes[block / ENTRIES]--;
    allocatedCount++;
    changed.set(block / ENTRIES);
  }

  void increment(long block) throws IOException {
    int count = requireUsed(block) + 1;
    if (count == 2) {
      sharedCount++;
    }
    setCount(block, Math.min(count, Bitmap.OVERFLOW), 0);
    changed.set((int) block / ENTRIES);
    if (count >= Bitmap.OVERFLOW) {
      overflow.put(block, count);
      if (count == Bitmap.OVERFLOW) {
        overflowTree.add(block);
      } else {
        overflowTree.increment(block);
      }
    }
  }

  /// Returns whether that was the last reference.
  boolean decrement(long block) throws IOException {
    int count = requireUsed(block) - 1;
    if (count > 0) {
      wasShared.set((int) block);
    }
    if (count == 1) {
      sharedCount--;
    }
    setCount(block, Math.min(count, Bitmap.OVERFLOW), count > 0 ? WAS_SHARED : 0);
    if (count >= Bitmap.OVERFLOW) {
      overflow.put(block, count);
      overflowTree.decrement(block);
      return false;
    }
    changed.set((int) block / ENTRIES);
    if (count == Bitmap.OVERFLOW - 1) {
      overflow.remove(block);
      overflowTree.decrement(block);
    } else if (count == 0) {
      zeroes[(int) block / ENTRIES]++;
      allocatedCount--;
      freed.set((int) block);
      heldCount++;
    }
    return count == 0;
  }

  private void setCount(long block, int count, int mark) {
    counts[(int) block] = (byte) ((counts[(int) block] & ~COUNT) | mark | count);
  }

  private int requireUsed(long block) throws StorageException {
    int count = count(block);
    if (count == 0) {
      throw new StorageException.Damaged(
          "metadata block %d is referred to but not counted; check the metadata".formatted(block));
    }
    return count;
  }

  /// The blocks that counting so many pointers up and down takes at worst, wherever they lead.
  long blocksToCount(long up, long down) {
    return overflowTree.blocksToCount(up, down, counts.length);
  }

  /// The blocks that [#seal] takes at worst: every bitmap moves, and the index.
  long blocksToSeal() {
    return index.length + 1L;
  }

  /// Adds free blocks at the end. The bitmaps for them are made when the transaction is sealed.
  void extend(long newBlockCount) {
    long oldBlockCount = counts.length;
    var added = zeroes(oldBlockCount, newBlockCount);
    for (int bitmap = 0; bitmap < zeroes.length; bitmap++) {
      added[bitmap] += zeroes[bitmap];
    }
    var newIndex = newIndex(newBlockCount);
    System.arraycopy(index, 0, newIndex, 0, index.length);
    changed.set(index.length, newIndex.length);
    if (newBlockCount > oldBlockCount) {
      // A last bitmap written by old tools may say it has no free entries past the end.
      changed.set((int) ((oldBlockCount - 1) / ENTRIES));
    }
    zeroes = added;
    index = newIndex;
    counts = Arrays.copyOf(counts, (int) newBlockCount);
  }

  /// Moves every changed bitmap, and the index, to new blocks and fills them. Allocating for one
  /// bitmap may change another, which then moves as well, until none is left: each at most once.
  SpaceMapRoot seal() throws IOException {
    if (isChanged()) {
      long newIndexBlock = moved(indexBlock);
      var moved = new BitSet();
      for (int bitmap; (bitmap = firstMissing(moved)) >= 0; ) {
        moved.set(bitmap);
        index[bitmap] = new IndexEntry(moved(index[bitmap].block()), 0, 0);
      }
      moved.stream().forEach(this::writeBitmap);
      writeIndex(newIndexBlock);
      changed.clear();
    }
    sealedFreed = freed;
    sealedHeldCount = heldCount;
    sealMarks();
    freed = new BitSet();
    heldCount = 0;
    return new SpaceMapRoot(counts.length, allocatedCount, indexBlock, overflowTree.root());
  }

  private void sealMarks() {
    var counts = this.counts;
    for (int i = wasShared.nextSetBit(0); i >= 0; i = wasShared.nextSetBit(i + 1)) {
      counts[i] = (byte) ((counts[i] & ~WAS_SHARED) | SEALED_WAS_SHARED);
    }
    sealedWasShared = wasShared;
    wasShared = new BitSet();
  }

  /// A changed bitmap that is not in `moved`; -1 if there is none.
  private int firstMissing(BitSet moved) {
    var missing = (BitSet) changed.clone();
    missing.andNot(moved);
    return missing.nextSetBit(0);
  }

  /// A new place for what was in `block`, which is freed; 0 stands for what had no place yet.
  private long moved(long block) throws IOException {
    long place = allocate();
    if (block != 0) {
      transaction.decrement(block);
    }
    return place;
  }

  private void writeBitmap(int bitmap) {
    long block = index[bitmap].block();
    var bytes = transaction.newFrame(block, BlockKind.BITMAP).bytes();
    Bitmap.pack(bytes, counts, bitmap * ENTRIES);
    int firstZero = Bitmap.findZero(bytes, 0, ENTRIES, List.of());
    index[bitmap] =
        new IndexEntry(block, Bitmap.zeroCount(bytes), firstZero < 0 ? ENTRIES : firstZero);
  }

  private void writeIndex(long block) {
    var bytes = transaction.newFrame(block, BlockKind.INDEX).segment();
    for (int bitmap = 0; bitmap < index.length; bitmap++) {
      index[bitmap].write(bytes, IndexEntry.offsetInBlock(bitmap));
    }
    indexBlock = block;
  }

  /// The sealed transaction is durable: nothing refers to what it freed.
  void complete() {
    sealedFreed = new BitSet();
    sealedHeldCount = 0;
    for (int i = sealedWasShared.nextSetBit(0); i >= 0; i = sealedWasShared.nextSetBit(i + 1)) {
      counts[i] &= ~SEALED_WAS_SHARED;
    }
    sealedWasShared = new BitSet();
  }
}
