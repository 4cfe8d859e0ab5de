package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A pool beside a naive model of what its metadata must say: for each device, which virtual blocks
/// are mapped, and for each of them a number that says whose data it is. Two devices must map a
/// block to the same data block exactly when the numbers are equal.
final class SharingModel {
  static final long BLOCK_BYTES = 64 << 10;

  private static final long MAX_METADATA_BYTES = 6L << 20;

  /// Free metadata blocks below which the model makes room, since running out in the middle of a
  /// change ends writing, as with the kernel.
  private static final long ENOUGH_METADATA_BLOCKS = 250;

  private static final long MAX_DATA_BLOCKS = 40_000;
  private static final PoolOptions OPTIONS =
      PoolOptions.DEFAULT.withZeroNewBlocks(false).withErrorIfNoSpace(true);

  /// @param blocks its size, in virtual blocks
  private record Device(
      int blocks,
      NavigableMap<Long, Long> content,
      long transactionId,
      int createdAt,
      int snapshotAt) {
    Device copy() {
      return new Device(blocks, new TreeMap<>(content), transactionId, createdAt, snapshotAt);
    }

    Device snapshotAt(int time) {
      return new Device(blocks, content, transactionId, createdAt, time);
    }

    Device resized(int newBlocks) {
      return new Device(newBlocks, content, transactionId, createdAt, snapshotAt);
    }
  }

  /// What a metadata snapshot must say, however the pool goes on.
  private record Held(SortedMap<ThinId, Device> devices, int time, long transactionId) {}

  final List<String> log = new ArrayList<>();

  private final Random random;
  private final BlockDevice metadata;
  private final BlockDevice data;

  /// Virtual blocks in a device at most: small ones break sharing, large ones have deep trees.
  private final int deviceBlocks;

  private final Map<ThinId, ThinDevice> open = new HashMap<>();
  private Pool pool;
  private SortedMap<ThinId, Device> devices = new TreeMap<>();
  private int time;
  private long transactionId;
  private @Nullable Held held;
  private int nextId;
  private long nextContent;

  SharingModel(Random random, BlockDevice metadata, BlockDevice data) throws IOException {
    this.random = random;
    this.metadata = metadata;
    this.data = data;
    this.deviceBlocks = random.nextBoolean() ? 40 : 3000;
    Pool.format(metadata, data, BLOCK_BYTES);
    this.pool = openPool();
  }

  private Pool openPool() throws IOException {
    return Pool.open(metadata, data, OPTIONS, new SimulatedPoolClock());
  }

  /// Gives the first data blocks to a device that the history leaves alone. thin_repair takes a
  /// leaf that maps nothing but data block 0 for one of the top-level tree, and finds no roots
  /// then.
  void keepFirstBlocks() throws IOException {
    var keeper = newId();
    pool.createThin(keeper);
    try (var device = pool.openDevice(keeper, 10 * BLOCK_BYTES, false, null)) {
      device.write(0, MemorySegment.ofArray(new byte[(int) (10 * BLOCK_BYTES)]));
    }
  }

  /// Some changes and a commit.
  void nextCommit() throws IOException {
    int steps = 1 + random.nextInt(12);
    for (int i = 0; i < steps; i++) {
      makeRoom();
      step();
    }
    makeRoom();
    switch (random.nextInt(8)) {
      case 0 -> reopen();
      case 1 -> loseUncommitted();
      default -> pool.commit();
    }
    log.add("committed");
  }

  private void makeRoom() throws IOException {
    while (freeMetadataBlocks() < ENOUGH_METADATA_BLOCKS) {
      if (pool.status().metadataTotalBytes() < MAX_METADATA_BYTES) {
        extendMetadata();
      } else {
        delete();
        pool.commit();
      }
    }
  }

  private long freeMetadataBlocks() {
    var status = pool.status();
    return status.metadataTotalBlocks() - status.metadataUsedBlocks();
  }

  private void step() throws IOException {
    try {
      int dice = random.nextInt(100);
      if (devices.isEmpty() || dice < 6) {
        create();
      } else if (dice < 45) {
        write();
      } else if (dice < 58) {
        discard();
      } else if (dice < 62) {
        resize();
      } else if (dice < 76) {
        snapshot();
      } else if (dice < 84) {
        delete();
      } else if (dice < 88) {
        rollBack();
      } else if (dice < 91) {
        extendData();
      } else if (dice < 93) {
        extendMetadata();
      } else if (dice < 97) {
        holdOrRelease();
      } else {
        setTransactionId();
      }
    } catch (StorageException.OutOfSpace full) {
      log.add("full: " + full.getMessage());
      extendData();
    }
  }

  private ThinId any() {
    return List.copyOf(devices.keySet()).get(random.nextInt(devices.size()));
  }

  private ThinId newId() {
    // Ids far apart and near each other.
    nextId += random.nextInt(4) == 0 ? 1 + random.nextInt(100_000) : 1;
    return new ThinId(nextId);
  }

