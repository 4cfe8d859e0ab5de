package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.TransactionManager;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A pool: a metadata device and a data device that thin devices draw from, in the kernel's dm-thin
/// format.
///
/// Devices are known by number here, as in the kernel; [Volumes] gives them names and sizes. All
/// methods may be called by many threads. Its parts: [PoolState] is its metadata and its mode,
/// [Commits] makes it durable, [SpaceQueue] waits for space.
///
/// **Locks**, in the order they are taken: a stripe ([Stripes]), the commit lock, the metadata
/// lock, a device's own ([DeviceState#tree]).
public final class Pool implements Closeable {
  /// How many virtual blocks are looked at under one hold of the lock when usage is counted.
  private static final long USAGE_STEP_BLOCKS = 1 << 16;

  final Stripes stripes = new Stripes();
  final BlockBuffers buffers;

  private final PoolState state;
  private final SpaceQueue space;
  private final Commits commits;
  private final BlockDevice data;
  private final long dataBlockBytes;

  private Pool(PoolState state, PoolClock clock) {
    this.state = state;
    this.space = new SpaceQueue(state, clock, this::growData);
    this.commits = new Commits(state, space, clock);
    this.data = state.data;
    this.dataBlockBytes = state.dataBlockBytes;
    this.buffers = new BlockBuffers(dataBlockBytes);
  }

  /// Makes an empty pool on two devices. Whatever was on the metadata device is gone; the data
  /// device is not touched.
  ///
  /// @param dataBlockBytes 64 KiB to 1 GiB in steps of 64 KiB; fixed for the pool's life
  /// @throws StorageException.InvalidArgument if a size is not possible
  public static void format(BlockDevice metadata, BlockDevice data, long dataBlockBytes)
      throws IOException {
    int sectors = DataBlocks.sectorsOf(dataBlockBytes);
    long blocks = data.sizeBytes() / dataBlockBytes;
    if (blocks == 0) {
      throw new StorageException.InvalidArgument(
          "a data device of %d bytes holds no data block of %d; make it larger or the blocks smaller"
              .formatted(data.sizeBytes(), dataBlockBytes));
    }
    PoolMetadata.format(metadata, sectors, blocks);
  }

  /// Opens a pool. The devices stay the caller's: it locks them before and closes them after the
  /// pool.
  ///
  /// A pool whose metadata needs a check opens in read-only mode.
  public static Pool open(
      BlockDevice metadataDevice, BlockDevice data, PoolOptions options, PoolClock clock)
      throws IOException {
    var metadata =
        PoolMetadata.open(metadataDevice, options.metadataCacheBytes(), !options.readOnly());
    var state = new PoolState(metadata, metadataDevice, data, options);
    long needed = metadata.dataBlocks() * state.dataBlockBytes;
    if (data.sizeBytes() < needed) {
      throw new StorageException.Damaged(
          "the data device has %d bytes and the pool needs %d; it was cut short or is not this pool's: give the right one"
              .formatted(data.sizeBytes(), needed));
    }
    return new Pool(state, clock);
  }

  // What a thin device asks of its pool

  BlockDevice data() {
    return data;
  }

  long dataBlockBytes() {
    return dataBlockBytes;
  }

  PoolMetadata metadata() {
    return state.metadata();
  }

  /// Whether discards succeed and do nothing: because the options say so, or, as in the kernel,
  /// because the pool needs a check. A discard promises nothing, so a file system that sends them
  /// as it goes need not see errors for it.
  boolean ignoresDiscards() {
    return options().discard() == DiscardMode.IGNORE || state.mode() == PoolMode.READ_ONLY;
  }

  /// Notes that the data device has something to flush.
  void dataWritten() {
    commits.dataWritten();
  }

  /// Refuses I/O when the pool is closed or has failed.
  void requireReadable() throws StorageException {
    state.requireReadable();
  }

  /// A data block set aside for one write; nothing of it is on disk until it is mapped.
  ///
  /// @param additional whether the device will map one block more than before
  record Reservation(PoolMetadata owner, DeviceState device, boolean additional, long dataBlock) {}

