package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.FreedBlocks;
import io.lumeo.persistentdata.TransactionManager;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A pool: a metadata device and a data device that thin devices draw from, in the kernel's dm-thin
/// format.
///
/// Devices are known by number here, as in the kernel; [Volumes] gives them names and sizes. All
/// methods may be called by many threads.
///
/// **A commit** runs in three steps so that writes go on meanwhile: under the metadata lock the
/// running transaction is sealed in memory and the next begins; without it the data device is
/// flushed, the sealed blocks, then the superblock are written; under it again the blocks the
/// transaction freed become free to use. A mapping enters a transaction only after its data was
/// written, so the flush of the data covers every mapping of the sealed transaction. All who wait
/// for a flush share one commit.
///
/// **Locks**, in the order they are taken: a stripe ([Stripes]), the commit lock, the metadata
/// lock, a device's own ([DeviceState#tree]).
///
/// **Modes** follow the kernel's:
///
/// ```
/// write ⇄ out of data space      no data block is free / some are again
/// write ⇄ out of metadata space  no metadata block is free / the metadata has grown
/// any   → read only              a commit or a change failed; needs_check is set, the last commit is in force
/// any   → fail                   not even the last commit can be read
/// ```
public final class Pool implements Closeable {
  private static final System.Logger LOG = System.getLogger(Pool.class.getName());

  /// How long a change may stay uncommitted when nobody flushes, as in the kernel.
  private static final Duration COMMIT_PERIOD = Duration.ofSeconds(1);

  /// Dirty metadata blocks beyond which a commit is started early, to bound memory: 32 MiB.
  private static final int MAX_DIRTY_BLOCKS = 8192;

  /// How many virtual blocks are looked at under one hold of the lock when usage is counted.
  private static final long USAGE_STEP_BLOCKS = 1 << 16;

  private static final long SPACE_FOUND = -1;

  private final BlockDevice metadataDevice;
  private final BlockDevice data;
  private final PoolClock clock;
  private final long dataBlockBytes;
  private final List<Consumer<PoolEvent>> listeners = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<PoolEvent> events = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean delivering = new AtomicBoolean();

  final Stripes stripes = new Stripes();
  final BlockBuffers buffers;

  private final ReentrantLock commitLock = new ReentrantLock();
  private volatile long commitsStarted;
  private volatile boolean dataDirty;

  private final ReentrantLock metadataLock = new ReentrantLock();
  private final Condition spaceChanged = metadataLock.newCondition();

  /// How often those who wait for space had reason to look again.
  private long spaceChanges;

  private volatile PoolMetadata metadata;
  private volatile PoolOptions options;
  private volatile PoolMode mode = PoolMode.WRITE;
  private volatile boolean closed;

  /// Why the running transaction cannot be committed; set under the metadata lock, cleared when the
  /// last commit is in force again.
  private volatile @Nullable Exception broken;

  private volatile @Nullable Exception lastFailure;

  /// How many lots of freed blocks are being given back to the data device and can be used soon.
  private int punching;

  private boolean commitScheduled;
  private boolean earlyCommitScheduled;
  private boolean dataLowRaised;
  private boolean metadataLowRaised;
  private boolean waitingRefused;
  private PoolClock.@Nullable Scheduled spaceTimeout;

  private Pool(
      PoolMetadata metadata,
      BlockDevice metadataDevice,
      BlockDevice data,
      PoolOptions options,
      PoolClock clock) {
    this.metadata = metadata;
    this.metadataDevice = metadataDevice;
    this.data = data;
    this.options = options;
    this.clock = clock;
    this.dataBlockBytes = (long) metadata.dataBlockSectors() * DataBlocks.SECTOR_BYTES;
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
    var pool = new Pool(metadata, metadataDevice, data, options, clock);
    long needed = metadata.dataBlocks() * pool.dataBlockBytes;
    if (data.sizeBytes() < needed) {
      throw new StorageException.Damaged(
          "the data device has %d bytes and the pool needs %d; it was cut short or is not this pool's: give the right one"
              .formatted(data.sizeBytes(), needed));
    }
    pool.enterFirstMode();
    return pool;
  }

