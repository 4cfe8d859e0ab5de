package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.BTree;
import io.lumeo.persistentdata.BlockChecksum;
import io.lumeo.persistentdata.BlockKind;
import io.lumeo.persistentdata.DiskSpaceMap;
import io.lumeo.persistentdata.FreedBlocks;
import io.lumeo.persistentdata.SealedTransaction;
import io.lumeo.persistentdata.SpaceMapRoot;
import io.lumeo.persistentdata.TransactionManager;
import io.lumeo.persistentdata.ValueType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A pool's metadata: its trees and space maps and what may be done to them. The kernel's
/// `dm-thin-metadata.c`.
///
/// **Threads.** One thread at a time changes it: the caller holds the pool's metadata lock around
/// every method, except the look-ups ([#lookup], [#isShared]), which take no lock of the pool and
/// validate against the device's own.
///
/// **Failures.** [StorageException.NotFound], [StorageException.AlreadyExists],
/// [StorageException.InvalidArgument], [StorageException.Busy] and [StorageException.Unsupported]
/// are thrown before anything has changed. Any other exception from a changing method leaves the
/// running transaction half done: the caller must abort it, that is drop this object and open the
/// last commit anew.
///
/// **Roots.** While a device is changed its root lives in [DeviceState] and the top-level tree is
/// brought up to date when the transaction is sealed. That is sound because the first change in a
/// transaction makes the device's path in the top-level tree exclusive first ([#change]): nobody
/// can come to share, and so to count, the stale root behind it.
final class PoolMetadata {
  /// The smallest metadata device accepted: room for the trees, the space maps and a commit of
  /// them.
  static final long MIN_BLOCKS = 64;

  /// The most metadata blocks held back from users, as the kernel does.
  private static final long MAX_RESERVE_BLOCKS = 4096;

  private static final long MAX_LOW_WATER_BLOCKS = 1024;

  private final TransactionManager transaction;
  private final DiskSpaceMap dataMap;
  private final BTree mappings;
  private final BTree topLevel;
  private final BTree details;

  private final int dataBlockSectors;
  private final long formattedBlocks;
  private long topLevelRoot;
  private long detailsRoot;
  private int snapshotTime;
  private long transactionId;
  private long heldRoot;

  /// Asked for without the metadata lock as well.
  private volatile boolean needsCheck;

  private int deviceCount;

  private boolean changed;
  private final Map<ThinId, DeviceState> states = new HashMap<>();
  private final List<DeviceState> changedDevices = new ArrayList<>();

  private PoolMetadata(
      TransactionManager transaction,
      DiskSpaceMap dataMap,
      int dataBlockSectors,
      long formattedBlocks) {
    this.transaction = transaction;
    this.dataMap = dataMap;
    this.dataBlockSectors = dataBlockSectors;
    this.formattedBlocks = formattedBlocks;
    this.mappings = new BTree(transaction, new MappingValues(dataMap));
    this.topLevel = new BTree(transaction, new SubtreeRoots(transaction, mappings));
    this.details = new BTree(transaction, ValueType.plain(DetailsLayout.BYTES));
  }

  /// Makes the metadata of an empty pool on `device` and commits it. Whatever was there is gone.
  static void format(BlockDevice device, int dataBlockSectors, long dataBlocks) throws IOException {
    long blocks = usableBlocks(device);
    if (blocks < MIN_BLOCKS) {
      throw new StorageException.InvalidArgument(
          "a metadata device of %d bytes is too small; give it at least %d bytes"
              .formatted(device.sizeBytes(), MIN_BLOCKS * Superblock.BLOCK_BYTES));
    }
    var transaction = TransactionManager.create(device, blocks, 1 << 20);
    var dataMap = DiskSpaceMap.create(transaction, dataBlocks);
    var metadata = new PoolMetadata(transaction, dataMap, dataBlockSectors, blocks);
    metadata.topLevelRoot = metadata.topLevel.createEmpty();
    metadata.detailsRoot = metadata.details.createEmpty();
    metadata.seal().write();
  }

