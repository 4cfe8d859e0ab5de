package io.lumeo.persistentdata;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reference counts of blocks outside of the metadata, of a pool's data blocks: bitmaps found by a
/// B-tree of [index entries][IndexEntry], and a B-tree for counts of three and more.
///
/// The index entries are kept in memory, 16 bytes for every 16,320 blocks, and written to the tree
/// by [#commit].
///
/// **Threads.** As [TransactionManager]: one thread changes; [#count] may be called by any, and one
/// that races with a change of the same block may see the count before, after, or an exception.
public final class DiskSpaceMap {
  private static final int ENTRIES = Bitmap.ENTRIES;
  private static final TreeCost INDEX_COST = TreeCost.ofValues(IndexEntry.BYTES);
  private static final int MAX_BITMAPS = Integer.MAX_VALUE - 8;
  private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(long[].class);

  private final TransactionManager transaction;
  private final BTree indexTree;
  private final OverflowTree overflow;
  private final MemorySegment indexEntry = MemorySegment.ofArray(new byte[IndexEntry.BYTES]);

  private long indexRoot;
  private volatile long blockCount;
  private long freeCount;

  /// The index: where each bitmap is, how many of its entries are zero (the whole bitmap's, as on
  /// disk), and how many at its start are not.
  private volatile long[] bitmaps = {};

  private int[] zeroes = {};
  private int[] noneFreeBefore = {};
  private final BitSet changed = new BitSet();

  /// The bitmap that was changed last in this transaction; the next change often is of the same.
  private @Nullable Frame lastShadow;

  /// What was freed since the last seal, and what sealed transactions freed that is not released.
  private FreedBlocks freed = new FreedBlocks();

  private final List<FreedBlocks> sealedFreed = new ArrayList<>();

  /// Blocks that lost a reference and have others, since the last seal and in the sealed
  /// transaction: the last commit may still share them.
  private volatile FreedBlocks dropped = new FreedBlocks();

  private volatile FreedBlocks sealedDropped = new FreedBlocks();

  /// What was [set aside][#reserve]: free on disk, not to be found by the search.
  private final FreedBlocks reserved = new FreedBlocks();

  private long cursor;

  private DiskSpaceMap(TransactionManager transaction) {
    this.transaction = transaction;
    this.indexTree = new BTree(transaction, ValueType.plain(IndexEntry.BYTES));
    this.overflow = new OverflowTree(transaction, "data");
  }

  /// A new space map of `blockCount` free blocks.
  public static DiskSpaceMap create(TransactionManager transaction, long blockCount)
      throws IOException {
    var map = new DiskSpaceMap(transaction);
    map.indexRoot = map.indexTree.createEmpty();
    map.overflow.create();
    map.extend(blockCount);
    return map;
  }

  /// Opens the space map at `root`, as the superblock says.
  ///
  /// @throws StorageException.Damaged if its index cannot be read or misses a bitmap
  public static DiskSpaceMap open(TransactionManager transaction, SpaceMapRoot root)
      throws IOException {
    var map = new DiskSpaceMap(transaction);
    try {
      map.load(root);
    } catch (StorageException.Damaged e) {
      throw new StorageException.Damaged(
          "the data space map cannot be read: %s".formatted(e.getMessage()), e);
    }
    return map;
  }

  private void load(SpaceMapRoot root) throws IOException {
    indexRoot = root.bitmapRoot();
    overflow.open(root.refCountRoot());
    // Every bitmap takes a metadata block, so a number that is damaged is not believed.
    if (root.blockCount() < 0
        || Math.ceilDiv(root.blockCount(), ENTRIES) > transaction.blockCount()) {
      throw new StorageException.Damaged(
          "it claims %d blocks; repair the metadata".formatted(root.blockCount()));
    }
    blockCount = root.blockCount();
    int bitmapCount = bitmapCount(blockCount);
    growIndex(bitmapCount);
    int[] found = {0};
    indexTree.forEach(
        indexRoot,
        0,
        bitmapCount,
        (bitmap, node, offset) -> {
          var entry = IndexEntry.read(node, offset);
          bitmaps[(int) bitmap] = entry.block();
          zeroes[(int) bitmap] = Math.clamp(entry.freeCount(), 0, ENTRIES);
          noneFreeBefore[(int) bitmap] = Math.clamp(entry.noneFreeBefore(), 0, ENTRIES);
          found[0]++;
          return true;
        });
    if (found[0] != bitmapCount) {
      throw new StorageException.Damaged(
          "it has %d of its %d bitmaps; repair the metadata".formatted(found[0], bitmapCount));
    }
    if (bitmapCount > 0) {
      // Old tools write a last bitmap's number of free entries only as far as there are blocks.
      recount(bitmapCount - 1);
    }
    sumFree();
  }