  private void enterFirstMode() {
    if (options.readOnly()) {
      mode = PoolMode.READ_ONLY;
    } else if (metadata.needsCheck()) {
      mode = PoolMode.READ_ONLY;
      LOG.log(System.Logger.Level.WARNING, "the pool needs a check and is read-only until then");
    }
  }

  // What a thin device asks of its pool

  BlockDevice data() {
    return data;
  }

  long dataBlockBytes() {
    return dataBlockBytes;
  }

  PoolMetadata metadata() {
    return metadata;
  }

  PoolOptions currentOptions() {
    return options;
  }

  /// Notes that the data device has something to flush.
  void dataWritten() {
    if (!dataDirty) {
      dataDirty = true;
    }
  }

  /// Refuses I/O when the pool is closed or has failed.
  void requireReadable() throws StorageException {
    if (closed) {
      throw new StorageException.Failed("the pool is closed; open it again");
    }
    if (mode == PoolMode.FAIL) {
      throw new StorageException.Failed(
          "the pool has failed: its metadata cannot be read; run 'lumeo pool check'");
    }
  }

  /// A data block set aside for one write; nothing of it is on disk until it is mapped.
  ///
  /// @param additional whether the device will map one block more than before
  record Reservation(PoolMetadata owner, DeviceState device, boolean additional, long dataBlock) {}

  /// Sets a data block aside for a write to `state`. Returns null when there is none now: the
  /// caller lets go of its stripe, calls [#awaitSpace] and tries again.
  ///
  /// @param additional whether the device will map one block more than before
  @Nullable Reservation reserve(DeviceState state, boolean additional) throws IOException {
    metadataLock.lock();
    try {
      requireWritable();
      requireNotLost(state);
      if (additional && state.mappedBlocks + state.reservedBlocks >= state.quotaBlocks) {
        throw new StorageException.OutOfSpace(
            "thin device %s has reached its quota of %d bytes; raise the quota or discard data"
                .formatted(state.id, state.quotaBlocks * dataBlockBytes));
      }
      if (!metadata.hasRoom(metadata.roomForAChange())) {
        return null;
      }
      long block = guarded(metadata::reserveDataBlock);
      checkLowWater();
      if (block < 0) {
        return null;
      }
      if (additional) {
        state.reservedBlocks++;
      }
      return new Reservation(metadata, state, additional, block);
    } finally {
      unlockMetadata();
    }
  }

  /// Gives a block back that was not mapped, for whoever waits for one.
  void cancel(Reservation reservation) {
    metadataLock.lock();
    try {
      if (reservation.additional()) {
        reservation.device().reservedBlocks--;
      }
      reservation.owner().cancelReservation(reservation.dataBlock());
      spaceMayHaveChanged();
    } finally {
      metadataLock.unlock();
    }
  }

  /// Maps the hole to the reserved block, whose content has been written.
  void provision(DeviceState state, long virtualBlock, Reservation reservation) throws IOException {
    changeMappings(
        state, reservation, now -> now.provision(state, virtualBlock, reservation.dataBlock()));
  }

  /// Maps the block to the reserved one instead of the shared one.
  void unshare(DeviceState state, long virtualBlock, Reservation reservation, long sharedBlock)
      throws IOException {
    changeMappings(
        state,
        reservation,
        now -> now.unshare(state, virtualBlock, reservation.dataBlock(), sharedBlock));
  }

  private void changeMappings(DeviceState state, Reservation reservation, Change change)
      throws IOException {
    metadataLock.lock();
    try {
      requireReadable();
      requireNotLost(state);
      if (reservation.owner() != metadata || mode == PoolMode.READ_ONLY) {
        throw readOnly();
      }
      apply(change);
      if (reservation.additional()) {
        state.reservedBlocks--;
      }
    } finally {
      unlockMetadata();
    }
  }