  /// Sets a data block aside for a write to `device`. Returns null when there is none now: the
  /// caller lets go of its stripe, calls [#awaitSpace] and tries again.
  ///
  /// @param additional whether the device will map one block more than before
  @Nullable Reservation reserve(DeviceState device, boolean additional) throws IOException {
    state.lock();
    try {
      state.requireWritable();
      requireNotLost(device);
      if (additional && device.mappedBlocks + device.reservedBlocks >= device.quotaBlocks) {
        throw new StorageException.OutOfSpace(
            "thin device %s has reached its quota of %d bytes; raise the quota or discard data"
                .formatted(device.id, device.quotaBlocks * dataBlockBytes));
      }
      var metadata = state.metadata();
      if (!metadata.hasRoom(metadata.roomForAChange())) {
        return null;
      }
      long block = state.guarded(metadata::reserveDataBlock);
      space.checkLowWater();
      if (block < 0) {
        return null;
      }
      if (additional) {
        device.reservedBlocks++;
      }
      return new Reservation(metadata, device, additional, block);
    } finally {
      state.unlock();
    }
  }

  /// Gives a block back that was not mapped, for whoever waits for one.
  void cancel(Reservation reservation) {
    state.lock();
    try {
      if (reservation.additional()) {
        reservation.device().reservedBlocks--;
      }
      reservation.owner().cancelReservation(reservation.dataBlock());
      state.noteChange();
    } finally {
      state.unlock();
    }
  }

  /// Maps the hole to the reserved block, whose content has been written. False, with nothing done,
  /// when others have used up the metadata's room meanwhile: as when there is no reservation.
  boolean provision(long virtualBlock, Reservation reservation) throws IOException {
    return map(
        reservation,
        now -> now.provision(reservation.device(), virtualBlock, reservation.dataBlock()));
  }

  /// As [#provision], where a block was mapped that is shared.
  boolean unshare(long virtualBlock, Reservation reservation, long sharedBlock) throws IOException {
    return map(
        reservation,
        now ->
            now.unshare(reservation.device(), virtualBlock, reservation.dataBlock(), sharedBlock));
  }

  private boolean map(Reservation reservation, Change change) throws IOException {
    state.lock();
    try {
      state.requireReadable();
      requireNotLost(reservation.device());
      var metadata = state.metadata();
      if (reservation.owner() != metadata || state.mode() == PoolMode.READ_ONLY) {
        throw state.readOnly();
      }
      if (!metadata.hasRoom(metadata.roomForAChange())) {
        return false;
      }
      apply(change);
      if (reservation.additional()) {
        reservation.device().reservedBlocks--;
      }
      return true;
    } finally {
      state.unlock();
    }
  }

  /// Makes holes of whole blocks from `begin` on, as many of those before `end` as the metadata has
  /// room for at a time. Returns where it stopped. The caller holds the stripes of all of them for
  /// writing.
  ///
  /// A pool that is out of metadata space does so as well, from what is held back of the metadata,
  /// as long as that lasts: it is how metadata becomes free again.
  long unmap(DeviceState device, long begin, long end) throws IOException {
    return unmap(device, begin, end, PoolMetadata::roomToDiscard);
  }

  private long unmap(DeviceState device, long begin, long end, StepNeed need) throws IOException {
    commits.awaitRoomInMemory();
    for (int commitsLeft = SpaceQueue.MOST_COMMITS; ; commitsLeft--) {
      long stop = tryUnmap(device, begin, end, need, commitsLeft);
      if (stop > begin) {
        return stop;
      }
      commits.makeDurable();
    }
  }

  /// Returns `begin`, with nothing done, when a commit may bring the room that is missing.
  private long tryUnmap(DeviceState device, long begin, long end, StepNeed need, int commitsLeft)
      throws IOException {
    state.lock();
    try {
      state.requireWritable();
      requireNotLost(device);
      long step = step(end - begin, need);
      if (!hasRoom(now -> need.blocks(now, step), commitsLeft)) {
        return begin;
      }
      apply(now -> now.unmap(device, begin, begin + step));
      if (state.mode() == PoolMode.OUT_OF_DATA_SPACE) {
        commits.scheduleEarly();
      }
      return begin + step;
    } finally {
      state.unlock();
    }
  }

