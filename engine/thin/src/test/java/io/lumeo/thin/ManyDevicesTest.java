package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.Fault.Operation;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// A pool holds very many small devices as gladly as a few large ones. What is looked at here is
/// the work that opening takes and the memory it leaves taken; `./dev bench open` tells the time.
@Isolated("It measures memory.")
class ManyDevicesTest {
  private static final int DEVICES = 100_000;
  private static final int CACHE_BYTES = 1 << 20;
  private static final PoolOptions OPTIONS =
      PoolOptions.DEFAULT.withMetadataCacheBytes(CACHE_BYTES);

  /// The details of a device are 24 bytes beside a key of 8, and a leaf is a third full at least.
  private static final int FEWEST_DETAILS_IN_A_LEAF = 127 / 3;

  /// The superblock, the space maps' indexes and bitmaps, and the nodes above the leaves.
  private static final int OTHER_BLOCKS = 100;

  /// Less than one object a device; the cache counts beside it.
  private static final long FEW_BYTES = DEVICES * 8L;

  private final CrashingDisk metadata = new CrashingDisk(64L << 20);
  private final CrashingDisk data = new CrashingDisk(64L * BLOCK);

  @BeforeEach
  void makeDevices() throws IOException {
    Pool.format(metadata, data, BLOCK);
    try (var pool = open()) {
      pool.createThin(new ThinId(0));
      var pairs = new ArrayList<Pool.SnapshotPair>();
      for (int id = 1; id < DEVICES; id++) {
        pairs.add(new Pool.SnapshotPair(new ThinId(id), new ThinId(0)));
      }
      pool.createSnapshots(pairs);
    }
  }

  @AfterEach
  void check() throws IOException {
    ScenarioPool.checkSound(metadata);
  }

  private Pool open() throws IOException {
    return Pool.open(metadata, data, OPTIONS, new SimulatedPoolClock());
  }

  @Test
  void openingReadsTheLeavesWithTheDetailsAndLittleElse() throws IOException {
    var traffic = new Traffic();
    metadata.inject(traffic);
    try (var pool = open()) {
      assertThat(pool.status().deviceCount()).isEqualTo(DEVICES);
      assertThat(traffic.operations(Operation.READ))
          .isLessThan(DEVICES / FEWEST_DETAILS_IN_A_LEAF + OTHER_BLOCKS);
      long before = traffic.operations(Operation.READ);

      pool.openDevice(new ThinId(77_777), 4 * BLOCK, false, null).write(0, bytes(1, 10));

      assertThat(traffic.operations(Operation.READ) - before).isLessThan(20);
    }
    metadata.inject(Fault.NONE);
  }

  @Test
  void idleDevicesCostNoMemory() throws IOException {
    long closed = heapBytes();
    try (var pool = open()) {
      assertThat(pool.status().deviceCount()).isEqualTo(DEVICES);
      assertThat(heapBytes() - closed).isLessThan(2 * CACHE_BYTES + FEW_BYTES);
    }
  }

  @Test
  void devicesThatWereInUseCostNoMemoryAfterwards() throws IOException {
    try (var pool = open()) {
      long before = heapBytes();
      var handles = new ArrayList<ThinDevice>();
      for (int id = 0; id < DEVICES; id++) {
        handles.add(pool.openDevice(new ThinId(id), 4 * BLOCK, false, null));
      }
      handles.get(5).write(0, bytes(1, 10));
      assertThat(heapBytes() - before).isGreaterThan(FEW_BYTES);

      handles.forEach(ThinDevice::close);
      handles.clear();
      handles.trimToSize();
      pool.createSnapshot(new ThinId(DEVICES), new ThinId(5));
      pool.commit();

      assertThat(heapBytes() - before).isLessThan(2 * CACHE_BYTES + FEW_BYTES);
    }
  }

  /// What is in use after a collection; the least of a few, since others use the heap as well.
  private static long heapBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      var runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
