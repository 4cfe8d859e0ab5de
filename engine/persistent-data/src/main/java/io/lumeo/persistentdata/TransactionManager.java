package io.lumeo.persistentdata;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// All metadata changes between two commits: hands out metadata blocks to read, to fill and to
/// change, counts who refers to them, and turns the changes into one atomic step on the device.
///
/// **Shadowing.** A block of an earlier transaction is never changed in place. The first change in
/// a transaction copies it to a free block; the blocks that refer to it are changed in turn, up to
/// the superblock, and a single write of that one makes everything visible at once. A block that
/// was freed is not allocated again before the transaction that freed it is durable, so the
/// previous commit is intact on the device all the while.
///
/// **Pipelined commit.** [#seal] ends the running transaction in memory and begins the next. The
/// sealed blocks are written without the caller's lock while the next transaction goes on; it
/// shadows sealed blocks like committed ones.
///
/// **Threads.** One thread at a time may change things (the caller holds its metadata lock);
/// [#read] and [#count] may be called by any thread at any time, without a lock. A reader that
/// follows pointers of a tree that is being changed meanwhile may get any block or an exception,
/// and must check afterwards whether the tree was changed.
///
/// **Failures.** If a changing method throws, the running transaction is half done. The caller must
/// not seal it, but open the last commit again. Who must not run out of metadata space in the
/// middle looks at [#freeBlockCount] first.
public final class TransactionManager {
  /// The size of a metadata block.
  public static final int BLOCK_BYTES = 4096;

  /// The most metadata blocks there can be, 15.875 GiB: what one index block can address.
  public static final long MAX_BLOCKS = (long) IndexEntry.PER_BLOCK * Bitmap.ENTRIES;

  private final BlockDevice device;
  private final BlockCache cache;
  private final MetadataSpaceMap space;
  private long transaction = Frame.COMMITTED + 1;
  private @Nullable SealedTransaction sealed;

  private TransactionManager(BlockDevice device, long blockCount, long cacheBytes)
      throws StorageException {
    if (blockCount < 1 || blockCount > MAX_BLOCKS) {
      throw new StorageException.InvalidArgument(
          "metadata of %d blocks is not possible; use 1 to %d".formatted(blockCount, MAX_BLOCKS));
    }
    this.device = device;
    this.cache = new BlockCache(this::readVerified, cacheBytes);
    this.space = new MetadataSpaceMap(this, blockCount);
  }

  /// Begins metadata of `blockCount` blocks of [#BLOCK_BYTES] on `device`, with block 0, the
  /// superblock, in use. Nothing is written before the first commit. About `cacheBytes` of memory
  /// are spent on blocks that could be read again.
  public static TransactionManager create(BlockDevice device, long blockCount, long cacheBytes)
      throws IOException {
    requireRoom(device, blockCount);
    var manager = new TransactionManager(device, blockCount, cacheBytes);
    manager.space.create();
    return manager;
  }

  /// Opens the metadata whose space map is at `root`, as the superblock says.
  ///
  /// @throws StorageException.Damaged if the space map cannot be read or the device is too short
  public static TransactionManager open(BlockDevice device, SpaceMapRoot root, long cacheBytes)
      throws IOException {
    if (root.blockCount() < 1 || root.blockCount() > MAX_BLOCKS) {
      throw new StorageException.Damaged(
          "the metadata space map claims %d blocks, possible are 1 to %d; repair the metadata"
              .formatted(root.blockCount(), MAX_BLOCKS));
    }
    if (device.sizeBytes() / BLOCK_BYTES < root.blockCount()) {
      throw new StorageException.Damaged(
          "the metadata has %d blocks but its device only has room for %d; give it back its full size"
              .formatted(root.blockCount(), device.sizeBytes() / BLOCK_BYTES));
    }
    var manager = new TransactionManager(device, root.blockCount(), cacheBytes);
    try {
      manager.space.load(root);
    } catch (StorageException.Damaged e) {
      throw new StorageException.Damaged(
          "the metadata space map cannot be read: %s".formatted(e.getMessage()), e);
    }
    return manager;
  }