  /// Reads the last commit.
  ///
  /// @param writable whether it will be changed
  static PoolMetadata open(BlockDevice device, long cacheBytes, boolean writable)
      throws IOException {
    var superblock = readSuperblock(device, writable);
    long blocks = superblock.metadataMap().blockCount();
    if (blocks > usableBlocks(device)) {
      throw new StorageException.Damaged(
          "the metadata device has %d blocks and the pool needs %d; it was cut short: restore it from a backup"
              .formatted(usableBlocks(device), blocks));
    }
    var metadata = openSpaceMaps(device, superblock, cacheBytes);
    metadata.topLevelRoot = superblock.mappingRoot();
    metadata.detailsRoot = superblock.detailsRoot();
    metadata.snapshotTime = superblock.snapshotTime();
    metadata.transactionId = superblock.transactionId();
    metadata.heldRoot = superblock.heldRoot();
    metadata.needsCheck = superblock.needsCheck();
    metadata.deviceCount = metadata.countDevices();
    return metadata;
  }

  /// Without its space maps a pool cannot be opened, not even to be read; but its trees can be
  /// checked and rescued.
  private static PoolMetadata openSpaceMaps(
      BlockDevice device, Superblock superblock, long cacheBytes) throws IOException {
    try {
      var transaction = TransactionManager.open(device, superblock.metadataMap(), cacheBytes);
      var dataMap = DiskSpaceMap.open(transaction, superblock.dataMap());
      return new PoolMetadata(
          transaction, dataMap, superblock.dataBlockSectors(), superblock.metadataBlocks());
    } catch (StorageException.Damaged e) {
      throw new StorageException.Damaged(
          "%s ('lumeo pool check' tells what is whole, 'thin_repair' rescues that)"
              .formatted(e.getMessage()),
          e);
    }
  }

  static Superblock readSuperblock(BlockDevice device, boolean writable) throws IOException {
    if (device.sizeBytes() < Superblock.BLOCK_BYTES) {
      throw new StorageException.Damaged(
          "the metadata device has %d bytes, too few for a superblock; give the pool's metadata file or device"
              .formatted(device.sizeBytes()));
    }
    var block = MemorySegment.ofArray(new byte[Superblock.BLOCK_BYTES]);
    device.read(0, block);
    return Superblock.read(block, 0, writable);
  }

  /// The blocks of `device` the format can address.
  static long usableBlocks(BlockDevice device) {
    return Math.min(device.sizeBytes() / Superblock.BLOCK_BYTES, TransactionManager.MAX_BLOCKS);
  }

  /// The largest metadata device the format can address, in bytes.
  static long maxBytes() {
    return TransactionManager.MAX_BLOCKS * Superblock.BLOCK_BYTES;
  }

  /// Whether there is anything where a superblock would be.
  static boolean isFormatted(BlockDevice device) throws IOException {
    var block = MemorySegment.ofArray(new byte[Superblock.BLOCK_BYTES]);
    if (device.sizeBytes() >= block.byteSize()) {
      device.read(0, block);
    }
    return !Superblock.isZeroed(block);
  }

  /// Takes back that the pool needs a check.
  static void clearNeedsCheck(BlockDevice device) throws IOException {
    var metadata = open(device, 1 << 20, true);
    metadata.setNeedsCheck(false);
    metadata.seal().write();
  }

  private int countDevices() throws IOException {
    int[] count = {0};
    details.forEach(
        detailsRoot,
        0,
        ThinId.MAX + 1L,
        (key, node, offset) -> {
          count[0]++;
          return true;
        });
    return count[0];
  }

  // Facts

  int dataBlockSectors() {
    return dataBlockSectors;
  }

  int deviceCount() {
    return deviceCount;
  }

  int snapshotTime() {
    return snapshotTime;
  }

  long transactionId() {
    return transactionId;
  }

  long heldRoot() {
    return heldRoot;
  }

  boolean needsCheck() {
    return needsCheck;
  }

  long metadataBlocks() {
    return transaction.blockCount();
  }

  /// Free metadata blocks beyond the reserve, as the kernel's status reports them.
  long freeMetadataBlocks() {
    return Math.max(0, transaction.freeBlockCount() - reserveBlocks());
  }

  /// Whether so many blocks can be used before the next commit.
  boolean hasRoom(long blocks) {
    return transaction.allocatableBlockCount() >= blocks;
  }

  /// Whether there are free metadata blocks that can be used after a commit only.
  boolean hasUnreleasedBlocks() {
    return transaction.freeBlockCount() > transaction.allocatableBlockCount();
  }