  /// How many of so many blocks there is room for, by halves; at least one.
  private long step(long wanted, StepNeed need) {
    var metadata = state.metadata();
    long step = wanted;
    while (step > 1 && !metadata.hasRoom(need.blocks(metadata, step))) {
      step /= 2;
    }
    return step;
  }

  private static void requireNotLost(DeviceState device) throws StorageException {
    if (device.lost) {
      throw new StorageException.Failed(
          "thin device %s was lost when the pool went back to its last commit; close it"
              .formatted(device.id));
    }
  }

  /// Finds room for a write that got no reservation: commits, so that what was freed can be used;
  /// grows the data device when that is allowed; else waits for space, or fails when that is what
  /// the pool's options say. Called without any lock.
  ///
  /// @param writer asked before each wait; throws when the write is no longer wanted
  void awaitSpace(SpaceQueue.Writer writer) throws IOException {
    space.await(writer, commits::commit);
  }

  /// Tells the listeners what has happened, in its order. Called without any lock held.
  void deliverEvents() {
    state.events.deliver();
  }

  /// Fails writes that wait for space, now and until there is some: the process wants to stop.
  public void refuseWaiting() {
    space.refuse();
  }

  // Devices

  /// Opens a thin device. Several handles of one device may be open; they share its size and
  /// origin.
  ///
  /// @param sizeBytes the size it is given; nothing in the pool's metadata says it
  /// @param externalOrigin what is read where the device has no mapping, or null for zeroes; stays
  ///   the caller's
  public ThinDevice openDevice(
      ThinId id, long sizeBytes, boolean readOnly, @Nullable BlockDevice externalOrigin)
      throws IOException {
    if (sizeBytes < 0) {
      throw new StorageException.InvalidArgument(
          "a thin device of %d bytes is not possible; give it a positive size"
              .formatted(sizeBytes));
    }
    if (externalOrigin instanceof ThinDevice origin && origin.isOf(this)) {
      throw new StorageException.InvalidArgument(
          "thin device %s cannot be the external origin of %s: both are in the same pool; snapshot it instead"
              .formatted(origin.id(), id));
    }
    state.lock();
    try {
      state.requireReadable();
      var device = metadata().pin(id);
      if (device.openCount == 1) {
        device.sizeBytes = sizeBytes;
        device.externalOrigin = externalOrigin;
        device.quotaBlocks = Long.MAX_VALUE;
      }
      return new ThinDevice(this, device, readOnly);
    } finally {
      state.unlock();
    }
  }

  void closeDevice(DeviceState device) {
    state.lock();
    try {
      metadata().unpin(device);
      // A write of this handle may wait for space.
      state.noteChange();
    } finally {
      state.unlock();
    }
  }

  /// Changes the settings of a device (size, quota, external origin) for all its handles; does
  /// nothing when nobody has it open.
  void changeSettings(ThinId id, Consumer<DeviceState> change) {
    state.lock();
    try {
      var device = metadata().pinned(id);
      if (device != null) {
        change.accept(device);
      }
    } finally {
      state.unlock();
    }
  }

  /// To be called before a block is mapped: waits for a commit if too much is uncommitted.
  void awaitRoomInMemory() throws IOException {
    commits.awaitRoomInMemory();
  }

  /// Creates an empty thin device. Durable after the next commit.
  public void createThin(ThinId id) throws IOException {
    change(now -> now.createThin(id));
  }

  /// Snapshots one device.
  public void createSnapshot(ThinId snapshot, ThinId origin) throws IOException {
    createSnapshots(List.of(new SnapshotPair(snapshot, origin)));
  }

  /// One snapshot to make.
  public record SnapshotPair(ThinId snapshot, ThinId origin) {}

  /// Snapshots many devices in one transaction on one tick of the snapshot clock: all or none, at
  /// one moment for all. I/O to the origins waits meanwhile, for the time of a few tree inserts
  /// each. Durable after the next commit.
  public void createSnapshots(List<SnapshotPair> pairs) throws IOException {
    change(
        pairs.stream().map(SnapshotPair::origin).toList(),
        now -> now.roomForSnapshots(pairs),
        now -> now.createSnapshots(pairs));
  }

