package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A pool as people use it: volumes, snapshots and clones by name.
///
/// Names live in the [Catalogue], devices in the [Pool]. An entry is written before its device is
/// created and removed after it was deleted, so that after a crash there can be an entry without a
/// device, which is dropped at the next opening, but no nameless device of ours. Devices that
/// others made, such as the kernel, appear as `thin-<id>`.
///
/// All methods may be called by many threads; changes of the set of volumes are made one after the
/// other, I/O is not.
public final class Volumes implements Closeable {
  private static final System.Logger LOG = System.getLogger(Volumes.class.getName());
  private final PoolFiles files;
  private final BlockDevice metadataFile;
  private final BlockDevice dataFile;
  private final Pool pool;
  private final PoolClock clock;
  private final Catalogue catalogue;

  private final ReentrantLock lock = new ReentrantLock();

  private final VolumeNames names = new VolumeNames();

  /// The sizes of devices that others made, once asked for. Nobody can map more than that here.
  private final Map<ThinId, Long> foreignSizes = new HashMap<>();

  private final ExternalOrigins externalOrigins = new ExternalOrigins();

  /// How a pool is made.
  ///
  /// @param dataBlockBytes 64 KiB to 1 GiB in steps of 64 KiB
  /// @param dataBytes the size of the data file, or 0 to take what is there whole
  /// @param metadataBytes the size of the metadata file, or 0 to choose by the data's size
  public record Format(
      long dataBlockBytes, long dataBytes, long metadataBytes, PoolOptions options) {}

  /// The pool as a whole; sizes in bytes.
  ///
  /// @param virtualBytes the sizes of all volumes, snapshots and clones together
  public record Capacity(
      PoolStatus status,
      int volumeCount,
      int snapshotCount,
      long virtualBytes,
      long virtualBytesWithoutSnapshots) {

    /// How many times the data device is promised, snapshots counted.
    public double overProvisioning() {
      return (double) virtualBytes / status.dataTotalBytes();
    }

    /// How many times the data device is promised to volumes and clones.
    public double overProvisioningWithoutSnapshots() {
      return (double) virtualBytesWithoutSnapshots / status.dataTotalBytes();
    }
  }

  /// One snapshot of a batch.
  public record SnapshotRequest(String name, String origin, Set<String> tags) {}

  private Volumes(
      PoolFiles files,
      BlockDevice metadataFile,
      BlockDevice dataFile,
      Pool pool,
      Catalogue catalogue,
      PoolClock clock) {
    this.files = files;
    this.metadataFile = metadataFile;
    this.dataFile = dataFile;
    this.pool = pool;
    this.catalogue = catalogue;
    this.clock = clock;
  }

  // Making, opening, closing

  /// Makes a pool and opens it. Files that are not there are made: the data sparse, the metadata
  /// whole, so that no commit can fail because the host's disk is full. A metadata file or device
  /// that is there must be all zeroes at its start, so that no other pool is overwritten. When it
  /// fails, files it made are gone again.
  ///
  /// @throws StorageException.AlreadyExists if there is something in the metadata already
  /// @throws StorageException.InvalidArgument if a size is not possible
  public static Volumes create(PoolFiles files, Format format) throws IOException {
    return create(files, format, PoolClock.system());
  }

  static Volumes create(PoolFiles files, Format format, PoolClock clock) throws IOException {
    PoolMaker.make(files, format, clock.now());
    return open(files, null, clock);
  }

  /// The size of new metadata: what the format says, or chosen by the size of the data.
  ///
  /// @param dataDeviceBytes the size of the data device that is there, or 0
  public static long metadataBytes(Format format, long dataDeviceBytes) {
    return PoolMaker.metadataBytes(format, dataDeviceBytes);
  }

  /// The most metadata that the format can address; what a file has beyond is never used.
  public static long maxMetadataBytes() {
    return PoolMetadata.maxBytes();
  }

  /// Opens a pool under an exclusive lock on its files.
  ///
  /// @param options how it is to behave, or null for what was kept in its catalogue
  /// @throws StorageException.Busy if another has it open; the message names the holder
  /// @throws StorageException.NotFound if a file is missing
  /// @throws StorageException.Damaged if what is there is not a pool's metadata, or not whole
  public static Volumes open(PoolFiles files, @Nullable PoolOptions options) throws IOException {
    return open(files, options, PoolClock.system());
  }

