package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.BlockChecksum;
import io.lumeo.persistentdata.BlockKind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The snapshot clock has 24 bits in a mapping and is never wound back.
class SnapshotClockTest {
  private static final long TIME_OFFSET = 0x2C;

  @Test
  void anExhaustedClockIsRefusedCleanly() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      try (var device = scenario.create(0, 4)) {
        device.write(0, bytes(1, 4 * BLOCK));
      }
      scenario.pool().close();
      setClock(scenario.metadata, Mapping.MAX_TIME - 2);
      var pool = scenario.reopen();
      assertThat(pool.status().snapshotTicksLeft()).isEqualTo(2);
      var device = scenario.device(0, 4);
      pool.createSnapshots(
          List.of(
              new Pool.SnapshotPair(new ThinId(1), new ThinId(0)),
              new Pool.SnapshotPair(new ThinId(2), new ThinId(0))));
      device.write(0, bytes(2, BLOCK));
      pool.createSnapshot(new ThinId(3), new ThinId(0));
      device.write(0, bytes(3, BLOCK));
      assertThat(pool.status().snapshotTicksLeft()).isZero();
      assertThatThrownBy(() -> pool.createSnapshot(new ThinId(4), new ThinId(0)))
          .isInstanceOf(StorageException.Unsupported.class)
          .hasMessageContaining("exhausted after 16777215 snapshots");
      assertThatThrownBy(() -> pool.rollBack(new ThinId(0), new ThinId(1)))
          .isInstanceOf(StorageException.Unsupported.class);
      assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
      device.write(BLOCK, bytes(4, BLOCK));
      assertHolds(device, 0, BLOCK, 3);
      assertHolds(device, BLOCK, BLOCK, 4);
      assertHolds(scenario.device(3, 4), 0, BLOCK, 2);
      assertHolds(scenario.device(1, 4), 0, 4 * BLOCK, 1);
    }
  }

  /// As if so many snapshots had been made in a pool that nobody has open.
  static void setClock(PoolFiles files, int time) throws IOException {
    try (var metadata = FileDevice.open(files.metadata(), FileDevice.Access.READ_WRITE)) {
      setClock(metadata, time);
    }
  }

  /// As if so many snapshots had been made.
  private static void setClock(BlockDevice metadata, int time) throws IOException {
    var superblock = MemorySegment.ofArray(new byte[4096]);
    metadata.read(0, superblock);
    superblock.set(
        ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), TIME_OFFSET, time);
    BlockChecksum.seal(superblock, 0, BlockKind.SUPERBLOCK);
    metadata.write(0, superblock);
    metadata.flush();
  }
}