  /// Makes the content of `target` that of `source`, which may be open or not. Durable after the
  /// next commit.
  public void rollBack(ThinId target, ThinId source) throws IOException {
    rollBack(target, source, _ -> {});
  }

  /// As [#rollBack(ThinId, ThinId)]; who has the device open sees the size and the external origin
  /// that belong to its new content from the same moment on. Durable on return. When the commit
  /// fails they are what they were, as is the content.
  void rollBack(ThinId target, ThinId source, long sizeBytes, @Nullable BlockDevice externalOrigin)
      throws IOException {
    var before = new AtomicReference<DeviceState.@Nullable Settings>();
    var after = new DeviceState.Settings(sizeBytes, externalOrigin);
    rollBack(target, source, device -> before.set(device.exchange(after)));
    try {
      commit();
    } catch (IOException | RuntimeException e) {
      var settings = before.get();
      if (settings != null) {
        changeSettings(target, device -> device.exchange(settings));
      }
      throw e;
    }
  }

  private void rollBack(ThinId target, ThinId source, Consumer<DeviceState> whenOpen)
      throws IOException {
    change(
        List.of(target, source),
        now -> now.roomToRollBack(target),
        now -> {
          now.rollBack(target, source);
          var device = now.pinned(target);
          if (device != null) {
            whenOpen.accept(device);
          }
        });
  }

  /// Deletes a device that nobody has open, in the time of what it alone has. Durable after the
  /// next commit.
  ///
  /// Where the metadata has no room to do that in one change, the device is emptied first, in steps
  /// that are each durable before the next. It can be deleted all the while, also after a crash or
  /// when there is no room to go on, but no longer holds what it held. A pool that is out of
  /// metadata space does so as well.
  public void delete(ThinId id) throws IOException {
    try {
      commits.awaitRoomInMemory();
      if (!tryDelete(id)) {
        commits.makeDurable();
        if (!tryDelete(id)) {
          deleteInSteps(id);
        }
      }
    } finally {
      deliverEvents();
    }
  }

  /// False, with nothing done, when there is no room.
  private boolean tryDelete(ThinId id) throws IOException {
    state.lock();
    try {
      state.requireWritable();
      var metadata = metadata();
      metadata.requireClosed(id);
      if (!metadata.hasRoom(metadata.roomToDelete(id))) {
        return false;
      }
      apply(now -> now.delete(id));
      return true;
    } finally {
      state.unlock();
    }
  }

  private void deleteInSteps(ThinId id) throws IOException {
    var device = underMetadataLock(now -> now.condemn(id));
    try {
      do {
        emptyStep(device);
        commits.makeDurable();
      } while (!tryDelete(device));
    } finally {
      reprieve(device);
    }
  }

  /// Unmaps the first blocks that a condemned device maps.
  private void emptyStep(DeviceState device) throws IOException {
    long first = underMetadataLock(now -> now.lowestMapped(device));
    if (first < 0) {
      throw SpaceQueue.outOfMetadataSpace();
    }
    long end = first + ThinDevice.UNMAP_STEP_BLOCKS;
    for (long at = first; at < end; ) {
      at = unmap(device, at, end, PoolMetadata::roomToEmpty);
    }
  }

  private boolean tryDelete(DeviceState condemned) throws IOException {
    state.lock();
    try {
      requireNotLost(condemned);
      var metadata = metadata();
      if (!metadata.hasRoom(metadata.roomToDelete(condemned.id))) {
        return false;
      }
      metadata.reprieve(condemned);
      return tryDelete(condemned.id);
    } finally {
      state.unlock();
    }
  }

  private void reprieve(DeviceState condemned) {
    state.lock();
    try {
      metadata().reprieve(condemned);
    } finally {
      state.unlock();
    }
  }

  /// Whether there is such a device.
  public boolean exists(ThinId id) throws IOException {
    return underMetadataLock(now -> now.exists(id));
  }

  /// All devices in ascending order of id.
  public List<DeviceDetails> devices() throws IOException {
    return underMetadataLock(now -> {
      var devices = new ArrayList<DeviceDetails>(now.deviceCount());
      now.forEachDevice(devices::add);
      return devices;
    });
  }