  /// Opens metadata to read blocks only, without knowing which are in use: for those who look at
  /// damage.
  ///
  /// @throws StorageException.InvalidArgument if the device has fewer than `blockCount` blocks
  public static TransactionManager openUncounted(
      BlockDevice device, long blockCount, long cacheBytes) throws IOException {
    requireRoom(device, blockCount);
    return new TransactionManager(device, blockCount, cacheBytes);
  }

  private static void requireRoom(BlockDevice device, long blockCount) throws StorageException {
    if (device.sizeBytes() / BLOCK_BYTES < blockCount) {
      throw new StorageException.InvalidArgument(
          "the metadata device has room for %d blocks, not for %d; make it larger"
              .formatted(device.sizeBytes() / BLOCK_BYTES, blockCount));
    }
  }

  /// The bytes of a block, to be read only. Verified when they were loaded: checksum, block number,
  /// kind, and for a node also that its header is possible and its keys ascend.
  ///
  /// @throws StorageException.Damaged if the block is not what it should be
  public MemorySegment read(long block, BlockKind kind) throws IOException {
    return MemorySegment.ofArray(bytes(block, kind)).asReadOnly();
  }

  /// As [#read], for nodes, without the read-only wrapper: the hot path.
  byte[] node(long block) throws IOException {
    return cache.bytes(block, BlockKind.BTREE_NODE);
  }

  /// As [#node], of any kind.
  byte[] bytes(long block, BlockKind kind) throws IOException {
    return cache.bytes(block, kind);
  }

  private Frame readVerified(long block, BlockKind kind) throws IOException {
    if (block <= 0 || block >= space.blockCount()) {
      throw new StorageException.Damaged(
          "metadata block %d is referred to, but there are only blocks 1 to %d; check the metadata"
              .formatted(block, space.blockCount() - 1));
    }
    var bytes = new byte[BLOCK_BYTES];
    var segment = MemorySegment.ofArray(bytes);
    device.read(block * BLOCK_BYTES, segment);
    BlockChecksum.verify(segment, block, kind);
    if (kind == BlockKind.BTREE_NODE) {
      BTreeNode.verify(bytes, block);
    }
    return new Frame(block, kind, bytes, Frame.COMMITTED);
  }

  /// Reads a block that will not be needed again soon, around the cache.
  byte[] readOnce(long block, BlockKind kind) throws IOException {
    return readVerified(block, kind).bytes();
  }

  /// Allocates a block with a count of one, filled with zeroes.
  ///
  /// @throws StorageException.OutOfSpace if no block is free, or only such as were freed since the
  ///   last completed commit
  public NewBlock newBlock(BlockKind kind) throws IOException {
    var frame = newFrame(kind);
    return new NewBlock(frame.block(), frame.segment());
  }

  Frame newFrame(BlockKind kind) throws IOException {
    return newFrame(space.allocate(), kind);
  }

  /// The frame of a block that is already allocated.
  Frame newFrame(long block, BlockKind kind) {
    return add(block, kind, new byte[BLOCK_BYTES]);
  }

  private Frame add(long block, BlockKind kind, byte[] bytes) {
    BlockHeader.setBlockNumber(bytes, block);
    var frame = new Frame(block, kind, bytes, transaction);
    cache.add(frame);
    return frame;
  }

  /// Makes a block ready to be changed on behalf of one of those who refer to it: as it is, if it
  /// was made in this transaction and nobody else refers to it, else as a copy, which takes over
  /// this one reference. If the block [was shared][#isShared] the caller must count the copy's
  /// references to its children.
  Frame shadow(long block, BlockKind kind) throws IOException {
    var original = cache.frame(block, kind);
    if (original.transaction() == transaction && count(block) == 1) {
      return original;
    }
    long copy = space.allocate();
    var shadow = add(copy, kind, original.bytes().clone());
    decrement(block);
    return shadow;
  }