  private ThinDevice device(ThinId id) throws IOException {
    var device = open.get(id);
    if (device == null) {
      device = pool.openDevice(id, devices.get(id).blocks() * BLOCK_BYTES, false, null);
      open.put(id, device);
    }
    return device;
  }

  private void create() throws IOException {
    int count = random.nextInt(20) == 0 ? 100 : 1;
    for (int i = 0; i < count; i++) {
      var id = newId();
      log.add("create " + id);
      pool.message("create_thin " + id);
      devices.put(id, new Device(deviceBlocks, new TreeMap<>(), transactionId, time, time));
    }
  }

  private void write() throws IOException {
    var id = any();
    int blocks = devices.get(id).blocks();
    long length = 1L + random.nextInt(random.nextInt(3) == 0 ? blocks : Math.min(blocks, 5));
    long first = random.nextInt((int) (blocks - length + 1));
    long stride = random.nextInt(4) == 0 ? 2 : 1;
    log.add("write %s blocks %d+%d by %d".formatted(id, first, length, stride));
    for (long block = first; block < first + length; block += stride) {
      device(id).write(block * BLOCK_BYTES, MemorySegment.ofArray(new byte[512]));
      devices.get(id).content().put(block, nextContent++);
    }
  }

  private void discard() throws IOException {
    var id = any();
    int blocks = devices.get(id).blocks();
    long length = 1L + random.nextInt(blocks);
    long first = random.nextInt((int) (blocks - length + 1));
    log.add("discard %s blocks %d+%d".formatted(id, first, length));
    device(id).discard(first * BLOCK_BYTES, length * BLOCK_BYTES);
    devices.get(id).content().subMap(first, first + length).clear();
  }

  /// What a device loses that becomes smaller is given back, and is a hole if it grows again.
  private void resize() throws IOException {
    var id = any();
    int blocks = 1 + random.nextInt(deviceBlocks);
    log.add("resize %s to %d blocks".formatted(id, blocks));
    var device = devices.get(id);
    if (blocks < device.blocks()) {
      device(id).shrink(blocks * BLOCK_BYTES);
      device.content().tailMap((long) blocks, true).clear();
    } else {
      pool.changeSettings(id, open -> open.sizeBytes = blocks * BLOCK_BYTES);
    }
    devices.put(id, device.resized(blocks));
  }

  private void snapshot() throws IOException {
    int count = random.nextInt(4) == 0 ? 1 + random.nextInt(20) : 1;
    var pairs = new ArrayList<Pool.SnapshotPair>();
    for (int i = 0; i < count; i++) {
      pairs.add(new Pool.SnapshotPair(newId(), any()));
    }
    log.add("snapshots " + pairs);
    pool.createSnapshots(pairs);
    time++;
    for (var pair : pairs) {
      var origin = devices.get(pair.origin()).snapshotAt(time);
      devices.put(pair.origin(), origin);
      devices.put(
          pair.snapshot(),
          new Device(origin.blocks(), new TreeMap<>(origin.content()), transactionId, time, time));
    }
  }

  private void delete() throws IOException {
    int count = random.nextInt(5) == 0 ? devices.size() / 2 : 1;
    for (int i = 0; i < count; i++) {
      var id = any();
      log.add("delete " + id);
      var device = open.remove(id);
      if (device != null) {
        device.close();
      }
      pool.delete(id);
      devices.remove(id);
    }
  }

  private void rollBack() throws IOException {
    var target = any();
    var source = any();
    if (target.equals(source)) {
      return;
    }
    log.add("roll back %s to %s".formatted(target, source));
    pool.rollBack(target, source, devices.get(source).blocks() * BLOCK_BYTES, null);
    time++;
    var from = devices.get(source).snapshotAt(time);
    var to = devices.get(target);
    devices.put(source, from);
    devices.put(
        target,
        new Device(
            from.blocks(),
            new TreeMap<>(from.content()),
            to.transactionId(),
            to.createdAt(),
            time));
  }

  private void extendData() throws IOException {
    long blocks = pool.status().dataTotalBlocks() + 1 + random.nextInt(2000);
    if (blocks < MAX_DATA_BLOCKS) {
      log.add("extend data to " + blocks);
      pool.extendData(blocks * BLOCK_BYTES);
    }
  }

  private void extendMetadata() throws IOException {
    long blocks = pool.status().metadataTotalBlocks() + 1 + random.nextInt(100);
    log.add("extend metadata to " + blocks);
    pool.extendMetadata(blocks * 4096);
  }

  private void holdOrRelease() throws IOException {
    if (held == null) {
      log.add("reserve");
      pool.message("reserve_metadata_snap");
      held = new Held(copyOf(devices), time, transactionId);
    } else {
      log.add("release");
      pool.message("release_metadata_snap");
      held = null;
    }
  }

  private static SortedMap<ThinId, Device> copyOf(SortedMap<ThinId, Device> devices) {
    var copy = new TreeMap<ThinId, Device>();
    devices.forEach((id, device) -> copy.put(id, device.copy()));
    return copy;
  }

