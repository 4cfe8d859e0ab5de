package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.testing.CrashingDisk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// A pool on two crashing disks with a simulated clock, and short words for what scenarios do with
/// it. Closing it checks the metadata.
final class ScenarioPool implements AutoCloseable {
  static final int BLOCK = 64 << 10;
  static final long METADATA_BYTES = 4L << 20;

  final SimulatedPoolClock clock = new SimulatedPoolClock();
  final List<PoolEvent> events = Collections.synchronizedList(new ArrayList<>());
  final long blockBytes;
  CrashingDisk metadata;
  CrashingDisk data;
  private Pool pool;

  /// A pool of `dataBlocks` blocks of 64 KiB.
  ScenarioPool(long dataBlocks) throws IOException {
    this(METADATA_BYTES, dataBlocks, BLOCK, PoolOptions.DEFAULT);
  }

  ScenarioPool(long dataBlocks, PoolOptions options) throws IOException {
    this(METADATA_BYTES, dataBlocks, BLOCK, options);
  }

  ScenarioPool(long metadataBytes, long dataBlocks, long blockBytes, PoolOptions options)
      throws IOException {
    this.blockBytes = blockBytes;
    this.metadata = new CrashingDisk(metadataBytes);
    this.data = new CrashingDisk(dataBlocks * blockBytes);
    Pool.format(metadata, data, blockBytes);
    this.pool = open(options);
  }

  private Pool open(PoolOptions options) throws IOException {
    var opened = Pool.open(metadata, data, options, clock);
    opened.listen(events::add);
    return opened;
  }

  Pool pool() {
    return pool;
  }

  /// Closes the pool and opens it again.
  Pool reopen(PoolOptions options) throws IOException {
    pool.close();
    checkSound();
    pool = open(options);
    return pool;
  }

  Pool reopen() throws IOException {
    return reopen(PoolOptions.DEFAULT);
  }

  /// Lets the power fail now, and opens what is left. The old pool is forgotten as it is.
  Pool crash(Random random) throws IOException {
    metadata = metadata.crash(random);
    data = data.crash(random);
    checkSound();
    pool = open(PoolOptions.DEFAULT);
    return pool;
  }

  /// Creates a thin device of `blocks` blocks and opens it.
  ThinDevice create(int id, long blocks) throws IOException {
    pool.createThin(new ThinId(id));
    return device(id, blocks);
  }

  ThinDevice device(int id, long blocks) throws IOException {
    return pool.openDevice(new ThinId(id), blocks * blockBytes, false, null);
  }

  /// Snapshots a device and opens the snapshot.
  ThinDevice snapshot(int id, int origin, long blocks) throws IOException {
    pool.createSnapshot(new ThinId(id), new ThinId(origin));
    return device(id, blocks);
  }

  long usedBlocks() {
    return pool.status().dataUsedBlocks();
  }

  long usedBlocksAfterCommit() throws IOException {
    pool.commit();
    return usedBlocks();
  }

  <T extends PoolEvent> List<T> eventsOf(Class<T> type) {
    synchronized (events) {
      return events.stream().filter(type::isInstance).map(type::cast).toList();
    }
  }

  void checkSound() throws IOException {
    checkSound(metadata);
  }

  static void checkSound(BlockDevice metadata) throws IOException {
    assertThat(new MetadataCheck(metadata, Progress.NONE).run().problems()).isEmpty();
  }

  /// Closes the pool; what is left is sound and opens.
  @Override
  public void close() throws IOException {
    pool.close();
    checkSound();
  }

  // Bytes

  static MemorySegment bytes(int value, long length) {
    var segment = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    segment.fill((byte) value);
    return segment;
  }

  static MemorySegment block(int value) {
    return bytes(value, BLOCK);
  }

  static MemorySegment randomBytes(Random random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return MemorySegment.ofArray(bytes);
  }

  static byte[] read(BlockDevice device, long offset, long length) throws IOException {
    var target = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    device.read(offset, target);
    return target.toArray(ValueLayout.JAVA_BYTE);
  }

  static byte[] read(BlockDevice device) throws IOException {
    return read(device, 0, device.sizeBytes());
  }

  /// The range of the device holds `value` in every byte.
  static void assertHolds(BlockDevice device, long offset, long length, int value)
      throws IOException {
    var expected = bytes(value, length);
    var found = MemorySegment.ofArray(read(device, offset, length));
    assertThat(expected.mismatch(found))
        .as("first byte that is not %d from %d on", value, offset)
        .isEqualTo(-1);
  }
}
