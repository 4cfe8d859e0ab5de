package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.testing.Fault.Operation;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with the deletion of thin devices.
class DeletionScenariosTest {

  @Test
  @DisplayName("create-delete-cycle")
  void aDeviceIsMadeAndDeletedAThousandTimes() throws IOException {
    try (var scenario = new ScenarioPool(1 << 20, 16, BLOCK, PoolOptions.DEFAULT)) {
      long used = scenario.pool().status().metadataUsedBlocks();
      for (int cycle = 0; cycle < 1000; cycle++) {
        scenario.pool().message("create_thin 0");
        scenario.pool().message("delete 0");
      }
      assertThat(scenario.pool().status().metadataUsedBlocks()).isEqualTo(used);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
    }
  }

  @Test
  @DisplayName("create-many-delete-many")
  void manyDevicesAreMadeAndThenDeleted() throws IOException {
    try (var scenario = new ScenarioPool(8 << 20, 16, BLOCK, PoolOptions.DEFAULT)) {
      scenario.pool().commit();
      long used = scenario.pool().status().metadataUsedBlocks();
      for (int id = 0; id < 1000; id++) {
        scenario.pool().createThin(new ThinId(id));
      }
      scenario.pool().commit();
      for (int id = 0; id < 1000; id++) {
        scenario.pool().delete(new ThinId(id));
      }
      scenario.pool().commit();
      assertThat(scenario.pool().devices()).isEmpty();
      assertThat(scenario.pool().status().metadataUsedBlocks()).isEqualTo(used);
    }
  }

  @Test
  @DisplayName("create-delete-rolling")
  void eachNewDeviceReplacesTheOldestOfAHundred() throws IOException {
    try (var scenario = new ScenarioPool(4 << 20, 256, BLOCK, PoolOptions.DEFAULT)) {
      for (int id = 0; id < 1000; id++) {
        try (var device = scenario.create(id, 4)) {
          device.write((id % 4) * (long) BLOCK, bytes(1, 512));
        }
        if (id >= 100) {
          scenario.pool().delete(new ThinId(id - 100));
        }
      }
      assertThat(scenario.pool().devices()).hasSize(100);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(100);
    }
  }

  @Test
  @DisplayName("delete-provisioned-thin")
  void whatAProvisionedDeviceHadIsFreeAfterItsDeletion() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      try (var device = scenario.create(0, 64)) {
        device.write(0, bytes(1, 64 * BLOCK));
      }
      assertThat(scenario.usedBlocks()).isEqualTo(64);
      scenario.pool().message("delete 0");
      assertThat(scenario.usedBlocks()).isZero();
      try (var again = scenario.create(1, 64)) {
        assertHolds(again, 0, 64 * BLOCK, 0);
        again.write(0, bytes(2, 64 * BLOCK));
        assertHolds(again, 0, 64 * BLOCK, 2);
      }
    }
  }

  @Test
  @DisplayName("delete-unknown-id-fails")
  void anUnknownIdCannotBeDeleted() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      assertThatThrownBy(() -> scenario.pool().delete(new ThinId(3)))
          .isInstanceOf(StorageException.NotFound.class)
          .hasMessageContaining("no thin device 3");
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
    }
  }

  @Test
  @DisplayName("delete-active-id-fails")
  void anOpenDeviceCannotBeDeletedUntilItsLastHandleIsClosed() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var first = scenario.create(0, 4);
      var second = scenario.device(0, 4);
      for (var handle : new ThinDevice[] {first, second}) {
        assertThatThrownBy(() -> scenario.pool().delete(new ThinId(0)))
            .isInstanceOf(StorageException.Busy.class)
            .hasMessageContaining("thin device 0 is open");
        handle.close();
        handle.close();
      }
      scenario.pool().delete(new ThinId(0));
      assertThat(scenario.pool().exists(new ThinId(0))).isFalse();
    }
  }

  @Test
  @DisplayName("delete-after-out-of-space")
  void deletingADeviceOfAFullPoolLetsWritesGoOn() throws IOException {
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var scenario = new ScenarioPool(16, options)) {
      try (var filler = scenario.create(0, 16)) {
        filler.write(0, bytes(1, 16 * BLOCK));
      }
      var device = scenario.create(1, 16);
      assertThatThrownBy(() -> device.write(0, bytes(2, BLOCK)))
          .isInstanceOf(StorageException.OutOfSpace.class)
          .hasMessageContaining("no free data block");
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.OUT_OF_DATA_SPACE);
      scenario.pool().message("delete 0");
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      device.write(0, bytes(2, 16 * BLOCK));
      assertHolds(device, 0, 16 * BLOCK, 2);
    }
  }

  @SeededTest(seeds = 5)
  void aTreeOfSnapshotsCanBeDeletedInAnyOrder(Random random) throws IOException {
    try (var scenario = new ScenarioPool(512)) {
      try (var origin = scenario.create(0, 8)) {
        origin.write(0, bytes(1, 8 * BLOCK));
      }
      var ids = new ArrayList<Integer>();
      ids.add(0);
      for (int id = 1; id < 30; id++) {
        try (var snapshot = scenario.snapshot(id, ids.get(random.nextInt(ids.size())), 8)) {
          snapshot.write(random.nextInt(7 * BLOCK), bytes(id, BLOCK));
        }
        ids.add(id);
      }
      Collections.shuffle(ids, random);
      for (int id : ids) {
        scenario.pool().message("delete " + id);
        scenario.checkSound();
      }
      assertThat(scenario.usedBlocks()).isZero();
    }
  }

  @Test
  void deletingASnapshotReadsOnlyWhatItAloneHas() throws IOException {
    try (var scenario =
        new ScenarioPool(
            64 << 20, 40_000, BLOCK, PoolOptions.DEFAULT.withMetadataCacheBytes(1 << 20))) {
      try (var origin = scenario.create(0, 40_000)) {
        for (int block = 0; block < 40_000; block += 2) {
          origin.write(block * (long) BLOCK, bytes(1, 1));
        }
      }
      try (var snapshot = scenario.snapshot(1, 0, 40_000)) {
        snapshot.write(20_000L * BLOCK, bytes(2, 1));
      }
      scenario.reopen(PoolOptions.DEFAULT.withMetadataCacheBytes(1 << 20));
      var traffic = new Traffic();
      scenario.metadata.inject(traffic);
      scenario.pool().delete(new ThinId(1));
      assertThat(traffic.operations(Operation.READ)).isBetween(1L, 20L);
    }
  }
}
