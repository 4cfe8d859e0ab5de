package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Fault;
import io.lumeo.testing.Fault.Operation;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// A snapshot takes the same work whatever its origin maps and however many snapshots there are:
/// the blocks it has read and written are counted, up to the depth of the trees that hold the
/// devices.
class SnapshotWorkTest {
  private static final int FEW = 10;
  private static final int MANY = 40_000;
  private static final int SNAPSHOTS = 10_000;

  /// Two trees have an entry for each device; with many they are each a level or two deeper, and a
  /// leaf of each may be split.
  private static final long DEEPER_TREES = 2 * 3;

  /// Metadata blocks read and written by a snapshot and its commit.
  private record Work(long read, long written) {}

  @Test
  void aSnapshotTakesTheSameWorkHoweverMuchIsMapped() throws IOException {
    assertThat(workOfASnapshot(MANY, 0)).isEqualTo(workOfASnapshot(FEW, 0));
  }

  @Test
  void aSnapshotTakesTheSameWorkHoweverManyThereAre() throws IOException {
    var few = workOfASnapshot(FEW, 0);
    var many = workOfASnapshot(FEW, SNAPSHOTS);
    assertThat(many.read()).isLessThanOrEqualTo(few.read() + DEEPER_TREES);
    assertThat(many.written()).isLessThanOrEqualTo(few.written() + DEEPER_TREES);

    assertThat(workOfASnapshot(MANY, SNAPSHOTS)).isEqualTo(many);
  }

  /// The work of one more snapshot of a device, in a pool that was just opened: nothing but what
  /// opening reads is in memory.
  private static Work workOfASnapshot(int mappedBlocks, int snapshots) throws IOException {
    try (var scenario = new ScenarioPool(32L << 20, 50_000, BLOCK, PoolOptions.DEFAULT)) {
      try (var device = scenario.create(0, mappedBlocks)) {
        for (long block = 0; block < mappedBlocks; block++) {
          device.write(block * BLOCK, bytes(1, 512));
        }
      }
      var pairs = new ArrayList<Pool.SnapshotPair>();
      for (int id = 1; id <= snapshots; id++) {
        pairs.add(new Pool.SnapshotPair(new ThinId(id), new ThinId(0)));
      }
      if (!pairs.isEmpty()) {
        scenario.pool().createSnapshots(pairs);
      }
      var pool = scenario.reopen(PoolOptions.DEFAULT.withMetadataCacheBytes(1 << 20));
      var traffic = new Traffic();
      var dataTraffic = new Traffic();
      scenario.metadata.inject(traffic);
      scenario.data.inject(dataTraffic);

      pool.createSnapshot(new ThinId(snapshots + 1), new ThinId(0));
      pool.commit();

      scenario.metadata.inject(Fault.NONE);
      scenario.data.inject(Fault.NONE);
      for (var operation : new Operation[] {Operation.READ, Operation.WRITE, Operation.DISCARD}) {
        assertThat(dataTraffic.operations(operation)).as("%s of data", operation).isZero();
      }
      return new Work(
          traffic.bytes(Operation.READ) / Superblock.BLOCK_BYTES,
          traffic.bytes(Operation.WRITE) / Superblock.BLOCK_BYTES);
    }
  }
}