  /// The metadata blocks that changes may use before they are refused, when all is committed.
  long blocksLeftForChanges() {
    var idle = new MetadataRoom(transaction, dataMap, deviceCount, 0, heldRoot != 0);
    return Math.max(0, transaction.freeBlockCount() - roomForAChange(idle));
  }

  /// The blocks that must be free before a change that makes something new.
  long roomForAChange() {
    return roomForAChange(room());
  }

  private long roomForAChange(MetadataRoom room) {
    return leavingRoomToFree(room, Math.max(room.toMap(), room.toAddDevices(1, 1)));
  }

  /// The blocks that must be free before snapshots are made in one transaction.
  long roomForSnapshots(List<Pool.SnapshotPair> pairs) {
    long origins = pairs.stream().map(Pool.SnapshotPair::origin).distinct().count();
    var room = room();
    return leavingRoomToFree(room, room.toAddDevices(pairs.size(), origins));
  }

  /// The blocks that must be free before a device is rolled back.
  long roomToRollBack(ThinId target) throws IOException {
    return roomForAChange() + room().toDelete(mappedBlocks(target));
  }

  /// The blocks that must be free before the data device grows to `blocks`.
  long roomToExtendData(long blocks) {
    var room = room();
    return leavingRoomToFree(room, room.toExtendData(blocks));
  }

  /// What makes something new leaves room to discard, and a discard leaves room to delete, so that
  /// a full pool can always be brought back; of the smallest metadata only a part is held back for
  /// that.
  private long leavingRoomToFree(MetadataRoom room, long change) {
    long discardAndDelete = Math.min(2 * room.toFreeAnything(), metadataBlocks() / 4);
    return Math.max(reserveBlocks() + 1, change + discardAndDelete);
  }

  /// The blocks that must be free before so many virtual blocks are discarded. May be less than the
  /// reserve, which is there for this.
  long roomToDiscard(long virtualBlocks) {
    var room = room();
    return room.toFree(virtualBlocks) + Math.min(room.toFreeAnything(), metadataBlocks() / 8);
  }

  /// The blocks that must be free before so many virtual blocks are unmapped of a device that is
  /// being deleted.
  long roomToEmpty(long virtualBlocks) {
    return room().toFree(virtualBlocks);
  }

  /// The blocks that must be free before a device is deleted in one change.
  long roomToDelete(ThinId id) throws IOException {
    return room().toDelete(mappedBlocks(id));
  }

  /// The blocks that must be free before the metadata snapshot is released.
  long roomToReleaseMetadataSnapshot() {
    return room().toReleaseHeld();
  }

  private MetadataRoom room() {
    return new MetadataRoom(
        transaction, dataMap, deviceCount, changedDevices.size(), heldRoot != 0);
  }

  private long reserveBlocks() {
    return Math.min(MAX_RESERVE_BLOCKS, metadataBlocks() / 10);
  }

  long metadataLowWaterBlocks() {
    return Math.min(MAX_LOW_WATER_BLOCKS, metadataBlocks() / 4);
  }

  long dataBlocks() {
    return dataMap.blockCount();
  }

  /// Data blocks that nothing on disk or in the running transaction refers to.
  long freeDataBlocks() {
    return dataMap.freeCount();
  }

  /// Free data blocks that can be used before the next commit.
  long allocatableDataBlocks() {
    return dataMap.allocatableCount();
  }

  /// Whether there are free data blocks that can be used after a commit only.
  boolean hasUnreleasedDataBlocks() {
    return dataMap.unreleasedCount() > 0;
  }

  boolean isChanged() {
    return changed;
  }

  int dirtyBlockCount() {
    return transaction.dirtyBlockCount();
  }

  // Devices

  /// The device, from memory or from the trees.
  DeviceState device(ThinId id) throws IOException {
    var known = states.get(id);
    if (known != null) {
      return known;
    }
    var value = MemorySegment.ofArray(new byte[DetailsLayout.BYTES]);
    if (!details.get(detailsRoot, id.value(), value)) {
      throw new StorageException.NotFound(
          "the pool has no thin device %s; 'lumeo volume list' shows what there is".formatted(id));
    }
    long root = topLevel.lookup(topLevelRoot, id.value(), Mapping.HOLE);
    if (root == Mapping.HOLE) {
      throw new StorageException.Damaged(
          "thin device %s has details but no mappings; run 'lumeo pool check'".formatted(id));
    }
    return new DeviceState(DetailsLayout.read(id, value, 0), root);
  }