  private static int bitmapCount(long blockCount) {
    return (int) Math.ceilDiv(blockCount, ENTRIES);
  }

  private void growIndex(int bitmapCount) {
    zeroes = Arrays.copyOf(zeroes, bitmapCount);
    noneFreeBefore = Arrays.copyOf(noneFreeBefore, bitmapCount);
    bitmaps = Arrays.copyOf(bitmaps, bitmapCount);
  }

  /// Sets a bitmap's index entry to what the bitmap says.
  private void recount(int bitmap) throws IOException {
    var bytes = transaction.bytes(bitmaps[bitmap], BlockKind.BITMAP);
    int firstZero = Bitmap.findZero(bytes, 0, ENTRIES, List.of());
    zeroes[bitmap] = Bitmap.zeroCount(bytes);
    noneFreeBefore[bitmap] = firstZero < 0 ? ENTRIES : firstZero;
  }

  private void sumFree() {
    freeCount = 0;
    for (int bitmap = 0; bitmap < zeroes.length; bitmap++) {
      freeCount += freeIn(bitmap);
    }
  }

  /// The blocks of a bitmap with a count of zero.
  private int freeIn(int bitmap) {
    return zeroes[bitmap] - (ENTRIES - entriesOf(bitmap));
  }

  /// The entries of a bitmap that stand for a block.
  private int entriesOf(int bitmap) {
    return (int) Math.min(ENTRIES, blockCount - (long) bitmap * ENTRIES);
  }

  public long blockCount() {
    return blockCount;
  }

  /// The blocks with a count above zero.
  public long allocatedCount() {
    return blockCount - freeCount;
  }

  /// The blocks with a count of zero, also those that may not be allocated yet.
  public long freeCount() {
    return freeCount;
  }

  /// How many pointers to a block are counted.
  public int count(long block) throws IOException {
    requireExisting(block, block + 1);
    var bytes = transaction.bytes(bitmaps[(int) (block / ENTRIES)], BlockKind.BITMAP);
    int count = Bitmap.get(bytes, (int) (block % ENTRIES));
    return count < Bitmap.OVERFLOW ? count : overflow.count(block);
  }

  /// Whether more than one pointer to a block exists, or did in the last durable commit: what is
  /// written to it may be seen through another pointer, now or after a crash.
  ///
  /// May be asked by any thread: it looks at two bits of a bitmap and at no tree.
  public boolean isSharedOrWas(long block) throws IOException {
    requireExisting(block, block + 1);
    int bitmap = (int) (block / ENTRIES);
    int entry = (int) (block % ENTRIES);
    if (storedCount(bitmap, entry) > 1) {
      return true;
    }
    // Pairs with the fence in decrement: who sees the lower count sees the mark as well.
    VarHandle.acquireFence();
    // In this order: a transaction is sealed in the opposite one.
    return dropped.contains(bitmap, entry) || sealedDropped.contains(bitmap, entry);
  }

  /// What the bitmap says of an entry, while others may change it. A bitmap that was shadowed since
  /// its place was looked up may be gone from there, so what was read only counts, be it an error,
  /// if the bitmap is there still.
  private int storedCount(int bitmap, int entry) throws IOException {
    while (true) {
      long place = (long) PLACE.getAcquire(bitmaps, bitmap);
      try {
        int count = Bitmap.get(transaction.bytes(place, BlockKind.BITMAP), entry);
        if ((long) PLACE.getAcquire(bitmaps, bitmap) == place) {
          return count;
        }
      } catch (StorageException.Damaged e) {
        if ((long) PLACE.getAcquire(bitmaps, bitmap) == place) {
          throw e;
        }
      }
    }
  }

  private void requireExisting(long begin, long end) throws StorageException {
    if (begin < 0 || end > blockCount || begin > end) {
      throw new StorageException.Damaged(
          "data blocks %d to %d are referred to, but there are only %d; check the metadata"
              .formatted(begin, end - 1, blockCount));
    }
  }

  /// Counts one more pointer to each of the blocks `[begin, end)`, free or not.
  public void increment(long begin, long end) throws IOException {
    requireExisting(begin, end);
    for (long from = begin, to; from < end; from = to) {
      int bitmap = (int) (from / ENTRIES);
      to = Math.min(end, (bitmap + 1L) * ENTRIES);
      var bytes = shadow(bitmap);
      for (long block = from; block < to; block++) {
        increment(bytes, bitmap, (int) (block % ENTRIES));
      }
    }
  }

  private byte[] shadow(int bitmap) throws IOException {
    var last = lastShadow;
    if (last != null && last.block() == bitmaps[bitmap] && transaction.isOwn(last)) {
      return last.bytes();
    }
    var frame = transaction.shadow(bitmaps[bitmap], BlockKind.BITMAP);
    PLACE.setRelease(bitmaps, bitmap, frame.block());
    changed.set(bitmap);
    lastShadow = frame;
    return frame.bytes();
  }

