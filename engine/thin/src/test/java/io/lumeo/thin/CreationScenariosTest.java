package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the field's suites for dm-thin try with the creation of pools, thin devices and snapshots.
class CreationScenariosTest {
  private static final long GIB = 1L << 30;

  @Test
  @DisplayName("lots-of-empty-thins")
  void aThousandEmptyThinDevicesAreMadeAndFoundAgain() throws IOException {
    try (var scenario = new ScenarioPool(16 << 20, 16, BLOCK, PoolOptions.DEFAULT)) {
      for (int id = 0; id < 1000; id++) {
        scenario.pool().createThin(new ThinId(id));
      }
      assertThat(scenario.pool().status().deviceCount()).isEqualTo(1000);
      assertThat(scenario.reopen().devices()).hasSize(1000);
      assertThat(scenario.usedBlocks()).isZero();
    }
  }

  @Test
  @DisplayName("lots-of-empty-snaps")
  void aThousandEmptySnapshotsOfOneDeviceAreMade() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().createThin(new ThinId(0));
      for (int id = 1; id <= 1000; id++) {
        scenario.pool().createSnapshot(new ThinId(id), new ThinId(0));
      }
      assertThat(scenario.reopen().devices()).hasSize(1001);
      assertThat(scenario.pool().status().snapshotTime()).isEqualTo(1000);
    }
  }

  @Test
  @DisplayName("lots-of-recursive-snaps")
  void snapshotsOfSnapshotsCanBeAThousandDeep() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      try (var first = scenario.create(0, 4)) {
        first.write(0, bytes(7, 4 * BLOCK));
      }
      for (int id = 1; id <= 1000; id++) {
        scenario.pool().createSnapshot(new ThinId(id), new ThinId(id - 1));
      }
      scenario.reopen();
      try (var last = scenario.device(1000, 4)) {
        assertHolds(last, 0, 4 * BLOCK, 7);
      }
      assertThat(scenario.usedBlocks()).isEqualTo(4);
    }
  }

  @Test
  @DisplayName("huge-block-size")
  void blocksOf16MebibytesAreProvisionedAndUnshared() throws IOException {
    long huge = 16 << 20;
    try (var scenario = new ScenarioPool(1 << 20, 8, huge, PoolOptions.DEFAULT)) {
      var origin = scenario.create(0, 4);
      origin.write(huge - 5000, bytes(1, 10_000));
      assertHolds(origin, 0, huge - 5000, 0);
      assertHolds(origin, huge - 5000, 10_000, 1);
      var snapshot = scenario.snapshot(1, 0, 4);
      origin.write(huge + 100, bytes(2, 100));
      assertHolds(snapshot, huge - 5000, 10_000, 1);
      assertHolds(origin, huge, 100, 1);
      assertHolds(origin, huge + 100, 100, 2);
      assertHolds(origin, huge + 200, 4800, 1);
      assertHolds(origin, huge + 5000, huge - 5000, 0);
      assertThat(scenario.usedBlocks()).isEqualTo(3);
    }
  }

  @SeededTest(seeds = 4)
  @DisplayName("non-power-of-2-block-size")
  void blocksOf192KibibytesHoldWhatIsWrittenAcrossTheirEdges(Random random) throws IOException {
    int block = 192 << 10;
    try (var scenario = new ScenarioPool(1 << 20, 64, block, PoolOptions.DEFAULT)) {
      var device = scenario.create(0, 10);
      byte[] expected = new byte[10 * block];
      byte[] frozen = expected.clone();
      for (int step = 0; step < 60; step++) {
        int offset = random.nextInt(expected.length);
        int length = random.nextInt(Math.min(3 * block, expected.length - offset) + 1);
        if (random.nextInt(4) == 0) {
          device.discard(offset, length);
          Arrays.fill(expected, offset, offset + length, (byte) 0);
        } else {
          int value = 1 + random.nextInt(100);
          device.write(offset, bytes(value, length));
          Arrays.fill(expected, offset, offset + length, (byte) value);
        }
        if (step == 30) {
          scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
          frozen = expected.clone();
        }
        assertThat(ScenarioPool.read(device)).isEqualTo(expected);
      }
      assertThat(ScenarioPool.read(scenario.device(1, 10))).isEqualTo(frozen);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 512, 32 << 10, (64 << 10) - 512})
  @DisplayName("too-small-block-size-fails")
  void blocksBelow64KibibytesAreRefused(long bytes) {
    assertRefused(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {GIB + (64 << 10), 2 * GIB, 1L << 50})
  @DisplayName("too-large-block-size-fails")
  void blocksAbove1GibibyteAreRefused(long bytes) {
    assertRefused(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {(64 << 10) + 512, 96 << 10, (64 << 10) + 1, -(64 << 10)})
  @DisplayName("block sizes that are no multiple of 64 KiB fail")
  void blocksThatAreNoMultipleOf64KibibytesAreRefused(long bytes) {
    assertRefused(bytes);
  }

  private static void assertRefused(long blockBytes) {
    try (var metadata = new MemoryDevice(1 << 20);
        var data = new MemoryDevice(1L << 40)) {
      assertThatThrownBy(() -> Pool.format(metadata, data, blockBytes))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("64 KiB to 1 GiB");
    }
  }

  @Test
  @DisplayName("largest-block-size-succeeds")
  void blocksOf1GibibyteWork() throws IOException {
    try (var metadata = new MemoryDevice(1 << 20);
        var data = new MemoryDevice(8 * GIB)) {
      Pool.format(metadata, data, GIB);
      try (var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock())) {
        pool.createThin(new ThinId(0));
        var device = pool.openDevice(new ThinId(0), 4 * GIB, false, null);
        device.write(2 * GIB - 3, bytes(5, 6));
        assertHolds(device, 2 * GIB - 3, 6, 5);
        assertHolds(device, 2 * GIB - 103, 100, 0);
        assertHolds(device, 2 * GIB + 3, 100, 0);
        device.discard(GIB, GIB);
        assertHolds(device, 2 * GIB - 3, 3, 0);
        assertThat(pool.statusLine()).startsWith("0 ").contains(" 1/8 ");
        assertThat(pool.thinStatusLine(new ThinId(0))).isEqualTo("2097152 6291455");
      }
      ScenarioPool.checkSound(metadata);
    }
  }

  @Test
  @DisplayName("too-large-a-thin-id-fails")
  void anIdOf25BitsIsRefused() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      assertThatThrownBy(() -> ThinId.of(1 << 24))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("24 bits");
      assertThatThrownBy(() -> scenario.pool().message("create_thin 16777216"))
          .isInstanceOf(StorageException.InvalidArgument.class);
      assertThat(scenario.pool().devices()).isEmpty();
    }
  }

  @Test
  @DisplayName("largest-thin-id-succeeds")
  void theLargestIdWorks() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(ThinId.MAX, 4);
      device.write(0, bytes(1, 100));
      scenario.reopen();
      assertHolds(scenario.device(ThinId.MAX, 4), 0, 100, 1);
    }
  }

  @Test
  @DisplayName("too-small-a-metadata-dev-fails")
  void aMetadataDeviceOf63BlocksIsRefused() throws IOException {
    try (var data = new MemoryDevice(1 << 20);
        var small = new MemoryDevice(63 * 4096);
        var enough = new MemoryDevice(64 * 4096)) {
      assertThatThrownBy(() -> Pool.format(small, data, BLOCK))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("at least 262144 bytes");
      Pool.format(enough, data, BLOCK);
      try (var pool = Pool.open(enough, data, PoolOptions.DEFAULT, new SimulatedPoolClock())) {
        pool.message("create_thin 0");
        pool.openDevice(new ThinId(0), BLOCK, false, null).write(0, bytes(1, 10));
      }
      ScenarioPool.checkSound(enough);
    }
  }

  @Test
  void aDataDeviceWithoutRoomForABlockIsRefused() {
    try (var metadata = new MemoryDevice(1 << 20);
        var data = new MemoryDevice(BLOCK - 1)) {
      assertThatThrownBy(() -> Pool.format(metadata, data, BLOCK))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("holds no data block");
    }
  }

  @Test
  void aDataDeviceThatWasCutShortIsRefused() throws IOException {
    try (var metadata = new MemoryDevice(1 << 20);
        var data = new MemoryDevice(4 * BLOCK);
        var shorter = new MemoryDevice(4 * BLOCK - 1)) {
      Pool.format(metadata, data, BLOCK);
      assertThatThrownBy(
              () -> Pool.open(metadata, shorter, PoolOptions.DEFAULT, new SimulatedPoolClock()))
          .isInstanceOf(StorageException.Damaged.class)
          .hasMessageContaining("cut short");
    }
  }

  @Test
  void aMetadataDeviceThatWasCutShortIsRefused() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().message("create_thin 0");
      var bytes = ScenarioPool.read(scenario.metadata, 0, 128 * 4096);
      try (var shorter = new MemoryDevice(bytes.length)) {
        shorter.write(0, MemorySegment.ofArray(bytes));
        assertThatThrownBy(
                () -> Pool.open(shorter, scenario.data, PoolOptions.DEFAULT, scenario.clock))
            .isInstanceOf(StorageException.Damaged.class)
            .hasMessageContaining("cut short");
      }
    }
  }

  @Test
  void aDeviceOfNegativeSizeAndOneThatIsNotThereAreRefused() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().createThin(new ThinId(0));
      assertThatThrownBy(() -> scenario.pool().openDevice(new ThinId(0), -1, false, null))
          .isInstanceOf(StorageException.InvalidArgument.class);
      assertThatThrownBy(() -> scenario.pool().openDevice(new ThinId(1), BLOCK, false, null))
          .isInstanceOf(StorageException.NotFound.class);
    }
  }
}