  long mappedBlocks(ThinId id) throws IOException {
    return device(id).mappedBlocks;
  }

  boolean exists(ThinId id) throws IOException {
    return states.containsKey(id)
        || details.get(
            detailsRoot, id.value(), MemorySegment.ofArray(new byte[DetailsLayout.BYTES]));
  }

  /// Keeps the device in memory until [#unpin] is called as often.
  DeviceState pin(ThinId id) throws IOException {
    var state = device(id);
    requireNotCondemned(state);
    state.openCount++;
    states.put(id, state);
    return state;
  }

  void unpin(DeviceState state) {
    state.openCount--;
    forgetIfIdle(state);
  }

  /// Keeps a device that nobody has open for whoever deletes it in steps: until it is
  /// [reprieved][#reprieve] nobody opens it, or makes anything of what is left in it.
  ///
  /// @throws StorageException.Busy if somebody has it open, or is deleting it
  DeviceState condemn(ThinId id) throws IOException {
    requireClosed(id);
    var state = pin(id);
    state.condemned = true;
    return state;
  }

  void reprieve(DeviceState state) {
    if (state.condemned) {
      state.condemned = false;
      unpin(state);
    }
  }

  private static void requireNotCondemned(DeviceState state) throws StorageException {
    if (state.condemned) {
      throw new StorageException.Busy(
          "thin device %s is being deleted; wait for that".formatted(state.id));
    }
  }

  /// @throws StorageException.Busy if somebody has the device open, or is deleting it
  void requireClosed(ThinId id) throws IOException {
    var state = device(id);
    requireNotCondemned(state);
    if (state.openCount > 0) {
      throw new StorageException.Busy(
          "thin device %s is open; close what uses it and try again".formatted(id));
    }
  }

  private void forgetIfIdle(DeviceState state) {
    if (state.openCount == 0 && !state.changed) {
      states.remove(state.id, state);
    }
  }

  /// The device, if somebody has it open.
  @Nullable DeviceState pinned(ThinId id) {
    var state = states.get(id);
    return state == null || state.openCount == 0 ? null : state;
  }

  Collection<DeviceState> pinned() {
    return states.values().stream().filter(state -> state.openCount > 0).toList();
  }

  /// Takes over a device that was open before an abort: it now is what this commit says, or lost.
  void adopt(DeviceState state) throws IOException {
    if (exists(state.id)) {
      state.reset(device(state.id));
      states.put(state.id, state);
    } else {
      state.lost = true;
    }
  }

  /// All devices in ascending order of id.
  void forEachDevice(DeviceVisitor visitor) throws IOException {
    details.forEach(
        detailsRoot,
        0,
        ThinId.MAX + 1L,
        (key, node, offset) -> {
          var id = new ThinId((int) key);
          var state = states.get(id);
          visitor.device(state == null ? DetailsLayout.read(id, node, offset) : state.details());
          return true;
        });
  }

  /// Takes each device in turn.
  @FunctionalInterface
  interface DeviceVisitor {
    void device(DeviceDetails details) throws IOException;
  }

  void createThin(ThinId id) throws IOException {
    checkNew(id);
    begin();
    addDevice(
        new DeviceDetails(id, 0, transactionId, snapshotTime, snapshotTime),
        mappings.createEmpty());
  }

  private void checkNew(ThinId id) throws IOException {
    if (exists(id)) {
      throw new StorageException.AlreadyExists(
          "the pool has a thin device %s already; choose another id".formatted(id));
    }
  }

  private void addDevice(DeviceDetails made, long root) throws IOException {
    topLevelRoot = topLevel.insert(topLevelRoot, made.id().value(), root);
    detailsRoot = details.insert(detailsRoot, made.id().value(), DetailsLayout.write(made));
    deviceCount++;
  }