  private void increment(byte[] bytes, int bitmap, int entry) throws IOException {
    long block = (long) bitmap * ENTRIES + entry;
    int count = Bitmap.get(bytes, entry);
    switch (count) {
      case 0 -> {
        freed.removeIfPresent(bitmap, entry);
        take(bytes, bitmap, entry);
      }
      case 1 -> Bitmap.set(bytes, entry, 2);
      case 2 -> {
        overflow.add(block);
        Bitmap.set(bytes, entry, Bitmap.OVERFLOW);
      }
      default -> overflow.increment(block);
    }
  }

  private void take(byte[] bytes, int bitmap, int entry) {
    Bitmap.set(bytes, entry, 1);
    zeroes[bitmap]--;
    freeCount--;
    if (noneFreeBefore[bitmap] == entry) {
      noneFreeBefore[bitmap]++;
    }
  }

  /// Counts one pointer less to each of the blocks `[begin, end)`.
  ///
  /// @throws StorageException.Damaged if one of them has a count of zero
  public void decrement(long begin, long end) throws IOException {
    requireExisting(begin, end);
    for (long from = begin, to; from < end; from = to) {
      int bitmap = (int) (from / ENTRIES);
      to = Math.min(end, (bitmap + 1L) * ENTRIES);
      var bytes = shadow(bitmap);
      for (long block = from; block < to; block++) {
        decrement(bytes, bitmap, (int) (block % ENTRIES));
      }
    }
  }

  private void decrement(byte[] bytes, int bitmap, int entry) throws IOException {
    long block = (long) bitmap * ENTRIES + entry;
    switch (Bitmap.get(bytes, entry)) {
      case 0 ->
          throw new StorageException.Damaged(
              "data block %d is referred to but not counted; check the metadata".formatted(block));
      case 1 -> {
        Bitmap.set(bytes, entry, 0);
        zeroes[bitmap]++;
        freeCount++;
        noneFreeBefore[bitmap] = Math.min(noneFreeBefore[bitmap], entry);
        freed.add(bitmap, entry);
      }
      case 2 -> {
        markWasShared(bitmap, entry);
        Bitmap.set(bytes, entry, 1);
      }
      default -> {
        markWasShared(bitmap, entry);
        int count = overflow.decrement(block);
        if (count < Bitmap.OVERFLOW) {
          Bitmap.set(bytes, entry, count);
        }
      }
    }
  }

  /// Notes that in the last durable commit the blocks `[begin, end)` could be reached in another
  /// way too.
  public void markWereShared(long begin, long end) {
    for (long block = begin; block < end; block++) {
      markWasShared((int) (block / ENTRIES), (int) (block % ENTRIES));
    }
  }

  private void markWasShared(int bitmap, int entry) {
    dropped.add(bitmap, entry);
    VarHandle.releaseFence();
  }

  /// A free block, with a count of one from now on; the search goes on where the last one ended.
  /// Returns -1 if nothing can be allocated now: what was freed and is not [released][#release], or
  /// is [reserved][#reserve], does not count.
  public long allocate() throws IOException {
    long block = reserve();
    if (block >= 0) {
      take(block);
    }
    return block;
  }

  /// Sets a free block aside, so that it can be filled before it is referred to: its count stays
  /// zero, also on disk, but nobody else gets it until it is [taken][#take] or [given
  /// back][#cancelReservation]. Returns -1 if nothing can be allocated now.
  public long reserve() throws IOException {
    if (allocatableCount() <= 0) {
      return -1;
    }
    long block = search();
    if (block < 0) {
      // Blocks are free but not found: index entries that somebody else wrote are wrong. Free
      // blocks can be fewer than was thought, but none may stay hidden.
      for (int bitmap = 0; bitmap < zeroes.length; bitmap++) {
        recount(bitmap);
      }
      sumFree();
      block = search();
    }
    if (block >= 0) {
      reserved.add((int) (block / ENTRIES), (int) (block % ENTRIES));
    }
    return block;
  }

  /// Counts the first pointer to a reserved block.
  public void take(long block) throws IOException {
    int bitmap = (int) (block / ENTRIES);
    int entry = (int) (block % ENTRIES);
    reserved.removeIfPresent(bitmap, entry);
    take(shadow(bitmap), bitmap, entry);
  }

  /// Lets a reserved block be found again.
  public void cancelReservation(long block) {
    reserved.removeIfPresent((int) (block / ENTRIES), (int) (block % ENTRIES));
  }

  /// The free blocks that can be allocated now, before any commit.
  public long allocatableCount() {
    return freeCount - unreleasedCount() - reserved.count();
  }

