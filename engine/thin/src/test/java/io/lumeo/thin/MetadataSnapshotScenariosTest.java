package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.BTree;
import io.lumeo.persistentdata.BlockKind;
import io.lumeo.persistentdata.TransactionManager;
import io.lumeo.persistentdata.ValueType;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with the held root, the metadata snapshot.
class MetadataSnapshotScenariosTest {

  @Test
  @DisplayName("held root: reserve")
  void aReservedMetadataSnapshotIsShownAndSurvivesReopening() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.create(0, 4).write(0, bytes(1, BLOCK));
      scenario.pool().message("reserve_metadata_snap");
      Long held = scenario.pool().status().heldRoot();
      assertThat(held).isNotNull();
      assertThat(scenario.reopen().status().heldRoot()).isEqualTo(held);
    }
  }

  @Test
  @DisplayName("held root: release")
  void afterItsReleaseTheMetadataIsAsItWas() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(0, 4);
      device.write(0, bytes(1, BLOCK));
      scenario.pool().commit();
      long used = scenario.pool().status().metadataUsedBlocks();
      scenario.pool().message("reserve_metadata_snap");
      device.write(BLOCK, bytes(1, BLOCK));
      scenario.pool().message("release_metadata_snap");
      assertThat(scenario.pool().status().heldRoot()).isNull();
      assertThat(scenario.pool().status().metadataUsedBlocks()).isEqualTo(used);
    }
  }

  @Test
  void aMetadataSnapshotCanBeReleasedBeforeItWasEverWritten() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.create(0, 4).write(0, bytes(1, BLOCK));
      scenario.pool().reserveMetadataSnapshot();
      scenario.pool().releaseMetadataSnapshot();
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      assertThat(scenario.reopen().status().heldRoot()).isNull();
    }
  }

  @Test
  @DisplayName("held root: twice fails")
  void thereIsOneMetadataSnapshotAtATime() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      assertThatThrownBy(() -> scenario.pool().message("release_metadata_snap"))
          .isInstanceOf(StorageException.NotFound.class);
      scenario.pool().message("reserve_metadata_snap");
      assertThatThrownBy(() -> scenario.pool().message("reserve_metadata_snap"))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageContaining("release it first");
      scenario.pool().message("release_metadata_snap");
      scenario.pool().message("reserve_metadata_snap");
    }
  }

  @Test
  @DisplayName("held root: delete while held")
  void aDeviceDeletedWhileHeldKeepsItsBlocksUntilTheRelease() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      try (var device = scenario.create(0, 8)) {
        device.write(0, bytes(1, 8 * BLOCK));
      }
      scenario.pool().message("reserve_metadata_snap");
      scenario.pool().message("delete 0");
      assertThat(scenario.usedBlocks()).isEqualTo(8);
      scenario.checkSound();
      assertThat(mappings(scenario)).containsOnlyKeys(0);
      scenario.pool().message("release_metadata_snap");
      assertThat(scenario.usedBlocks()).isZero();
    }
  }

  /// What was held is what was there, whatever is written in the very transaction that holds it.
  @SeededTest(seeds = 10)
  @DisplayName("dump from it under I/O")
  void theHeldTreesNeverChange(Random random) throws IOException {
    try (var scenario = new ScenarioPool(8 << 20, 2048, BLOCK, PoolOptions.DEFAULT)) {
      var devices = new ThinDevice[3];
      for (int id = 0; id < devices.length; id++) {
        devices[id] = scenario.create(id, 600);
      }
      for (int round = 0; round < 6; round++) {
        stir(devices, random, 40);
        if (random.nextBoolean()) {
          scenario.pool().commit();
        }
        stir(devices, random, 5);
        scenario.pool().reserveMetadataSnapshot();
        stir(devices, random, 5);
        scenario.pool().commit();
        scenario.checkSound();
        var held = mappings(scenario);
        stir(devices, random, 40);
        scenario.pool().commit();
        scenario.checkSound();
        assertThat(mappings(scenario)).isEqualTo(held);
        scenario.pool().releaseMetadataSnapshot();
        stir(devices, random, 5);
        scenario.pool().commit();
        scenario.checkSound();
      }
    }
  }

  private static void stir(ThinDevice[] devices, Random random, int writes) throws IOException {
    for (int i = 0; i < writes; i++) {
      var device = devices[random.nextInt(devices.length)];
      long offset = random.nextInt(600) * (long) BLOCK;
      if (random.nextInt(4) == 0) {
        device.discard(offset, BLOCK);
      } else {
        device.write(offset, bytes(1, 512));
      }
    }
  }

  /// Each device of the metadata snapshot with its mappings, read from the disk as a tool would.
  private static Map<Integer, Map<Long, Long>> mappings(ScenarioPool scenario) throws IOException {
    var live = PoolMetadata.readSuperblock(scenario.metadata, false);
    var transaction = TransactionManager.open(scenario.metadata, live.metadataMap(), 1 << 20);
    var held =
        Superblock.read(
            transaction.read(live.heldRoot(), BlockKind.SUPERBLOCK), live.heldRoot(), false);
    var trees = new BTree(transaction, ValueType.plain(Long.BYTES));
    var devices = new TreeMap<Integer, Map<Long, Long>>();
    trees.forEach(
        held.mappingRoot(),
        0,
        Long.MAX_VALUE,
        (long id, long root) -> {
          devices.put((int) id, entries(trees, root));
          return true;
        });
    return devices;
  }

  private static Map<Long, Long> entries(BTree tree, long root) throws IOException {
    var entries = new TreeMap<Long, Long>();
    tree.forEach(
        root,
        0,
        Long.MAX_VALUE,
        (long key, long value) -> {
          entries.put(key, value);
          return true;
        });
    return entries;
  }

  @Test
  @DisplayName("metadata-snap-stress")
  void snapshotsOfTheMetadataComeAndGoUnderParallelWrites() throws IOException {
    try (var scenario = new ScenarioPool(8 << 20, 2048, BLOCK, PoolOptions.DEFAULT)) {
      var stop = new AtomicBoolean();
      var first = scenario.create(0, 600);
      var second = scenario.create(1, 600);
      try (var one = Background.run(() -> keepWriting(first, stop));
          var two = Background.run(() -> keepWriting(second, stop))) {
        try {
          for (int round = 0; round < 60; round++) {
            scenario.pool().message("reserve_metadata_snap");
            scenario.pool().createSnapshot(new ThinId(10), new ThinId(round % 2));
            scenario.pool().message("release_metadata_snap");
            scenario.pool().delete(new ThinId(10));
          }
        } finally {
          stop.set(true);
        }
        one.join();
        two.join();
      }
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      assertHolds(first, 0, 1, first.id().value() + 1);
    }
  }

  private static void keepWriting(ThinDevice device, AtomicBoolean stop) throws IOException {
    var random = new Random(device.id().value());
    device.write(0, bytes(device.id().value() + 1, 512));
    while (!stop.get()) {
      long block = 1L + random.nextInt(599);
      device.write(block * BLOCK, bytes(1, 512));
      device.discard((1 + random.nextInt(599)) * (long) BLOCK, BLOCK);
    }
  }
}