  /// Snapshots all of the pairs on one tick of the snapshot clock. Legal, because only `mapping
  /// time < snapshot time` decides what is shared. The caller holds off I/O on the origins.
  void createSnapshots(List<Pool.SnapshotPair> pairs) throws IOException {
    checkTick();
    Set<ThinId> made = new HashSet<>();
    for (var pair : pairs) {
      checkNew(pair.snapshot());
      if (!made.add(pair.snapshot())) {
        throw new StorageException.AlreadyExists(
            "thin device %s is asked for twice in one batch; choose another id"
                .formatted(pair.snapshot()));
      }
      if (!made.contains(pair.origin())) {
        requireNotCondemned(device(pair.origin()));
      }
    }
    begin();
    snapshotTime++;
    for (var pair : pairs) {
      createSnapshot(pair);
    }
  }

  private void createSnapshot(Pool.SnapshotPair pair) throws IOException {
    var origin = device(pair.origin());
    change(origin);
    transaction.increment(origin.root);
    addDevice(
        new DeviceDetails(
            pair.snapshot(), origin.mappedBlocks, transactionId, snapshotTime, snapshotTime),
        origin.root);
    origin.snapshotTime = snapshotTime;
  }

  private void checkTick() throws StorageException {
    if (snapshotTime >= Mapping.MAX_TIME) {
      throw new StorageException.Unsupported(
          "the pool's snapshot clock is exhausted after %d snapshots; copy the volumes to a new pool"
              .formatted(Mapping.MAX_TIME));
    }
  }

  /// Makes `target` share everything `source` has and drops what it had. The caller holds off I/O
  /// on both.
  void rollBack(ThinId target, ThinId source) throws IOException {
    checkTick();
    var to = device(target);
    var from = device(source);
    requireNotCondemned(to);
    requireNotCondemned(from);
    begin();
    change(to);
    change(from);
    snapshotTime++;
    transaction.increment(from.root);
    long dropped = to.root;
    to.moveTo(from.root);
    to.mappedBlocks = from.mappedBlocks;
    to.snapshotTime = snapshotTime;
    from.snapshotTime = snapshotTime;
    mappings.delete(dropped);
  }

  /// Deletes a device in the time of what it alone has.
  void delete(ThinId id) throws IOException {
    requireClosed(id);
    var state = device(id);
    begin();
    if (state.changed) {
      topLevelRoot = topLevel.insert(topLevelRoot, id.value(), state.root);
      changedDevices.remove(state);
    }
    states.remove(id);
    detailsRoot = details.remove(detailsRoot, id.value()).root();
    topLevelRoot = topLevel.remove(topLevelRoot, id.value()).root();
    deviceCount--;
  }

  // Mappings

  /// The packed mapping of a virtual block, or [Mapping#HOLE]. Without any lock of the pool: reads
  /// optimistically and tries again under the device's lock when its tree was changed meanwhile.
  long lookup(DeviceState state, long virtualBlock) throws IOException {
    long stamp = state.tree.tryOptimisticRead();
    if (stamp != 0) {
      try {
        long mapping = mappings.lookup(state.root, virtualBlock, Mapping.HOLE);
        if (state.tree.validate(stamp)) {
          return mapping;
        }
      } catch (IOException | RuntimeException e) {
        if (state.tree.validate(stamp)) {
          throw e;
        }
      }
    }
    stamp = state.tree.readLock();
    try {
      return mappings.lookup(state.root, virtualBlock, Mapping.HOLE);
    } finally {
      state.tree.unlockRead(stamp);
    }
  }

  /// Whether a write to the mapped block has to go elsewhere. The time in the mapping over-reports:
  /// after the origin broke the sharing, the snapshot is alone with the block and would still copy
  /// it. So when the time says shared, the reference counts along the path decide: it is exclusive
  /// when every node on it and the data block are referred to once. Looking at the data block's
  /// count alone would be wrong, since a leaf shared by many devices counts its blocks once.
  ///
  /// What the running transaction alone made exclusive still counts as shared: after a crash the
  /// other would be there again, and must not see what was overwritten in place.
  ///
  /// The caller holds off snapshots of this device; so no count on an exclusive path can rise, and
  /// one read too early only says "shared" when a copy is no longer needed.
  boolean isShared(DeviceState state, long virtualBlock, long mapping) throws IOException {
    if (Mapping.time(mapping) >= state.snapshotTime) {
      return false;
    }
    long stamp = state.tree.readLock();
    try {
      return mappings.isPathShared(state.root, virtualBlock)
          || dataMap.isSharedOrWas(Mapping.dataBlock(mapping));
    } finally {
      state.tree.unlockRead(stamp);
    }
  }