  /// The free blocks that can be allocated when they are [released][#release], and not before.
  public long unreleasedCount() {
    long count = freed.count();
    for (var sealed : sealedFreed) {
      count += sealed.count();
    }
    return count;
  }

  private long search() throws IOException {
    if (cursor >= blockCount) {
      cursor = 0;
    }
    int first = (int) (cursor / ENTRIES);
    // The first bitmap has two turns: from the cursor on, and at last from its start.
    for (int turn = 0; turn <= zeroes.length; turn++) {
      int bitmap = (first + turn) % zeroes.length;
      if (freeIn(bitmap) > 0) {
        int from = turn == 0 ? (int) (cursor % ENTRIES) : 0;
        int entry = findFree(bitmap, Math.max(from, noneFreeBefore[bitmap]));
        if (entry >= 0) {
          long block = (long) bitmap * ENTRIES + entry;
          cursor = block + 1;
          return block;
        }
      }
    }
    return -1;
  }

  private int findFree(int bitmap, int from) throws IOException {
    var held = new ArrayList<long[]>(3);
    addBits(held, freed, bitmap);
    addBits(held, reserved, bitmap);
    for (var sealed : sealedFreed) {
      addBits(held, sealed, bitmap);
    }
    var bytes = transaction.bytes(bitmaps[bitmap], BlockKind.BITMAP);
    return Bitmap.findZero(bytes, from, entriesOf(bitmap), held);
  }

  private static void addBits(List<long[]> held, FreedBlocks freed, int bitmap) {
    var bits = freed.bits(bitmap);
    if (bits != null) {
      held.add(bits);
    }
  }

  /// The metadata blocks that counting so many blocks up and down takes at worst, wherever they
  /// are.
  public long blocksToCount(long up, long down) {
    return Math.min(up + down, bitmaps.length) + overflow.blocksToCount(up, down, blockCount);
  }

  /// The metadata blocks that [#commit] takes at worst, if there are `blocks` then.
  public long blocksToCommit(long blocks) {
    long before = bitmapCount(blockCount);
    long after = Math.ceilDiv(blocks, ENTRIES);
    return after == before
        ? INDEX_COST.toReplace(before, before)
        : INDEX_COST.toAdd(before, after, after - before, after);
  }

  /// The metadata blocks that [extending][#extend] to `blocks` takes.
  public long blocksToExtend(long blocks) {
    return Math.max(0, Math.ceilDiv(blocks, ENTRIES) - bitmaps.length);
  }

  /// Adds free blocks at the end.
  public void extend(long newBlockCount) throws IOException {
    if (newBlockCount < blockCount || Math.ceilDiv(newBlockCount, ENTRIES) > MAX_BITMAPS) {
      throw new StorageException.InvalidArgument(
          "a space map of %d blocks cannot become one of %d".formatted(blockCount, newBlockCount));
    }
    int bitmap = zeroes.length;
    if (bitmap > 0) {
      changed.set(bitmap - 1);
    }
    int bitmapCount = bitmapCount(newBlockCount);
    growIndex(bitmapCount);
    for (; bitmap < bitmapCount; bitmap++) {
      bitmaps[bitmap] = transaction.newBlock(BlockKind.BITMAP).block();
      zeroes[bitmap] = ENTRIES;
      changed.set(bitmap);
    }
    freeCount += newBlockCount - blockCount;
    blockCount = newBlockCount;
  }

  /// Writes the changed index entries to their tree. To be called before the transaction is sealed.
  public SpaceMapRoot commit() throws IOException {
    for (int i = changed.nextSetBit(0); i >= 0; i = changed.nextSetBit(i + 1)) {
      new IndexEntry(bitmaps[i], zeroes[i], noneFreeBefore[i]).write(indexEntry, 0);
      indexRoot = indexTree.insert(indexRoot, i, indexEntry);
    }
    changed.clear();
    lastShadow = null;
    return new SpaceMapRoot(blockCount, allocatedCount(), indexRoot, overflow.root());
  }

  /// The blocks whose count fell to zero since the last call and is zero still. They cannot be
  /// allocated until they are [released][#release].
  public FreedBlocks sealFreed() {
    var result = freed;
    freed = new FreedBlocks();
    sealedDropped = dropped;
    dropped = new FreedBlocks();
    if (!result.isEmpty()) {
      sealedFreed.add(result);
    }
    return result;
  }

  /// The sealed transaction is durable: what it made exclusive is so for good. What it freed is
  /// [released][#release] apart.
  public void complete() {
    sealedDropped = new FreedBlocks();
  }

  /// Lets blocks be allocated again, once the transaction that freed them is durable.
  public void release(FreedBlocks released) {
    sealedFreed.remove(released);
  }
}