  /// Makes holes of whole blocks. The caller holds the stripes of all of them for writing.
  ///
  /// A pool that is out of metadata space does so as well, from what is held back of the metadata,
  /// as long as that lasts: it is how metadata becomes free again.
  void unmap(DeviceState state, long begin, long end) throws IOException {
    requireWritable();
    Need need = now -> now.roomToFree(end - begin);
    makeRoom(need);
    metadataLock.lock();
    try {
      requireWritable();
      requireNotLost(state);
      requireRoom(need);
      apply(now -> now.unmap(state, begin, end));
      if (mode == PoolMode.OUT_OF_DATA_SPACE) {
        commitSoon();
      }
    } finally {
      unlockMetadata();
    }
  }

  private StorageException readOnly() {
    return new StorageException.ReadOnly(
        options.readOnly()
            ? "the pool was opened read-only; open it for writing"
            : "the pool is read-only because its metadata needs a check; stop what uses it and run 'lumeo pool check --clear-needs-check'");
  }

  private static void requireNotLost(DeviceState state) throws StorageException {
    if (state.lost) {
      throw new StorageException.Failed(
          "thin device %s was lost when the pool went back to its last commit; close it"
              .formatted(state.id));
    }
  }

  /// Finds room for a write that got no reservation: commits, so that what was freed can be used;
  /// grows the data device when that is allowed; else waits for space, or fails when that is what
  /// the pool's options say. Called without any lock.
  ///
  /// @param writer asked after each wait; throws when the write is no longer wanted
  void awaitSpace(Writer writer) throws IOException {
    commit();
    for (long seen = lookForSpace(); seen != SPACE_FOUND; seen = lookForSpace()) {
      // Who listens hears that the pool is out of space while it is.
      deliverEvents();
      awaitSpaceChange(seen);
      writer.requireOpen();
    }
  }

  /// Who waits for space.
  @FunctionalInterface
  interface Writer {
    void requireOpen() throws StorageException;
  }

  /// Returns [#SPACE_FOUND], or what [#spaceChanges] was when there was no space.
  private long lookForSpace() throws IOException {
    metadataLock.lock();
    try {
      requireWritable();
      if (!metadata.hasRoom(metadata.roomForAChange())) {
        setMode(PoolMode.OUT_OF_METADATA_SPACE, "no metadata block is free");
        throw outOfMetadataSpace();
      }
      if (metadata.allocatableDataBlocks() == 0 && punching > 0) {
        return spaceChanges;
      }
      if (metadata.allocatableDataBlocks() > 0 || extendAutomatically()) {
        if (mode != PoolMode.WRITE) {
          resumeWriting("blocks are free again");
        }
        return SPACE_FOUND;
      }
      setMode(PoolMode.OUT_OF_DATA_SPACE, "no data block is free");
      if (errorIfNoSpace()) {
        throw new StorageException.OutOfSpace(
            "the pool has no free data block; extend it with 'lumeo pool extend' or delete what is not needed");
      }
      startSpaceTimeout();
      return spaceChanges;
    } finally {
      unlockMetadata();
    }
  }

  /// Whether writes that need space fail now: asked for, or because others have waited in vain.
  private boolean errorIfNoSpace() {
    return options.errorIfNoSpace() || waitingRefused;
  }

  private StorageException outOfMetadataSpace() {
    return new StorageException.OutOfSpace(
        "the pool has not enough free metadata blocks for this; extend its metadata with 'lumeo pool extend --meta-size'");
  }