  /// What the metadata says of one device.
  public DeviceDetails details(ThinId id) throws IOException {
    return underMetadataLock(now -> now.device(id).details());
  }

  /// The highest mapped virtual block of a device, or -1 when it maps none.
  public long highestMappedBlock(ThinId id) throws IOException {
    return underMetadataLock(now -> now.highestMapped(now.device(id)));
  }

  /// The parameters of the kernel's `dmsetup status` line for a `thin` target: mapped sectors and
  /// the highest mapped sector.
  public String thinStatusLine(ThinId id) throws IOException {
    if (state.mode() == PoolMode.FAIL) {
      return PoolMode.FAIL.kernelName();
    }
    return underMetadataLock(now -> {
      var device = now.device(id);
      long sectors = now.dataBlockSectors();
      long highest = now.highestMapped(device);
      return "%d %s"
          .formatted(
              device.mappedBlocks * sectors,
              highest < 0 ? "-" : Long.toString((highest + 1) * sectors - 1));
    });
  }

  /// What a device holds of the pool. Walks what is exclusive, a piece at a time, so that writes go
  /// on meanwhile.
  public DeviceUsage usage(ThinId id, Progress progress) throws IOException {
    long highest = highestMappedBlock(id);
    long exclusive = 0;
    for (long begin = 0; begin <= highest; begin += USAGE_STEP_BLOCKS) {
      stopIfAsked(progress, begin, highest + 1, "counting the blocks of thin device " + id);
      long from = begin;
      exclusive +=
          underMetadataLock(
              now -> now.countExclusive(now.device(id), from, from + USAGE_STEP_BLOCKS));
    }
    progress.update(highest + 1, highest + 1);
    long mapped = details(id).mappedBlocks();
    exclusive = Math.min(exclusive, mapped);
    return new DeviceUsage(
        mapped * dataBlockBytes, exclusive * dataBlockBytes, (mapped - exclusive) * dataBlockBytes);
  }

  static void stopIfAsked(Progress progress, long done, long total, String what)
      throws InterruptedIOException {
    if (!progress.update(done, total)) {
      throw new InterruptedIOException(what + " was stopped after " + done + " of " + total);
    }
  }

  // The pool

  /// The state now, without a commit.
  public PoolStatus status() {
    state.lock();
    try {
      var metadata = metadata();
      long held = metadata.heldRoot();
      return new PoolStatus(
          state.mode(),
          metadata.needsCheck(),
          metadata.transactionId(),
          dataBlockBytes,
          metadata.metadataBlocks() - metadata.freeMetadataBlocks(),
          metadata.metadataBlocks(),
          metadata.metadataLowWaterBlocks(),
          metadata.dataBlocks() - metadata.freeDataBlocks(),
          metadata.dataBlocks(),
          held == 0 ? null : held,
          options().discard(),
          space.errorIfNoSpace(),
          metadata.snapshotTime(),
          (long) Mapping.MAX_TIME - metadata.snapshotTime(),
          metadata.deviceCount());
    } finally {
      state.unlock();
    }
  }

  /// As in [#status], without waiting for what is being done.
  public PoolMode mode() {
    return state.mode();
  }

  /// As in [#status], without waiting for what is being done.
  public boolean needsCheck() {
    return metadata().needsCheck();
  }

  /// The kernel's status line, after a commit as the kernel does it.
  public String statusLine() throws IOException {
    if (state.mode() == PoolMode.WRITE || state.mode() == PoolMode.OUT_OF_DATA_SPACE) {
      commit();
    }
    return status().kernelLine();
  }

  public PoolOptions options() {
    return state.options();
  }

  /// Changes how the pool behaves from now on. Whether it is read-only and how much it caches stay
  /// as they were at opening.
  public void setOptions(PoolOptions wanted) {
    state.lock();
    try {
      state.setOptions(wanted);
      space.checkLowWater();
      state.noteChange();
    } finally {
      state.unlock();
      deliverEvents();
    }
  }