  /// Sets aside a free data block: nobody else gets it, and nothing of that is on disk. Returns -1
  /// when no block can be had before the next commit.
  long reserveDataBlock() throws IOException {
    return dataMap.reserve();
  }

  void cancelReservation(long dataBlock) {
    dataMap.cancelReservation(dataBlock);
  }

  /// Maps a hole to a reserved block, whose content is already in the data device.
  void provision(DeviceState state, long virtualBlock, long reservedBlock) throws IOException {
    begin();
    change(state);
    dataMap.take(reservedBlock);
    map(state, virtualBlock, reservedBlock);
    state.addMapped(1);
  }

  /// Maps a block that was shared to a reserved one and gives up the share.
  void unshare(DeviceState state, long virtualBlock, long reservedBlock, long sharedBlock)
      throws IOException {
    begin();
    change(state);
    dataMap.take(reservedBlock);
    map(state, virtualBlock, reservedBlock);
    dataMap.decrement(sharedBlock, sharedBlock + 1);
  }

  private void map(DeviceState state, long virtualBlock, long dataBlock) throws IOException {
    long stamp = state.tree.writeLock();
    try {
      state.root = mappings.insert(state.root, virtualBlock, Mapping.pack(dataBlock, snapshotTime));
    } finally {
      state.tree.unlockWrite(stamp);
    }
  }

  /// Makes holes of the virtual blocks in `[begin, end)`. Returns how many had been mapped.
  long unmap(DeviceState state, long begin, long end) throws IOException {
    begin();
    change(state);
    long stamp = state.tree.writeLock();
    try {
      var removal = mappings.removeRange(state.root, begin, end);
      state.root = removal.root();
      state.addMapped(-removal.count());
      return removal.count();
    } finally {
      state.tree.unlockWrite(stamp);
    }
  }

  /// Takes the mappings of `[begin, end)` in order until the visitor has enough. Holds the device's
  /// lock for reading meanwhile: keep it short.
  void forEachMapping(DeviceState state, long begin, long end, MappingVisitor visitor)
      throws IOException {
    long stamp = state.tree.readLock();
    try {
      mappings.forEach(state.root, begin, end, visitor::mapping);
    } finally {
      state.tree.unlockRead(stamp);
    }
  }

  /// Takes each mapping; false stops.
  @FunctionalInterface
  interface MappingVisitor {
    boolean mapping(long virtualBlock, long mapping) throws IOException;
  }

  /// The lowest mapped virtual block, or -1.
  long lowestMapped(DeviceState state) throws IOException {
    long[] found = {-1};
    forEachMapping(
        state,
        0,
        Long.MAX_VALUE,
        (virtualBlock, _) -> {
          found[0] = virtualBlock;
          return false;
        });
    return found[0];
  }

  /// The highest mapped virtual block, or -1.
  long highestMapped(DeviceState state) throws IOException {
    long stamp = state.tree.readLock();
    try {
      return mappings.highestKey(state.root).orElse(-1);
    } finally {
      state.tree.unlockRead(stamp);
    }
  }

  /// How many data blocks in `[begin, end)` this device alone refers to. Walks only what is
  /// exclusive.
  long countExclusive(DeviceState state, long begin, long end) throws IOException {
    var counter = new ExclusiveBlocks(transaction, dataMap, begin, end);
    long stamp = state.tree.readLock();
    try {
      mappings.walk(state.root, begin, end, counter);
      return counter.count();
    } finally {
      state.tree.unlockRead(stamp);
    }
  }

  // The pool

  void setTransactionId(long current, long next) throws StorageException {
    if (current != transactionId) {
      throw new StorageException.InvalidArgument(
          "the pool's transaction id is %s, not %s; read it again and decide anew"
              .formatted(Long.toUnsignedString(transactionId), Long.toUnsignedString(current)));
    }
    begin();
    transactionId = next;
  }