  private void awaitSpaceChange(long seen) throws InterruptedIOException {
    metadataLock.lock();
    try {
      while (spaceChanges == seen) {
        spaceChanged.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted =
          new InterruptedIOException("interrupted while waiting for space in the pool");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      metadataLock.unlock();
    }
  }

  /// Lets those look again who wait for space. Under the metadata lock.
  private void spaceMayHaveChanged() {
    spaceChanges++;
    spaceChanged.signalAll();
  }

  private void startSpaceTimeout() {
    if (spaceTimeout == null && options.noSpaceTimeout().isPositive()) {
      spaceTimeout = clock.schedule(options.noSpaceTimeout(), this::timeOut);
    }
  }

  private void timeOut() {
    metadataLock.lock();
    try {
      // Space may have come while this was on its way.
      if (mode == PoolMode.OUT_OF_DATA_SPACE) {
        refuseWaiting();
      }
    } finally {
      metadataLock.unlock();
    }
  }

  /// Fails writes that wait for space, now and until there is some: the timeout is over, or the
  /// process wants to stop.
  public void refuseWaiting() {
    metadataLock.lock();
    try {
      waitingRefused = true;
      spaceTimeout = null;
      spaceMayHaveChanged();
    } finally {
      metadataLock.unlock();
    }
  }

  private void resumeWriting(String reason) {
    setMode(PoolMode.WRITE, reason);
    waitingRefused = false;
    if (spaceTimeout != null) {
      spaceTimeout.cancel();
      spaceTimeout = null;
    }
    spaceMayHaveChanged();
  }

  private boolean extendAutomatically() {
    var extension = options.autoExtension();
    if (extension == null || mode == PoolMode.READ_ONLY || mode == PoolMode.FAIL) {
      return false;
    }
    long now = metadata.dataBlocks();
    long step = Math.ceilDiv(extension.stepBytes(), dataBlockBytes);
    long wanted = Math.min(now + step, extension.maximumBytes() / dataBlockBytes);
    if (wanted <= now) {
      return false;
    }
    try {
      growData(wanted);
      return true;
    } catch (IOException e) {
      events.add(new PoolEvent.ExtensionFailed(String.valueOf(e.getMessage())));
      return false;
    }
  }

  private void checkLowWater() {
    long free = metadata.freeDataBlocks();
    if (free > options.lowWaterBlocks()) {
      dataLowRaised = false;
    } else if (!dataLowRaised && options.lowWaterBlocks() > 0) {
      dataLowRaised = true;
      events.add(new PoolEvent.DataLow(free, options.lowWaterBlocks()));
      extendAutomatically();
    }
    long freeMetadata = metadata.freeMetadataBlocks();
    if (freeMetadata > metadata.metadataLowWaterBlocks()) {
      metadataLowRaised = false;
    } else if (!metadataLowRaised) {
      metadataLowRaised = true;
      events.add(new PoolEvent.MetadataLow(freeMetadata, metadata.metadataLowWaterBlocks()));
    }
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
    if (externalOrigin instanceof ThinDevice device && device.isOf(this)) {
      throw new StorageException.InvalidArgument(
          "thin device %s cannot be the external origin of %s: both are in the same pool; snapshot it instead"
              .formatted(device.id(), id));
    }
    metadataLock.lock();
    try {
      requireReadable();
      var state = metadata.pin(id);
      if (state.openCount == 1) {
        state.sizeBytes = sizeBytes;
        state.externalOrigin = externalOrigin;
        state.quotaBlocks = Long.MAX_VALUE;
      }
      return new ThinDevice(this, state, readOnly);
    } finally {
      unlockMetadata();
    }
  }

  void closeDevice(DeviceState state) {
    metadataLock.lock();
    try {
      metadata.unpin(state);
      // A write of this handle may wait for space.
      spaceMayHaveChanged();
    } finally {
      metadataLock.unlock();
    }
  }

  /// Changes the settings of a device (size, quota, external origin) for all its handles; does
  /// nothing when nobody has it open.
  void changeSettings(ThinId id, Consumer<DeviceState> change) {
    metadataLock.lock();
    try {
      var state = metadata.pinned(id);
      if (state != null) {
        change.accept(state);
      }
    } finally {
      metadataLock.unlock();
    }
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
    change(
        List.of(target, source),
        now -> now.roomForAChange() + now.roomToFree(now.mappedBlocks(target)),
        now -> now.rollBack(target, source));
  }

  /// Deletes a device that nobody has open, in the time of what it alone has. Durable after the
  /// next commit.
  public void delete(ThinId id) throws IOException {
    change(List.of(), now -> now.roomToFree(now.mappedBlocks(id)), now -> now.delete(id));
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
    if (mode == PoolMode.FAIL) {
      return PoolMode.FAIL.kernelName();
    }
    return underMetadataLock(now -> {
      var state = now.device(id);
      long sectors = now.dataBlockSectors();
      long highest = now.highestMapped(state);
      return "%d %s"
          .formatted(
              state.mappedBlocks * sectors,
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
    metadataLock.lock();
    try {
      long held = metadata.heldRoot();
      return new PoolStatus(
          mode,
          metadata.needsCheck(),
          metadata.transactionId(),
          dataBlockBytes,
          metadata.metadataBlocks() - metadata.freeMetadataBlocks(),
          metadata.metadataBlocks(),
          metadata.metadataLowWaterBlocks(),
          metadata.dataBlocks() - metadata.freeDataBlocks(),
          metadata.dataBlocks(),
          held == 0 ? null : held,
          options.discard(),
          errorIfNoSpace(),
          metadata.snapshotTime(),
          (long) Mapping.MAX_TIME - metadata.snapshotTime(),
          metadata.deviceCount());
    } finally {
      metadataLock.unlock();
    }
  }

  /// The kernel's status line, after a commit as the kernel does it.
  public String statusLine() throws IOException {
    if (mode == PoolMode.WRITE || mode == PoolMode.OUT_OF_DATA_SPACE) {
      commit();
    }
    return status().kernelLine();
  }

  public PoolOptions options() {
    return options;
  }

  /// Changes how the pool behaves from now on. Whether it is read-only and how much it caches stay
  /// as they were at opening.
  public void setOptions(PoolOptions wanted) {
    metadataLock.lock();
    try {
      options =
          wanted
              .withReadOnly(options.readOnly())
              .withMetadataCacheBytes(options.metadataCacheBytes());
      checkLowWater();
      spaceMayHaveChanged();
    } finally {
      unlockMetadata();
      deliverEvents();
    }
  }

  /// Adds someone who hears of events, on whatever thread raised them and without any lock held.
  public void listen(Consumer<PoolEvent> listener) {
    listeners.add(listener);
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
    change(PoolMetadata::releaseMetadataSnapshot);
  }

  /// Grows the data device to `newBytes`, rounded down to whole blocks, and lets queued writes go
  /// on. Durable on return.
  public void extendData(long newBytes) throws IOException {
    long blocks = newBytes / dataBlockBytes;
    requireWritable();
    makeRoom(now -> now.roomToExtendData(blocks));
    try {
      extendDataTo(blocks, newBytes);
    } finally {
      deliverEvents();
    }
    commit();
  }

  private void extendDataTo(long blocks, long newBytes) throws IOException {
    metadataLock.lock();
    try {
      requireWritable();
      if (blocks < metadata.dataBlocks()) {
        throw new StorageException.InvalidArgument(
            "the pool's data has %d bytes and cannot shrink to %d; give a larger size"
                .formatted(metadata.dataBlocks() * dataBlockBytes, newBytes));
      }
      if (blocks > metadata.dataBlocks()) {
        growData(blocks);
      }
      if (mode == PoolMode.OUT_OF_DATA_SPACE && metadata.allocatableDataBlocks() > 0) {
        resumeWriting("the data device has grown");
      }
    } finally {
      unlockMetadata();
    }
  }

  private void growData(long blocks) throws IOException {
    requireRoom(now -> now.roomToExtendData(blocks));
    long from = metadata.dataBlocks();
    if (data.sizeBytes() < blocks * dataBlockBytes) {
      data.extend(blocks * dataBlockBytes);
    }
    apply(now -> now.extendData(blocks));
    events.add(new PoolEvent.DataExtended(from, blocks));
    checkLowWater();
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
    metadataLock.lock();
    try {
      requireWritable();
      long from = metadata.metadataBlocks();
      if (blocks < from) {
        throw new StorageException.InvalidArgument(
            "the pool's metadata has %d bytes and cannot shrink to %d; give a larger size"
                .formatted(from * Superblock.BLOCK_BYTES, newBytes));
      }
      if (blocks > from) {
        if (metadataDevice.sizeBytes() < blocks * Superblock.BLOCK_BYTES) {
          metadataDevice.extend(blocks * Superblock.BLOCK_BYTES);
        }
        apply(now -> now.extendMetadata(blocks));
        events.add(new PoolEvent.MetadataExtended(from, blocks));
      }
      if (mode == PoolMode.OUT_OF_METADATA_SPACE && metadata.hasRoom(metadata.roomForAChange())) {
        resumeWriting("the metadata device has grown");
      }
    } finally {
      unlockMetadata();
    }
  }

  private void requireWritable() throws StorageException {
    requireReadable();
    if (mode == PoolMode.READ_ONLY) {
      throw readOnly();
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
    metadataLock.lock();
    try {
      requireReadable();
      return question.ask(metadata);
    } finally {
      unlockMetadata();
    }
  }

  /// How many metadata blocks a change can take at worst, the commit after it included.
  @FunctionalInterface
  private interface Need {
    long blocks(PoolMetadata metadata) throws IOException;
  }

  private void change(Change change) throws IOException {
    change(List.of(), PoolMetadata::roomForAChange, change);
  }

  /// Makes a change that is not part of a write, with I/O to `heldOff` held off. A pool that is out
  /// of metadata space, read-only or failed takes none, as in the kernel.
  private void change(Collection<ThinId> heldOff, Need need, Change change) throws IOException {
    requireChangeable();
    try (var _ = stripes.hold(heldOff)) {
      makeRoom(need);
      metadataLock.lock();
      try {
        requireChangeable();
        requireRoom(need);
        apply(change);
      } finally {
        unlockMetadata();
      }
    } finally {
      deliverEvents();
    }
  }

  /// Commits when only that is missing for free metadata blocks to be usable.
  private void makeRoom(Need need) throws IOException {
    if (!underMetadataLock(now -> now.hasRoom(need.blocks(now)))) {
      makeDurable();
    }
  }

  private void requireRoom(Need need) throws IOException {
    if (!metadata.hasRoom(need.blocks(metadata))) {
      if (!metadata.hasRoom(metadata.roomForAChange())) {
        setMode(PoolMode.OUT_OF_METADATA_SPACE, "no metadata block is free");
      }
      throw outOfMetadataSpace();
    }
  }

  private void requireChangeable() throws StorageException {
    requireReadable();
    switch (mode) {
      case WRITE, OUT_OF_DATA_SPACE -> {}
      case OUT_OF_METADATA_SPACE ->
          throw new StorageException.Unsupported(
              "the pool is out of metadata space and takes no changes; extend its metadata with 'lumeo pool extend --meta-size'");
      case READ_ONLY, FAIL -> throw readOnly();
    }
  }

  private void apply(Change change) throws IOException {
    if (broken != null) {
      throw readOnly();
    }
    guarded(() -> {
      change.apply(metadata);
      return null;
    });
    scheduleCommit();
  }

  private interface Guarded<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /// Runs something that may leave the transaction half done when it fails; then the pool stops
  /// writing before it guesses. What a caller can have asked wrongly is refused before anything has
  /// changed and does no harm.
  private <T extends @Nullable Object> T guarded(Guarded<T> work) throws IOException {
    try {
      return work.run();
    } catch (StorageException.NotFound
        | StorageException.AlreadyExists
        | StorageException.InvalidArgument
        | StorageException.Busy
        | StorageException.Unsupported refused) {
      throw refused;
    } catch (IOException | RuntimeException | Error e) {
      broken = e instanceof Exception exception ? exception : new IllegalStateException(e);
      setMode(PoolMode.READ_ONLY, "a change of the metadata failed: " + e.getMessage());
      throw e;
    }
  }

  private void scheduleCommit() {
    if (!commitScheduled) {
      commitScheduled = true;
      clock.schedule(COMMIT_PERIOD, this::commitByClock);
    }
    if (metadata.dirtyBlockCount() > MAX_DIRTY_BLOCKS) {
      commitSoon();
    }
  }

  private void commitSoon() {
    if (!earlyCommitScheduled) {
      earlyCommitScheduled = true;
      clock.schedule(Duration.ZERO, this::commitByClock);
    }
  }

  private void commitByClock() {
    metadataLock.lock();
    try {
      commitScheduled = false;
      earlyCommitScheduled = false;
    } finally {
      metadataLock.unlock();
    }
    if (closed) {
      return;
    }
    try {
      commit();
    } catch (IOException e) {
      // Closing commits by itself; a commit that comes just after it is refused and not missed.
      if (!closed) {
        LOG.log(
            System.Logger.Level.ERROR, "a periodic commit of the pool failed: {0}", e.getMessage());
      }
    }
  }

  // Commits

  /// Makes everything durable that was done before the call: data and metadata. All who wait share
  /// one commit.
  public void commit() throws IOException {
    try {
      makeDurable();
    } finally {
      deliverEvents();
    }
  }

  /// As [#commit], for those who hold stripes, under which no listener may be called.
  private void makeDurable() throws IOException {
    long before = commitsStarted;
    Freed freed = null;
    commitLock.lock();
    try {
      if (commitsStarted == before) {
        commitsStarted = before + 1;
        freed = commitLocked();
      }
      requireCommitted();
    } finally {
      commitLock.unlock();
      if (freed != null) {
        giveBack(freed);
      }
    }
  }

  /// Data blocks that a durable transaction freed and that are to be punched before they are used
  /// again.
  private record Freed(PoolMetadata owner, FreedBlocks blocks) {}

  private @Nullable Freed commitLocked() throws IOException {
    var sealed = seal();
    try {
      if (dataDirty) {
        dataDirty = false;
        data.flush();
      }
      if (sealed != null) {
        sealed.write();
      }
    } catch (IOException | RuntimeException e) {
      dataDirty = true;
      fail(e);
      throw e;
    }
    return sealed == null ? null : complete(sealed);
  }

  private PoolMetadata.@Nullable Sealed seal() throws IOException {
    metadataLock.lock();
    try {
      requireReadable();
      return broken == null && metadata.isChanged() ? guarded(metadata::seal) : null;
    } finally {
      metadataLock.unlock();
      recoverIfBroken();
    }
  }

  /// Lets the blocks be used again that the transaction freed: those of the data device at once,
  /// or, when their space is to be given back first, after that; they are then returned.
  private @Nullable Freed complete(PoolMetadata.Sealed sealed) {
    metadataLock.lock();
    try {
      sealed.complete();
      var freed = new Freed(metadata, sealed.freed());
      if (options.discard() == DiscardMode.PASSDOWN && !freed.blocks().isEmpty()) {
        punching++;
        return freed;
      }
      release(freed);
      return null;
    } finally {
      metadataLock.unlock();
    }
  }

  /// Punches freed blocks out of the data device and lets them be used. Without the commit lock:
  /// other commits need not wait.
  private void giveBack(Freed freed) {
    try {
      freed
          .blocks()
          .forEachRun(
              (begin, end) -> data.discard(begin * dataBlockBytes, (end - begin) * dataBlockBytes));
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "giving freed blocks back to the data device failed: {0}",
          e.getMessage());
    } finally {
      metadataLock.lock();
      try {
        punching--;
        release(freed);
      } finally {
        metadataLock.unlock();
      }
    }
  }

  private void release(Freed freed) {
    freed.owner().release(freed.blocks());
    if (mode == PoolMode.OUT_OF_DATA_SPACE && metadata.allocatableDataBlocks() > 0) {
      resumeWriting("data blocks were freed");
    } else if (mode == PoolMode.OUT_OF_METADATA_SPACE
        && metadata.hasRoom(metadata.roomForAChange())) {
      resumeWriting("metadata blocks were freed");
    }
    checkLowWater();
    spaceMayHaveChanged();
  }

  private void fail(Exception cause) {
    metadataLock.lock();
    try {
      broken = cause;
      setMode(PoolMode.READ_ONLY, "a commit failed: " + cause.getMessage());
    } finally {
      metadataLock.unlock();
      recoverIfBroken();
    }
  }

  private void requireCommitted() throws StorageException {
    var failure = lastFailure;
    if (failure != null) {
      throw new StorageException.Failed(
          "the pool went back to its last commit and is read-only: what was written since may be lost; run 'lumeo pool check'",
          failure);
    }
  }

  /// After a change or commit failed: drops what is in memory, takes up the last commit, marks the
  /// pool as needing a check. Waits for a commit that is being written, whose outcome decides which
  /// commit is the last.
  private void recoverIfBroken() {
    if (broken == null || metadataLock.isHeldByCurrentThread()) {
      return;
    }
    commitLock.lock();
    metadataLock.lock();
    try {
      if (broken == null) {
        return;
      }
      lastFailure = broken;
      recover();
      broken = null;
      spaceMayHaveChanged();
    } finally {
      metadataLock.unlock();
      commitLock.unlock();
    }
  }

  private void recover() {
    try {
      var committed = PoolMetadata.open(metadataDevice, options.metadataCacheBytes(), true);
      for (var state : metadata.pinned()) {
        committed.adopt(state);
      }
      metadata = committed;
    } catch (IOException | RuntimeException e) {
      setMode(PoolMode.FAIL, "the last commit cannot be read: " + e.getMessage());
      return;
    }
    try {
      metadata.setNeedsCheck(true);
      var sealed = metadata.seal();
      sealed.write();
      sealed.complete();
    } catch (IOException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the pool could not be marked as needing a check: {0}",
          e.getMessage());
    }
  }

  // Modes and events

  private void setMode(PoolMode wanted, String reason) {
    if (mode == wanted || mode == PoolMode.FAIL) {
      return;
    }
    if (mode == PoolMode.READ_ONLY && wanted != PoolMode.FAIL) {
      return;
    }
    events.add(new PoolEvent.ModeChanged(mode, wanted, reason));
    mode = wanted;
  }

  private void unlockMetadata() {
    metadataLock.unlock();
    recoverIfBroken();
  }

  /// Tells the listeners what has happened, in its order. Called without any lock held, since a
  /// listener may do anything with the pool; when one is being told already, that thread goes on to
  /// tell what has come since.
  void deliverEvents() {
    while (!events.isEmpty() && delivering.compareAndSet(false, true)) {
      try {
        for (var event = events.poll(); event != null; event = events.poll()) {
          tell(event);
        }
      } finally {
        delivering.set(false);
      }
    }
  }

  /// What a listener does wrong must not fail the write that raised the event.
  private void tell(PoolEvent event) {
    for (var listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "a listener failed on " + event, e);
      }
    }
  }

  /// Whether a range of the data device is known to read as zeroes, so that a new block there need
  /// not be zeroed.
  boolean isZeroed(long offset, long lengthBytes) throws IOException {
    boolean[] zeroed = {true};
    data.extents(
        offset,
        lengthBytes,
        (_, _, state) -> {
          zeroed[0] = state == ExtentState.HOLE || state == ExtentState.ZERO;
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
      if (closed) {
        return;
      }
      try {
        if (mode != PoolMode.FAIL) {
          makeDurable();
        }
      } finally {
        closed = true;
        awaitPunching();
      }
    } finally {
      deliverEvents();
    }
  }

  /// Waits for others who give blocks back, so that the data device may be closed.
  private void awaitPunching() {
    metadataLock.lock();
    try {
      while (punching > 0) {
        spaceChanged.awaitUninterruptibly();
      }
    } finally {
      metadataLock.unlock();
    }
  }
}