  /// Adds someone who hears of events, on whatever thread raised them and without any lock held.
  public void listen(Consumer<PoolEvent> listener) {
    state.events.listen(listener);
  }

  /// Sets the number a volume manager keeps here, if it still is `current`. Durable after the next
  /// commit.
  public void setTransactionId(long current, long next) throws IOException {
    change(now -> now.setTransactionId(current, next));
  }

  /// Keeps the trees as they are now for tools that read a live pool.
  public void reserveMetadataSnapshot() throws IOException {
    change(PoolMetadata::reserveMetadataSnapshot);
  }

  public void releaseMetadataSnapshot() throws IOException {
    change(
        List.of(),
        PoolMetadata::roomToReleaseMetadataSnapshot,
        PoolMetadata::releaseMetadataSnapshot);
  }

  /// Grows the data device to `newBytes`, rounded down to whole blocks, and lets queued writes go
  /// on. Durable on return.
  public void extendData(long newBytes) throws IOException {
    try {
      for (int commitsLeft = SpaceQueue.MOST_COMMITS;
          !tryExtendData(newBytes, commitsLeft);
          commitsLeft--) {
        commits.makeDurable();
      }
    } finally {
      deliverEvents();
    }
    commit();
  }

  /// False, with nothing done, when a commit may bring the room that is missing.
  private boolean tryExtendData(long newBytes, int commitsLeft) throws IOException {
    long blocks = newBytes / dataBlockBytes;
    state.lock();
    try {
      state.requireWritable();
      long before = metadata().dataBlocks();
      if (blocks < before) {
        throw new StorageException.InvalidArgument(
            "the pool's data has %d bytes and cannot shrink to %d; give a larger size"
                .formatted(before * dataBlockBytes, newBytes));
      }
      if (blocks > before) {
        if (!hasRoom(now -> now.roomToExtendData(blocks), commitsLeft)) {
          return false;
        }
        growData(blocks);
      }
      space.dataGrown();
      return true;
    } finally {
      state.unlock();
    }
  }

  /// Under the metadata lock.
  private void growData(long blocks) throws IOException {
    requireRoom(now -> now.roomToExtendData(blocks));
    long from = metadata().dataBlocks();
    if (data.sizeBytes() < blocks * dataBlockBytes) {
      data.extend(blocks * dataBlockBytes);
    }
    apply(now -> now.extendData(blocks));
    state.events.add(new PoolEvent.DataExtended(from, blocks));
    space.checkLowWater();
  }

  /// Grows the metadata device to `newBytes`, rounded down to whole metadata blocks and to what the
  /// format can address. Durable on return.
  public void extendMetadata(long newBytes) throws IOException {
    try {
      extendMetadataTo(
          Math.min(newBytes / Superblock.BLOCK_BYTES, TransactionManager.MAX_BLOCKS), newBytes);
    } finally {
      deliverEvents();
    }
    commit();
  }

  private void extendMetadataTo(long blocks, long newBytes) throws IOException {
    state.lock();
    try {
      state.requireWritable();
      long from = metadata().metadataBlocks();
      if (blocks < from) {
        throw new StorageException.InvalidArgument(
            "the pool's metadata has %d bytes and cannot shrink to %d; give a larger size"
                .formatted(from * Superblock.BLOCK_BYTES, newBytes));
      }
      if (blocks > from) {
        var device = state.metadataDevice;
        if (device.sizeBytes() < blocks * Superblock.BLOCK_BYTES) {
          device.extend(blocks * Superblock.BLOCK_BYTES);
        }
        apply(now -> now.extendMetadata(blocks));
        state.events.add(new PoolEvent.MetadataExtended(from, blocks));
      }
      space.metadataGrown();
    } finally {
      state.unlock();
    }
  }

  /// Carries out one of the kernel's message strings, and commits.
  ///
  /// @throws StorageException.InvalidArgument if it is not one, or its arguments are not acceptable
  public void message(String message) throws IOException {
    PoolMessage.parse(message).applyTo(this);
    commit();
  }

  // Changes

  /// Something done to the metadata under its lock.
  @FunctionalInterface
  interface Change {
    void apply(PoolMetadata metadata) throws IOException;
  }