  /// Any number of 64 bits, which has no sign.
  private void setTransactionId() throws IOException {
    long next = random.nextBoolean() ? transactionId + 1 : random.nextLong();
    log.add("transaction id " + Long.toUnsignedString(next));
    pool.setTransactionId(transactionId, next);
    transactionId = next;
  }

  private void reopen() throws IOException {
    log.add("reopen");
    pool.close();
    open.clear();
    pool = openPool();
  }

  /// The process dies: what was not committed is gone.
  private void loseUncommitted() throws IOException {
    pool.commit();
    var committed = copyOf(devices);
    int committedTime = time;
    for (int i = 0; i < 3; i++) {
      snapshot();
      discard();
    }
    log.add("lose the last 6");
    open.clear();
    pool = openPool();
    devices = committed;
    time = committedTime;
  }

  /// Ends the history, without a metadata snapshot.
  void close() throws IOException {
    if (isHeld()) {
      holdOrRelease();
    }
    pool.close();
  }

  /// What a dump of the committed metadata must be.
  void check(ThinDump dump) {
    assertThat(dump.time()).as("time").isEqualTo(time);
    assertThat(dump.transactionId()).as("transaction id").isEqualTo(transactionId);
    assertThat(dump.dataBlockSectors()).isEqualTo(BLOCK_BYTES / 512);
    assertThat(dump.dataBlocks()).isEqualTo(pool.status().dataTotalBlocks());
    long expected = checkDevices(dump, devices);
    checkKernelSeesSharing(dump);
    long used = pool.status().dataUsedBlocks();
    assertThat(used)
        .as("data blocks in use")
        .isBetween(expected, isHeld() ? Long.MAX_VALUE : expected);
  }

  /// Whether there is a metadata snapshot.
  boolean isHeld() {
    return held != null;
  }

  /// What a dump of the metadata snapshot must be: the pool as it was when that was taken.
  void checkHeld(ThinDump dump) {
    var expected = Objects.requireNonNull(held);
    assertThat(dump.time()).as("time held").isEqualTo(expected.time());
    assertThat(dump.transactionId()).as("id held").isEqualTo(expected.transactionId());
    checkDevices(dump, expected.devices());
  }

  /// Returns how many data blocks they map.
  private static long checkDevices(ThinDump dump, SortedMap<ThinId, Device> devices) {
    assertThat(dump.devices().keySet())
        .containsExactlyElementsOf(devices.keySet().stream().map(ThinId::value).toList());
    var contentOf = new HashMap<Long, Long>();
    var dataBlockOf = new HashMap<Long, Long>();
    devices.forEach((id, device) -> {
      var found = dump.devices().get(id.value());
      checkDetails(id, device, found);
      device
          .content()
          .forEach((virtualBlock, content) -> {
            long mapping = found.mappings().get(virtualBlock);
            checkSharing(id, virtualBlock, content, mapping, contentOf, dataBlockOf);
          });
    });
    return contentOf.size();
  }

  private static void checkDetails(ThinId id, Device device, ThinDump.Device found) {
    assertThat(found.mappings().keySet())
        .as("what device %s maps", id)
        .isEqualTo(device.content().keySet());
    assertThat(found.mappedBlocks())
        .as("mapped blocks of %s", id)
        .isEqualTo(device.content().size());
    assertThat(found.transactionId()).isEqualTo(device.transactionId());
    assertThat(found.creationTime()).isEqualTo(device.createdAt());
    assertThat(found.snapshotTime()).isEqualTo(device.snapshotAt());
  }

  private static void checkSharing(
      ThinId id,
      long virtualBlock,
      long content,
      long mapping,
      Map<Long, Long> contentOf,
      Map<Long, Long> dataBlockOf) {
    var sameData = contentOf.putIfAbsent(Mapping.dataBlock(mapping), content);
    var sameContent = dataBlockOf.putIfAbsent(content, Mapping.dataBlock(mapping));
    if ((sameData != null && sameData != content)
        || (sameContent != null && sameContent != Mapping.dataBlock(mapping))) {
      throw new AssertionError(
          "device %s block %d is mapped to data block %d and must be another"
              .formatted(id, virtualBlock, Mapping.dataBlock(mapping)));
    }
  }

  /// The kernel takes a block for shared when its mapping is older than the device's snapshot time:
  /// so must it be for every block that is.
  private static void checkKernelSeesSharing(ThinDump dump) {
    var users = new HashMap<Long, Integer>();
    for (var device : dump.devices().values()) {
      for (long mapping : device.mappings().values()) {
        users.merge(Mapping.dataBlock(mapping), 1, Integer::sum);
        assertThat(Mapping.time(mapping)).isLessThanOrEqualTo((int) dump.time());
      }
    }
    dump.devices()
        .forEach((id, device) ->
            device
                .mappings()
                .forEach((virtualBlock, mapping) -> {
                  if (users.get(Mapping.dataBlock(mapping)) > 1
                      && Mapping.time(mapping) >= device.snapshotTime()) {
                    throw new AssertionError(
                        "the kernel would overwrite shared block %d of device %d in place"
                            .formatted(virtualBlock, id));
                  }
                }));
  }
}