  /// Whether the frame may be changed as it is, without a thought of others: it was made in this
  /// transaction, and there never was more than one pointer to it.
  boolean isOwn(Frame frame) {
    return frame.transaction() == transaction && space.isOwn(frame.block());
  }

  /// How many pointers to a block there are; 0 also for a block that does not exist.
  public int count(long block) {
    return space.count(block);
  }

  /// Whether more than one pointer to the block exists.
  public boolean isShared(long block) {
    return count(block) > 1;
  }

  /// Whether more than one pointer to the block exists, or did in the last durable commit. What
  /// only the running transaction made exclusive is shared again after a crash.
  public boolean isSharedOrWas(long block) {
    return space.isSharedOrWas(block);
  }

  /// Notes that in the last durable commit the block could be reached in another way too.
  public void markWasShared(long block) {
    space.markWasShared(block);
  }

  void forgetWasShared(long block) {
    space.forgetWasShared(block);
  }

  /// Counts one more pointer to a block that is in use.
  public void increment(long block) throws IOException {
    space.increment(block);
  }

  /// Counts one pointer less; with the last one the block is freed, whatever it refers to.
  public void decrement(long block) throws IOException {
    if (space.decrement(block)) {
      cache.drop(block);
    }
  }

  /// The number of metadata blocks, the superblock included.
  public long blockCount() {
    return space.blockCount();
  }

  /// The blocks nobody refers to, also those that can only be allocated after a commit.
  public long freeBlockCount() {
    return space.freeCount();
  }

  /// The blocks that can be allocated now, before any commit.
  public long allocatableBlockCount() {
    return space.allocatableCount();
  }

  /// How many blocks have more than one pointer to them.
  public long sharedBlockCount() {
    return space.sharedCount();
  }

  /// The blocks that counting so many pointers up and down takes at worst, wherever they lead.
  public long blocksToCount(long up, long down) {
    return space.blocksToCount(up, down);
  }

  /// The blocks that [#seal] takes at worst.
  public long blocksToSeal() {
    return space.blocksToSeal();
  }

  /// Makes use of a device that has grown: from the next commit on there are `newBlockCount`
  /// blocks.
  public void extend(long newBlockCount) throws IOException {
    if (newBlockCount < blockCount() || newBlockCount > MAX_BLOCKS) {
      throw new StorageException.InvalidArgument(
          "metadata of %d blocks cannot become %d blocks; use %d to %d"
              .formatted(blockCount(), newBlockCount, blockCount(), MAX_BLOCKS));
    }
    requireRoom(device, newBlockCount);
    space.extend(newBlockCount);
  }

  /// The blocks the running transaction would write if it were sealed now, without the space map's.
  public int dirtyBlockCount() {
    return cache.dirtyCount();
  }

  /// Ends the running transaction and begins the next one. What is sealed is not durable before
  /// [SealedTransaction#write] returned, and its freed blocks are not allocated before
  /// [SealedTransaction#complete].
  ///
  /// @throws IllegalStateException if an earlier sealed transaction is not complete
  public SealedTransaction seal() throws IOException {
    if (sealed != null) {
      throw new IllegalStateException(
          "transaction %d is sealed while %d is not complete"
              .formatted(transaction, transaction - 1));
    }
    var root = space.seal();
    var frames = new ArrayList<>(cache.seal());
    frames.sort(Comparator.comparingLong(Frame::block));
    var result = new SealedTransaction(this, device, root, frames);
    sealed = result;
    transaction++;
    return result;
  }

  void complete(SealedTransaction completed) {
    if (sealed != completed) {
      throw new IllegalStateException(
          "the transaction was completed before, or is not of this pool");
    }
    sealed = null;
    cache.complete();
    space.complete();
  }
}