  /// Opens a pool as [#open], never to be written, whatever its catalogue says.
  public static Volumes openReadOnly(PoolFiles files) throws IOException {
    try (var catalogue = Catalogue.open(files.catalogue())) {
      return open(files, catalogue.options().withReadOnly(true));
    }
  }

  static Volumes open(PoolFiles files, @Nullable PoolOptions options, PoolClock clock)
      throws IOException {
    boolean readOnly = options != null && options.readOnly();
    var access = readOnly ? FileDevice.Access.READ_ONLY : FileDevice.Access.READ_WRITE;
    var opened = new ArrayList<Closeable>();
    try {
      var metadata = keep(opened, FileDevice.open(files.metadata(), access));
      var data = keep(opened, FileDevice.open(files.data(), access));
      metadata.lockExclusively();
      data.lockExclusively();
      return open(files, metadata, data, options, clock);
    } catch (IOException | RuntimeException e) {
      for (var closeable : opened.reversed()) {
        closeable.close();
      }
      throw e;
    }
  }

  /// Opens a pool on devices that nobody else has open. They are closed with it; by the caller if
  /// this fails.
  static Volumes open(
      PoolFiles files,
      BlockDevice metadata,
      BlockDevice data,
      @Nullable PoolOptions options,
      PoolClock clock)
      throws IOException {
    var opened = new ArrayList<Closeable>();
    try {
      PoolMetadata.readSuperblock(metadata, options == null || !options.readOnly());
      var catalogue = keep(opened, Catalogue.open(files.catalogue()));
      var pool =
          keep(
              opened,
              Pool.open(metadata, data, options == null ? catalogue.options() : options, clock));
      var volumes = new Volumes(files, metadata, data, pool, catalogue, clock);
      volumes.reconcile();
      return volumes;
    } catch (IOException | RuntimeException e) {
      for (var closeable : opened.reversed()) {
        closeable.close();
      }
      throw e;
    }
  }

  private static <T extends Closeable> T keep(List<Closeable> opened, T closeable) {
    opened.add(closeable);
    return closeable;
  }

  /// Drops entries whose device is gone or is another one now: their creation was never committed,
  /// or somebody else deleted them. A pool that cannot be written keeps them: after a repair the
  /// device may be there again.
  private void reconcile() throws IOException {
    var present = new HashMap<ThinId, DeviceDetails>();
    for (var details : pool.devices()) {
      present.put(details.id(), details);
      names.used(details.id());
    }
    var settled = settle(present);
    var gone = new ArrayList<ThinId>();
    var grown = new ArrayList<Catalogue.Entry>();
    for (var entry : catalogue.entries()) {
      var volume = entry.volume();
      if (!isSame(entry, present.get(volume.id()))) {
        gone.add(volume.id());
      } else if (!names.contains(volume.name())) {
        names.bind(volume.name(), volume.id());
        if (VolumeRules.isUnnamed(volume.name()) && mappedSize(volume.id()) > volume.sizeBytes()) {
          grown.add(entry(volume.withSize(mappedSize(volume.id()))));
        }
      }
    }
    if (pool.status().mode() == PoolMode.WRITE) {
      catalogue.put(settled);
      catalogue.drop(gone);
      catalogue.put(grown);
    }
    for (var details : present.values()) {
      if (!names.contains(details.id())) {
        names.bind(VolumeRules.unnamed(details.id()), details.id());
        if (details.mappedBlocks() == 0) {
          foreignSizes.put(details.id(), 0L);
        }
      }
    }
  }

  /// What holds of devices whose rollback was begun and is not known to have ended.
  private List<Catalogue.Entry> settle(Map<ThinId, DeviceDetails> present) {
    var settled = new ArrayList<Catalogue.Entry>();
    for (var rollback : catalogue.rollbacks()) {
      var id = rollback.entry().volume().id();
      var details = present.get(id);
      var before = catalogue.entry(id);
      if (before != null && details != null && isSame(before, details)) {
        boolean done = details.snapshotTime() == rollback.snapshotTime();
        var entry = done ? rollback.entry() : before;
        catalogue.assume(entry);
        settled.add(entry);
      }
    }
    return settled;
  }

  private void unbind(ThinId id) {
    names.unbind(id);
    foreignSizes.remove(id);
  }

  private static boolean isSame(Catalogue.Entry entry, @Nullable DeviceDetails details) {
    return details != null
        && details.creationTime() == entry.creationTime()
        && details.transactionId() == entry.transactionId();
  }