  /// Keeps the trees as they are now, for tools that read a live pool.
  void reserveMetadataSnapshot() throws IOException {
    if (heldRoot != 0) {
      throw new StorageException.Busy(
          "the pool has a metadata snapshot already, at block %d; release it first"
              .formatted(heldRoot));
    }
    begin();
    storeChangedDevices();
    var none = new SpaceMapRoot(0, 0, 0, 0);
    var copy = transaction.newBlock(BlockKind.SUPERBLOCK);
    superblock(none, none).asMetadataSnapshot().write(copy.bytes());
    // It may be released, and so read, before it was ever written.
    BlockChecksum.seal(copy.bytes(), copy.block(), BlockKind.SUPERBLOCK);
    transaction.increment(topLevelRoot);
    transaction.increment(detailsRoot);
    heldRoot = copy.block();
  }

  void releaseMetadataSnapshot() throws IOException {
    if (heldRoot == 0) {
      throw new StorageException.NotFound("the pool has no metadata snapshot to release");
    }
    var held = Superblock.read(transaction.read(heldRoot, BlockKind.SUPERBLOCK), heldRoot, false);
    begin();
    topLevel.delete(held.mappingRoot());
    details.delete(held.detailsRoot());
    transaction.decrement(heldRoot);
    heldRoot = 0;
  }

  void extendData(long newBlocks) throws IOException {
    begin();
    dataMap.extend(newBlocks);
  }

  void extendMetadata(long newBlocks) throws IOException {
    begin();
    transaction.extend(newBlocks);
  }

  void setNeedsCheck(boolean needed) {
    begin();
    needsCheck = needed;
  }

  void release(FreedBlocks freed) {
    dataMap.release(freed);
  }

  // Transactions

  /// Ends the running transaction in memory and begins the next.
  Sealed seal() throws IOException {
    storeChangedDevices();
    var dataRoot = dataMap.commit();
    var freed = dataMap.sealFreed();
    var sealed = transaction.seal();
    var block = MemorySegment.ofArray(new byte[Superblock.BLOCK_BYTES]);
    superblock(dataRoot, sealed.metadataRoot()).write(block);
    changed = false;
    return new Sealed(sealed, dataMap, block, freed);
  }

  /// Brings the trees up to date with the devices. Whoever changes one of them from here on makes
  /// its path in the top-level tree exclusive anew: the trees as they are now may get another
  /// referrer.
  private void storeChangedDevices() throws IOException {
    for (var state : changedDevices) {
      topLevelRoot = topLevel.insert(topLevelRoot, state.id.value(), state.root);
      detailsRoot =
          details.insert(detailsRoot, state.id.value(), DetailsLayout.write(state.details()));
    }
    for (var state : changedDevices) {
      state.changed = false;
      forgetIfIdle(state);
    }
    changedDevices.clear();
  }

  /// A transaction that is complete in memory and not yet on disk.
  record Sealed(
      SealedTransaction transaction,
      DiskSpaceMap dataMap,
      MemorySegment superblock,
      FreedBlocks freed) {
    /// Makes it durable; without the metadata lock.
    void write() throws IOException {
      transaction.write(superblock);
    }

    /// Lets the metadata blocks it freed be used again, and forgets what was shared before it;
    /// under the metadata lock, after [#write].
    void complete() {
      transaction.complete();
      dataMap.complete();
    }
  }

  private Superblock superblock(SpaceMapRoot dataRoot, SpaceMapRoot metadataRoot) {
    return new Superblock(
        needsCheck ? Superblock.NEEDS_CHECK : 0,
        snapshotTime,
        transactionId,
        heldRoot,
        dataRoot,
        metadataRoot,
        topLevelRoot,
        detailsRoot,
        dataBlockSectors,
        formattedBlocks);
  }

  private void begin() {
    changed = true;
  }

  private void change(DeviceState state) throws IOException {
    if (state.changed) {
      return;
    }
    topLevelRoot = topLevel.insert(topLevelRoot, state.id.value(), state.root);
    state.changed = true;
    states.put(state.id, state);
    changedDevices.add(state);
  }

  /// The values of the top-level tree: roots of mapping trees, each counted as a reference to that
  /// block.
  private record SubtreeRoots(TransactionManager transaction, BTree mappings) implements ValueType {
    private static final ValueLayout.OfLong U64 =
        ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public int sizeBytes() {
      return Long.BYTES;
    }

    @Override
    public void increment(MemorySegment values, long offset, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        transaction.increment(values.get(U64, offset + 8L * i));
      }
    }

    @Override
    public void decrement(MemorySegment values, long offset, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        mappings.delete(values.get(U64, offset + 8L * i));
      }
    }
  }
}