  /// Something asked of the metadata under its lock.
  @FunctionalInterface
  private interface Question<T> {
    T ask(PoolMetadata metadata) throws IOException;
  }

  private <T> T underMetadataLock(Question<T> question) throws IOException {
    state.lock();
    try {
      state.requireReadable();
      return question.ask(metadata());
    } finally {
      state.unlock();
    }
  }

  /// How many metadata blocks a change can take at worst, the commit after it included.
  @FunctionalInterface
  private interface Need {
    long blocks(PoolMetadata metadata) throws IOException;
  }

  /// The same for a step of a change that can be made in smaller ones.
  @FunctionalInterface
  private interface StepNeed {
    long blocks(PoolMetadata metadata, long virtualBlocks);
  }

  private void change(Change change) throws IOException {
    change(List.of(), PoolMetadata::roomForAChange, change);
  }

  /// Makes a change that is not part of a write, with I/O to `heldOff` held off. A pool that is out
  /// of metadata space, read-only or failed takes none, as in the kernel.
  private void change(Collection<ThinId> heldOff, Need need, Change change) throws IOException {
    state.requireChangeable();
    commits.awaitRoomInMemory();
    try (var _ = stripes.hold(heldOff)) {
      for (int commitsLeft = SpaceQueue.MOST_COMMITS;
          !tryChange(need, change, commitsLeft);
          commitsLeft--) {
        commits.makeDurable();
      }
    } finally {
      deliverEvents();
    }
  }

  /// False, with nothing done, when a commit may bring the room that is missing.
  private boolean tryChange(Need need, Change change, int commitsLeft) throws IOException {
    state.lock();
    try {
      state.requireChangeable();
      if (!hasRoom(need, commitsLeft)) {
        return false;
      }
      apply(change);
      return true;
    } finally {
      state.unlock();
    }
  }

  /// Whether there is room now; false when a commit may bring it. Under the metadata lock.
  ///
  /// @param commitsLeft how often a commit may still be tried: others may use what it brings
  /// @throws StorageException.OutOfSpace if there is none and will not be any
  private boolean hasRoom(Need need, int commitsLeft) throws IOException {
    var metadata = state.metadata();
    if (metadata.hasRoom(need.blocks(metadata))) {
      return true;
    }
    if (commitsLeft > 0 && metadata.hasUnreleasedBlocks()) {
      return false;
    }
    requireRoom(need);
    return true;
  }

  private void requireRoom(Need need) throws IOException {
    var metadata = state.metadata();
    if (!metadata.hasRoom(need.blocks(metadata))) {
      space.checkLowWater();
      if (!metadata.hasRoom(metadata.roomForAChange())) {
        state.setMode(PoolMode.OUT_OF_METADATA_SPACE, "no metadata block is free");
      }
      throw SpaceQueue.outOfMetadataSpace();
    }
  }

  private void apply(Change change) throws IOException {
    if (state.isBroken()) {
      throw state.readOnly();
    }
    state.guarded(() -> {
      change.apply(state.metadata());
      return null;
    });
    commits.schedule();
  }

  /// Makes everything durable that was done before the call: data and metadata. All who wait share
  /// one commit.
  public void commit() throws IOException {
    commits.commit();
  }

  /// Whether a range of the data device is known to read as zeroes, so that a new block there need
  /// not be zeroed.
  boolean isZeroed(long offset, long lengthBytes) throws IOException {
    boolean[] zeroed = {true};
    data.extents(
        offset,
        lengthBytes,
        (_, _, extent) -> {
          zeroed[0] = extent == ExtentState.HOLE || extent == ExtentState.ZERO;
          return zeroed[0];
        });
    return zeroed[0];
  }

  /// Finishes I/O, commits and lets go of the devices, which stay the caller's to close. Handles
  /// that are still open fail from then on.
  @Override
  public void close() throws IOException {
    refuseWaiting();
    try (var _ = stripes.holdAll()) {
      if (state.isClosed()) {
        return;
      }
      try {
        if (state.mode() != PoolMode.FAIL) {
          commits.makeDurable();
        }
      } finally {
        state.close();
        space.awaitPunching();
      }
    } finally {
      deliverEvents();
    }
  }
}