  /// Finishes I/O, commits, and releases the locks. Devices that are still open fail from then on.
  @Override
  public void close() throws IOException {
    lock.lock();
    try (metadataFile;
        dataFile;
        catalogue;
        externalOrigins) {
      pool.close();
    } finally {
      lock.unlock();
    }
  }

  // The pool

  public PoolFiles files() {
    return files;
  }

  /// Who the pool is, whatever its files are called and wherever they are moved.
  public UUID uuid() {
    return catalogue.uuid();
  }

  /// Who a volume is, whatever it is called. A volume that takes the number of a deleted one is
  /// another; of a device that others made, nothing but the number is known.
  public UUID uuid(Volume volume) {
    var born = volume.createdAt() == null ? "" : volume.createdAt().toString();
    return UUID.nameUUIDFromBytes(
        "%s %s %s".formatted(uuid(), volume.id(), born).getBytes(StandardCharsets.UTF_8));
  }

  /// How often names, sizes, tags, lineage or options were changed, over all of the pool's life;
  /// not what is written to volumes. Who made a plan sees by it whether the plan still holds.
  public long changeCount() {
    lock.lock();
    try {
      return catalogue.changeCount();
    } finally {
      lock.unlock();
    }
  }

  public PoolOptions options() {
    return pool.options();
  }

  /// How the pool will behave when it is opened next, unless its opener says otherwise.
  public PoolOptions keptOptions() {
    lock.lock();
    try {
      return catalogue.options();
    } finally {
      lock.unlock();
    }
  }

  /// Changes what can be changed on an open pool, and keeps it for the next opening. Whether the
  /// pool is read-only is only kept: it is decided when it is opened.
  public void setOptions(PoolOptions options) throws IOException {
    lock.lock();
    try {
      var kept = catalogue.options();
      if (!options.equals(kept.withReadOnly(options.readOnly()))) {
        requireWritable();
      }
      if (!options.equals(kept)) {
        catalogue.setOptions(options);
      }
      pool.setOptions(options);
    } finally {
      lock.unlock();
    }
  }

  public PoolStatus status() {
    return pool.status();
  }

  /// As in [#status], without waiting for what is being done.
  public PoolMode mode() {
    return pool.mode();
  }

  /// As in [#status], without waiting for what is being done.
  public boolean needsCheck() {
    return pool.needsCheck();
  }

  /// The kernel's status line of the pool, after a commit.
  public String statusLine() throws IOException {
    return pool.statusLine();
  }

  public Capacity capacity() {
    int snapshots = 0;
    long all = 0;
    long withoutSnapshots = 0;
    var volumes = list();
    for (var volume : volumes) {
      all += volume.sizeBytes();
      if (volume.isSnapshot()) {
        snapshots++;
      } else {
        withoutSnapshots += volume.sizeBytes();
      }
    }
    return new Capacity(status(), volumes.size() - snapshots, snapshots, all, withoutSnapshots);
  }

  public void listen(Consumer<PoolEvent> listener) {
    pool.listen(listener);
  }

  /// Fails writes that wait for space, now and until there is some. For stopping.
  public void refuseWaiting() {
    pool.refuseWaiting();
  }

  /// Carries out one of the kernel's message strings. Devices made so appear as `thin-<id>`; a
  /// snapshot made so is a clone, as large as its origin.
  public void message(String message) throws IOException {
    lock.lock();
    try {
      switch (PoolMessage.parse(message)) {
        case PoolMessage.CreateThin(var id) -> {
          pool.message(message);
          names.bind(VolumeRules.unnamed(id), id);
          names.used(id);
          catalogue.drop(List.of(id)); // it has none: this says that the volumes are others now
        }
        case PoolMessage.CreateSnapshot(var id, var origin) -> {
          requireWritable();
          pool.message(message);
          names.bind(VolumeRules.unnamed(id), id);
          names.used(id);
          var from = volume(origin);
          var made =
              new Volume(
                  VolumeRules.unnamed(id),
                  id,
                  from.sizeBytes(),
                  Volume.Kind.CLONE,
                  from.name(),
                  clock.now(),
                  Collections.emptySortedSet(),
                  null,
                  from.externalOrigin());
          catalogue.put(List.of(entry(made, origin)));
        }
        case PoolMessage.Delete(var id) -> {
          pool.message(message);
          forget(id);
        }
        case PoolMessage.SetTransactionId _,
            PoolMessage.ReserveMetadataSnapshot _,
            PoolMessage.ReleaseMetadataSnapshot _ ->
            pool.message(message);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Grows the data device to `newBytes`. Durable on return.
  public void extendData(long newBytes) throws IOException {
    pool.extendData(newBytes);
  }

  /// Grows the metadata device to `newBytes`. Durable on return.
  public void extendMetadata(long newBytes) throws IOException {
    lock.lock();
    try {
      requireWritable();
      long before = metadataFile.sizeBytes();
      long wanted = Math.min(newBytes, PoolMetadata.maxBytes());
      if (wanted > before) {
        metadataFile.extend(wanted);
        metadataFile.writeZeroes(before, wanted - before, ZeroMode.KEEP_ALLOCATED);
      }
      pool.extendMetadata(newBytes);
    } finally {
      lock.unlock();
    }
  }

  /// Makes everything written so far durable.
  public void flush() throws IOException {
    pool.commit();
  }

  // Volumes

  /// Checks a name: letters, digits and `+_.-`, not starting with `-`, 1 to 127 of them.
  ///
  /// @throws StorageException.InvalidArgument with the rule
  public static void checkName(String name) throws StorageException {
    VolumeRules.checkName(name);
  }

  /// Checks a name that something is to be given: as [#checkName], and none of those that are kept
  /// for devices made outside Lumeo.
  ///
  /// @throws StorageException.InvalidArgument with the rule
  public static void checkNewName(String name) throws StorageException {
    VolumeRules.checkNewName(name);
  }

  /// All volumes, snapshots and clones, in order of their ids.
  public List<Volume> list() {
    lock.lock();
    try {
      return names.ids().stream().map(this::volume).toList();
    } finally {
      lock.unlock();
    }
  }

  /// The volume of that name.
  ///
  /// @throws StorageException.NotFound if there is none
  public Volume get(String name) throws StorageException {
    lock.lock();
    try {
      return volume(names.id(name));
    } finally {
      lock.unlock();
    }
  }

  /// The volume with this id, whatever it is called by now.
  ///
  /// @throws StorageException.NotFound if it was deleted
  private Volume known(ThinId id) throws StorageException {
    if (!names.contains(id)) {
      throw new StorageException.NotFound(
          "thin device %s was deleted meanwhile; 'lumeo volume list' shows what there is"
              .formatted(id));
    }
    return volume(id);
  }

  private Volume volume(ThinId id) {
    var entry = catalogue.entry(id);
    return entry != null && entry.volume().name().equals(names.name(id))
        ? entry.volume()
        : foreign(id);
  }

  /// A device that others made: as large as what it mapped when it was first looked at.
  private Volume foreign(ThinId id) {
    return new Volume(
        VolumeRules.unnamed(id),
        id,
        foreignSizes.computeIfAbsent(id, this::mappedSize),
        Volume.Kind.VOLUME,
        null,
        null,
        Collections.emptySortedSet(),
        null,
        null);
  }

  private long mappedSize(ThinId id) {
    try {
      return (pool.highestMappedBlock(id) + 1) * pool.dataBlockBytes();
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING, "the size of thin device " + id + " could not be told", e);
      return 0;
    }
  }

  /// Makes an empty volume. Nothing is allocated for it.
  ///
  /// @param quotaBytes the most it may map, or null for no limit
  /// @param externalOrigin a file or device that is read where the volume has not been written, or
  ///   null
  public Volume createVolume(
      String name,
      long sizeBytes,
      Set<String> tags,
      @Nullable Long quotaBytes,
      @Nullable String externalOrigin)
      throws IOException {
    VolumeRules.checkSize(sizeBytes);
    VolumeRules.checkQuota(quotaBytes);
    var sorted = VolumeRules.sorted(tags);
    lock.lock();
    try {
      requireWritable();
      checkFree(name);
      if (externalOrigin != null) {
        ExternalOrigins.check(externalOrigin);
      }
      var volume =
          new Volume(
              name,
              names.newIds(1).getFirst(),
              sizeBytes,
              Volume.Kind.VOLUME,
              null,
              clock.now(),
              sorted,
              quotaBytes,
              externalOrigin == null ? null : Path.of(externalOrigin).toAbsolutePath().toString());
      add(List.of(volume), pool.status().snapshotTime(), () -> pool.createThin(volume.id()));
      return volume;
    } finally {
      lock.unlock();
    }
  }

  private void checkFree(String name) throws StorageException {
    checkNewName(name);
    if (names.contains(name)) {
      throw new StorageException.AlreadyExists(
          "there is a volume or snapshot '%s' already; choose another name".formatted(name));
    }
  }

  private interface DeviceChange {
    void run() throws IOException;
  }

  private void requireWritable() throws StorageException {
    if (pool.options().readOnly()) {
      throw new StorageException.ReadOnly("the pool was opened read-only; open it for writing");
    }
  }

  /// Writes the entries, makes the devices, commits; takes the entries back when that fails.
  private void add(List<Volume> volumes, long creationTime, DeviceChange change)
      throws IOException {
    long transactionId = pool.status().transactionId();
    var entries = new ArrayList<Catalogue.Entry>(volumes.size());
    for (var volume : volumes) {
      var originId = volume.origin() == null ? null : names.id(volume.origin());
      entries.add(new Catalogue.Entry(volume, transactionId, (int) creationTime, originId));
    }
    catalogue.put(entries);
    try {
      change.run();
      pool.commit();
    } catch (IOException | RuntimeException e) {
      takeBack(volumes, e);
      throw e;
    }
    for (var volume : volumes) {
      names.bind(volume.name(), volume.id());
    }
  }

  /// Drops the entries again. When a commit failed the pool may know more than was answered: then
  /// the next opening decides.
  private void takeBack(List<Volume> volumes, Exception cause) {
    try {
      if (isIntact()) {
        catalogue.drop(volumes.stream().map(Volume::id).toList());
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /// Whether no commit and no change has failed.
  private boolean isIntact() {
    var mode = pool.status().mode();
    return mode != PoolMode.READ_ONLY && mode != PoolMode.FAIL;
  }

  /// Makes a point-in-time copy of a volume, clone or snapshot. Shares everything until one of them
  /// changes.
  public Volume createSnapshot(String name, String origin, Set<String> tags) throws IOException {
    return createSnapshots(List.of(new SnapshotRequest(name, origin, tags))).getFirst();
  }

  /// Makes many snapshots at one moment, on one tick of the snapshot clock, in one transaction: all
  /// or none.
  public List<Volume> createSnapshots(List<SnapshotRequest> requests) throws IOException {
    return share(requests, Volume.Kind.SNAPSHOT);
  }

  /// Makes a writable volume that starts as `origin` is now; usually of a snapshot.
  public Volume createClone(String name, String origin, Set<String> tags) throws IOException {
    return share(List.of(new SnapshotRequest(name, origin, tags)), Volume.Kind.CLONE).getFirst();
  }

  private List<Volume> share(List<SnapshotRequest> requests, Volume.Kind kind) throws IOException {
    lock.lock();
    try {
      requireWritable();
      var asked = new HashSet<String>();
      for (var request : requests) {
        checkFree(request.name());
        names.id(request.origin());
        VolumeRules.sorted(request.tags());
        if (!asked.add(request.name())) {
          throw new StorageException.AlreadyExists(
              "'%s' is asked for twice in one batch; choose another name"
                  .formatted(request.name()));
        }
      }
      if (requests.isEmpty()) {
        return List.of();
      }
      var made = new ArrayList<Volume>(requests.size());
      var pairs = new ArrayList<Pool.SnapshotPair>(requests.size());
      var now = clock.now();
      var free = names.newIds(requests.size()).iterator();
      for (var request : requests) {
        var origin = volume(names.id(request.origin()));
        var volume =
            new Volume(
                request.name(),
                free.next(),
                origin.sizeBytes(),
                kind,
                origin.name(),
                now,
                VolumeRules.sorted(request.tags()),
                kind == Volume.Kind.CLONE ? origin.quotaBytes() : null,
                origin.externalOrigin());
        made.add(volume);
        pairs.add(new Pool.SnapshotPair(volume.id(), origin.id()));
      }
      add(made, pool.status().snapshotTime() + 1, () -> pool.createSnapshots(pairs));
      return List.copyOf(made);
    } finally {
      lock.unlock();
    }
  }

  /// Deletes a volume, snapshot or clone. Snapshots of it live on.
  ///
  /// @throws StorageException.Busy if somebody has it open
  public void delete(String name, Progress progress) throws IOException {
    lock.lock();
    try {
      delete(names.id(name), progress);
    } finally {
      lock.unlock();
    }
  }

  /// Deletes the volume with this id, as [#delete(String, Progress)].
  public void delete(ThinId id, Progress progress) throws IOException {
    lock.lock();
    try {
      var name = known(id).name();
      Pool.stopIfAsked(progress, 0, 1, "deleting " + name);
      requireWritable();
      try {
        pool.delete(id);
      } catch (StorageException.Busy e) {
        var busy =
            new StorageException.Busy(
                "'%s' is open; close what uses it and try again".formatted(name));
        busy.initCause(e);
        throw busy;
      }
      pool.commit();
      forget(id);
      progress.update(1, 1);
    } finally {
      lock.unlock();
    }
  }

  private void forget(ThinId id) throws IOException {
    var entry = catalogue.entry(id);
    unbind(id);
    catalogue.drop(List.of(id)); // also where it has no entry: a change that is counted
    if (entry != null) {
      closeIfUnused(entry.volume().externalOrigin());
    }
  }

  private void closeIfUnused(@Nullable String externalOrigin) throws IOException {
    if (externalOrigin != null
        && catalogue.entries().stream()
            .noneMatch(entry -> externalOrigin.equals(entry.volume().externalOrigin()))) {
      externalOrigins.close(externalOrigin);
    }
  }

  /// Makes the volume's content and size that of the snapshot, which stays. Works while the volume
  /// is open: reads and writes see the one or the other.
  public Volume rollback(String volumeName, String snapshotName) throws IOException {
    lock.lock();
    try {
      return rollback(names.id(volumeName), names.id(snapshotName));
    } finally {
      lock.unlock();
    }
  }

  /// Rolls back the volume with this id to the snapshot with that, as [#rollback(String, String)].
  public Volume rollback(ThinId volumeId, ThinId snapshotId) throws IOException {
    lock.lock();
    try {
      requireWritable();
      var target = known(volumeId);
      var source = known(snapshotId);
      if (target.isSnapshot()) {
        throw new StorageException.InvalidArgument(
            "'%s' is a snapshot and does not change; roll back a volume, or clone the snapshot"
                .formatted(target.name()));
      }
      if (target.id().equals(source.id())) {
        throw new StorageException.InvalidArgument(
            "'%s' cannot be rolled back to itself; name a snapshot".formatted(target.name()));
      }
      var externalOrigin = externalOrigin(source);
      var after = target.withSize(source.sizeBytes()).withExternalOrigin(source.externalOrigin());
      rollBackContent(target, after, source.id(), externalOrigin);
      return update(target, _ -> after);
    } finally {
      lock.unlock();
    }
  }

  /// Whenever the power is cut, the volume's size and external origin are those of what is in it:
  /// which of them hold is seen in the metadata.
  private void rollBackContent(
      Volume target, Volume after, ThinId source, @Nullable BlockDevice externalOrigin)
      throws IOException {
    if (isIntact()) { // else the pool refuses
      int tick = Math.toIntExact(pool.status().snapshotTime() + 1);
      catalogue.put(entry(target), new Catalogue.Rollback(entry(after), tick));
    }
    try {
      pool.rollBack(target.id(), source, after.sizeBytes(), externalOrigin);
    } catch (IOException | RuntimeException e) {
      takeBackRollback(target, e);
      throw e;
    }
  }

  /// Nothing was rolled back. After a commit that failed it may be all the same, which the next
  /// opening sees; so it does when this cannot be written.
  private void takeBackRollback(Volume target, Exception cause) {
    try {
      if (isIntact()) {
        update(target, UnaryOperator.identity());
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private Volume update(Volume before, UnaryOperator<Volume> change) throws IOException {
    requireWritable();
    var after = change.apply(before);
    var changed = new ArrayList<Catalogue.Entry>();
    changed.add(entry(after));
    if (!after.name().equals(before.name())) {
      var origin = entry(before);
      for (var entry : catalogue.entries()) {
        if (entry.isMadeFrom(origin)) {
          changed.add(entry.withOrigin(after.name()));
        }
      }
    }
    catalogue.putTogether(changed);
    unbind(before.id());
    names.bind(after.name(), after.id());
    return after;
  }

  /// With what was known of its origin.
  private Catalogue.Entry entry(Volume volume) throws IOException {
    var known = catalogue.entry(volume.id());
    return entry(volume, known == null ? null : known.originId());
  }

  private Catalogue.Entry entry(Volume volume, @Nullable ThinId originId) throws IOException {
    var details = pool.details(volume.id());
    return new Catalogue.Entry(volume, details.transactionId(), details.creationTime(), originId);
  }

  /// Changes the size. Growing costs nothing; shrinking gives back what lies beyond the new end,
  /// and needs a data block if the new end lies inside a shared one.
  ///
  /// @throws StorageException.Busy if another changed the size or rolled back meanwhile; of what
  ///   the volume held before that, what a shrink was to give back may be gone all the same
  public Volume resize(String name, long sizeBytes) throws IOException {
    VolumeRules.checkSize(sizeBytes);
    return resize(get(name).id(), sizeBytes);
  }

  /// Changes the size of the volume with this id, as [#resize(String, long)].
  public Volume resize(ThinId id, long sizeBytes) throws IOException {
    VolumeRules.checkSize(sizeBytes);
    var before = resizable(id);
    return sizeBytes < before.sizeBytes() ? shrink(before, sizeBytes) : record(before, sizeBytes);
  }

  private Volume resizable(ThinId id) throws IOException {
    lock.lock();
    try {
      requireWritable();
      var volume = known(id);
      if (volume.isSnapshot()) {
        throw new StorageException.InvalidArgument(
            "'%s' is a snapshot and does not change; clone it and resize the clone"
                .formatted(volume.name()));
      }
      return volume;
    } finally {
      lock.unlock();
    }
  }

  /// Without the lock until it is recorded, since it may wait for space that somebody else has to
  /// make.
  private Volume shrink(Volume before, long sizeBytes) throws IOException {
    try (var device = open(before.id())) {
      var shrink = shrink(device, before, sizeBytes);
      try {
        // Else a power cut could leave it small with all it had, to be seen when it grows again.
        device.flush();
        return recordShrunk(before, device, shrink, sizeBytes);
      } catch (IOException | RuntimeException e) {
        openAsListed(device, shrink, e);
        throw e;
      }
    }
  }

  private static DeviceState.Shrink shrink(ThinDevice device, Volume before, long sizeBytes)
      throws IOException {
    try {
      return device.shrink(sizeBytes);
    } catch (StorageException.Busy e) {
      throw changedMeanwhile(before, e);
    }
  }

  private Volume recordShrunk(
      Volume before, ThinDevice device, DeviceState.Shrink shrink, long sizeBytes)
      throws IOException {
    lock.lock();
    try {
      // A rollback to a snapshot of the old size changes nothing in the catalogue.
      device.requireInForce(shrink);
      return record(before, sizeBytes);
    } catch (StorageException.Busy e) {
      throw changedMeanwhile(before, e);
    } finally {
      lock.unlock();
    }
  }

  /// A shrink failed: handles are as large again as the catalogue says.
  private void openAsListed(ThinDevice device, DeviceState.Shrink shrink, Exception cause) {
    lock.lock();
    try {
      device.takeBack(shrink, known(device.id()).sizeBytes());
    } catch (StorageException e) {
      cause.addSuppressed(e);
    } finally {
      lock.unlock();
    }
  }

  private Volume record(Volume before, long sizeBytes) throws IOException {
    lock.lock();
    try {
      var now = known(before.id());
      if (now.sizeBytes() != before.sizeBytes()) {
        throw changedMeanwhile(now);
      }
      var after = update(now, volume -> volume.withSize(sizeBytes));
      pool.changeSettings(before.id(), state -> state.resize(sizeBytes));
      return after;
    } finally {
      lock.unlock();
    }
  }

  private static StorageException changedMeanwhile(Volume volume, StorageException cause) {
    var changed = changedMeanwhile(volume);
    changed.initCause(cause);
    return changed;
  }

  private static StorageException changedMeanwhile(Volume volume) {
    return new StorageException.Busy(
        "the size of '%s' was changed meanwhile; look at it and resize again if it is still to be"
            .formatted(volume.name()));
  }

  /// Gives a volume another name. What has it open keeps it open.
  public Volume rename(String name, String newName) throws IOException {
    lock.lock();
    try {
      var before = volume(names.id(name));
      checkFree(newName);
      return update(before, volume -> volume.withName(newName));
    } finally {
      lock.unlock();
    }
  }

  /// Replaces the tags.
  public Volume setTags(String name, Set<String> tags) throws IOException {
    lock.lock();
    try {
      var before = volume(names.id(name));
      var sorted = VolumeRules.sorted(tags);
      return update(before, volume -> volume.withTags(sorted));
    } finally {
      lock.unlock();
    }
  }

  /// Limits how much the volume may map, from now on; null is no limit. What is mapped beyond
  /// stays.
  public Volume setQuota(String name, @Nullable Long quotaBytes) throws IOException {
    VolumeRules.checkQuota(quotaBytes);
    lock.lock();
    try {
      var before = volume(names.id(name));
      var after = update(before, volume -> volume.withQuota(quotaBytes));
      pool.changeSettings(before.id(), state -> state.quotaBlocks = quotaBlocks(after));
      return after;
    } finally {
      lock.unlock();
    }
  }

  private long quotaBlocks(Volume volume) {
    var quota = volume.quotaBytes();
    return quota == null ? Long.MAX_VALUE : quota / pool.dataBlockBytes();
  }

  /// What the pool's metadata says of each volume, by name. Cheap.
  public Map<String, DeviceDetails> details() throws IOException {
    var details = new HashMap<ThinId, DeviceDetails>();
    for (var device : pool.devices()) {
      details.put(device.id(), device);
    }
    lock.lock();
    try {
      var byName = new TreeMap<String, DeviceDetails>();
      names.forEach((name, id) -> {
        var device = details.get(id);
        // One that was made or deleted between the two looks is not there.
        if (device != null) {
          byName.put(name, device);
        }
      });
      return byName;
    } finally {
      lock.unlock();
    }
  }

  /// What the volume holds of the pool. Deleting it frees the exclusive bytes. Walks what is
  /// exclusive.
  public DeviceUsage usage(String name, Progress progress) throws IOException {
    return pool.usage(get(name).id(), progress);
  }

  /// Gives back whole data blocks that hold only zeroes. Returns the bytes unmapped.
  public long trimZeroes(String name, Progress progress) throws IOException {
    try (var device = open(name)) {
      return device.trimZeroes(progress);
    }
  }

  /// Opens a volume for I/O; a snapshot read-only. While it is open it is not deleted.
  ///
  /// A device that others made gets an entry with this: from now on its size does not depend on
  /// what it maps.
  public ThinDevice open(String name) throws IOException {
    return open(get(name).id());
  }

  /// Opens the volume with this id, as [#open(String)].
  public ThinDevice open(ThinId id) throws IOException {
    lock.lock();
    try {
      var volume = known(id);
      if (catalogue.entry(volume.id()) == null && pool.status().mode() == PoolMode.WRITE) {
        update(volume, UnaryOperator.identity());
      }
      var device =
          pool.openDevice(
              volume.id(), volume.sizeBytes(), volume.isSnapshot(), externalOrigin(volume));
      pool.changeSettings(volume.id(), state -> state.quotaBlocks = quotaBlocks(volume));
      return device;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable BlockDevice externalOrigin(Volume volume) throws IOException {
    var path = volume.externalOrigin();
    return path == null ? null : externalOrigins.open(path);
  }

  // Tools

  /// Checks a pool that nobody has open: its structure, and the reference counts of metadata and of
  /// data.
  ///
  /// @throws StorageException.Busy if somebody has it open
  public static CheckReport check(PoolFiles files, Progress progress) throws IOException {
    try (var metadata = FileDevice.open(files.metadata(), FileDevice.Access.READ_ONLY)) {
      metadata.lockExclusively();
      return new MetadataCheck(metadata, progress).run();
    }
  }

  /// Clears the needs-check flag of a pool that was checked and found sound.
  public static void clearNeedsCheck(PoolFiles files) throws IOException {
    try (var metadata = FileDevice.open(files.metadata(), FileDevice.Access.READ_WRITE)) {
      metadata.lockExclusively();
      PoolMetadata.clearNeedsCheck(metadata);
    }
  }

  /// Writes the metadata of a pool that nobody has open as the XML of `thin_dump`, every mapping
  /// spelled out.
  public static void dump(PoolFiles files, Appendable out, Progress progress) throws IOException {
    try (var metadata = FileDevice.open(files.metadata(), FileDevice.Access.READ_ONLY)) {
      metadata.lockExclusively();
      new MetadataDump(metadata, out, progress).run();
    }
  }
}
