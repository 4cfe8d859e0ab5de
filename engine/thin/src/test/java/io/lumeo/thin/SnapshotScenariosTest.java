package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.DiskSpaceMap;
import io.lumeo.persistentdata.TransactionManager;
import io.lumeo.testing.Fault;
import io.lumeo.testing.Fault.Operation;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with snapshots, and what Lumeo does better: n snapshots
/// cost n copies.
class SnapshotScenariosTest {

  @Test
  @DisplayName("space-use")
  void aSnapshotTakesNoDataUntilSomethingIsChanged() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var origin = scenario.create(0, 16);
      origin.write(0, bytes(1, 16 * BLOCK));
      var snapshot = scenario.snapshot(1, 0, 16);
      assertThat(scenario.usedBlocks()).isEqualTo(16);
      origin.write(0, bytes(2, BLOCK));
      snapshot.write(BLOCK, bytes(3, BLOCK));
      assertThat(scenario.usedBlocks()).isEqualTo(18);
      var usage = scenario.pool().usage(new ThinId(1), Progress.NONE);
      assertThat(usage).isEqualTo(new DeviceUsage(16 * BLOCK, 2 * BLOCK, 14 * BLOCK));
      snapshot.close();
      scenario.pool().delete(new ThinId(1));
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(16);
    }
  }

  @Test
  @DisplayName("many-snapshots-of-same-volume")
  void eachOfAHundredSnapshotsKeepsItsMoment() throws IOException {
    try (var scenario = new ScenarioPool(256)) {
      var origin = scenario.create(0, 2);
      for (int id = 1; id <= 100; id++) {
        origin.write(0, bytes(id, BLOCK));
        scenario.pool().createSnapshot(new ThinId(id), new ThinId(0));
      }
      scenario.reopen();
      for (int id = 1; id <= 100; id++) {
        try (var snapshot = scenario.device(id, 2)) {
          assertHolds(snapshot, 0, BLOCK, id);
          assertHolds(snapshot, BLOCK, BLOCK, 0);
        }
      }
      assertThat(scenario.usedBlocks()).isEqualTo(100);
    }
  }

  @Test
  @DisplayName("parallel-io-to-shared-thins")
  void originAndSnapshotsAreWrittenInParallel() throws IOException {
    try (var scenario = new ScenarioPool(1024)) {
      try (var origin = scenario.create(0, 64)) {
        origin.write(0, bytes(99, 64 * BLOCK));
      }
      var devices = new ArrayList<ThinDevice>();
      devices.add(scenario.device(0, 64));
      for (int id = 1; id < 8; id++) {
        devices.add(scenario.snapshot(id, 0, 64));
      }
      var writers = new ArrayList<Background>();
      for (var device : devices) {
        int value = device.id().value();
        writers.add(
            Background.run(() -> {
              for (int block = value % 2; block < 64; block += 2) {
                device.write(block * (long) BLOCK + 1000, bytes(value, 5000));
              }
              device.flush();
            }));
      }
      for (var writer : writers) {
        writer.join();
      }
      for (var device : devices) {
        int value = device.id().value();
        for (int block = 0; block < 64; block++) {
          assertHolds(device, block * (long) BLOCK, 1000, 99);
          assertHolds(
              device, block * (long) BLOCK + 1000, 5000, block % 2 == value % 2 ? value : 99);
          assertHolds(device, block * (long) BLOCK + 6000, BLOCK - 6000, 99);
        }
      }
    }
  }

  @Test
  @DisplayName("ref-count-tree")
  void blocksSharedByHundredsOfLeavesAreCountedInTheOverflowTree() throws IOException {
    try (var scenario = new ScenarioPool(8 << 20, 512, BLOCK, PoolOptions.DEFAULT)) {
      try (var origin = scenario.create(0, 8)) {
        origin.write(0, bytes(1, 8 * BLOCK));
      }
      // Each snapshot changes one block, so that each has a leaf of its own that counts the rest.
      for (int id = 1; id <= 300; id++) {
        try (var snapshot = scenario.snapshot(id, 0, 8)) {
          snapshot.write(7 * BLOCK, bytes(id, 1));
        }
      }
      scenario.pool().commit();
      scenario.checkSound();
      var superblock = PoolMetadata.readSuperblock(scenario.metadata, false);
      var transaction =
          TransactionManager.open(scenario.metadata, superblock.metadataMap(), 1 << 20);
      var counts = DiskSpaceMap.open(transaction, superblock.dataMap());
      // The first seven blocks, shared by all, and the last of each.
      assertThat(counts.count(0)).isEqualTo(301);
      assertThat(counts.allocatedCount()).isEqualTo(8 + 300);
      for (int id = 300; id > 0; id -= 2) {
        scenario.pool().delete(new ThinId(id));
      }
      scenario.pool().commit();
      scenario.checkSound();
      try (var origin = scenario.device(0, 8)) {
        origin.discard(0, 8 * BLOCK);
      }
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(8 + 150 - 1);
    }
  }

  @SeededTest(seeds = 3)
  @DisplayName("many-snaps-with-changes")
  void snapshotsTakenBetweenRandomWritesEachKeepTheirMoment(Random random) throws IOException {
    try (var scenario = new ScenarioPool(16 << 20, 4096, BLOCK, PoolOptions.DEFAULT)) {
      int blocks = 300;
      var origin = scenario.create(0, blocks);
      var expected = new int[blocks];
      var moments = new ArrayList<int[]>();
      for (int id = 1; id <= 40; id++) {
        for (int i = 0; i < 30; i++) {
          int block = random.nextInt(blocks);
          expected[block] = 1 + random.nextInt(120);
          origin.write(block * (long) BLOCK + 512, bytes(expected[block], 512));
        }
        scenario.pool().createSnapshot(new ThinId(id), new ThinId(0));
        moments.add(expected.clone());
        if (random.nextInt(5) == 0) {
          scenario.pool().commit();
        }
      }
      for (int id = 1; id <= 40; id++) {
        try (var snapshot = scenario.device(id, blocks)) {
          for (int block = 0; block < blocks; block++) {
            assertHolds(snapshot, block * (long) BLOCK + 512, 512, moments.get(id - 1)[block]);
          }
        }
      }
    }
  }

  @Test
  @DisplayName("try-and-create-duplicates")
  void anIdThatIsTakenIsRefusedAndNothingChanges() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var pool = scenario.pool();
      pool.message("create_thin 0");
      pool.message("create_snap 1 0");
      for (var message :
          List.of("create_thin 0", "create_thin 1", "create_snap 0 1", "create_snap 1 0")) {
        assertThatThrownBy(() -> pool.message(message))
            .as(message)
            .isInstanceOf(StorageException.AlreadyExists.class);
      }
      assertThatThrownBy(() ->
              pool.createSnapshots(
                  List.of(
                      new Pool.SnapshotPair(new ThinId(2), new ThinId(0)),
                      new Pool.SnapshotPair(new ThinId(2), new ThinId(1)))))
          .isInstanceOf(StorageException.AlreadyExists.class)
          .hasMessageContaining("twice");
      assertThatThrownBy(() -> pool.message("create_snap 5 4"))
          .isInstanceOf(StorageException.NotFound.class);
      assertThat(pool.devices()).hasSize(2);
      assertThat(pool.status().snapshotTime()).isEqualTo(1);
      assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
    }
  }

  @Test
  @DisplayName("break-sharing")
  void aWriteToASharedBlockCopiesTheRestOfIt() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var origin = scenario.create(0, 4);
      origin.write(0, bytes(1, 4 * BLOCK));
      var snapshot = scenario.snapshot(1, 0, 4);
      origin.write(BLOCK + 10, bytes(2, 20));
      assertHolds(origin, BLOCK, 10, 1);
      assertHolds(origin, BLOCK + 10, 20, 2);
      assertHolds(origin, BLOCK + 30, BLOCK - 30, 1);
      assertHolds(snapshot, 0, 4 * BLOCK, 1);
      snapshot.write(3 * BLOCK + 10, bytes(3, 20));
      assertHolds(origin, 3 * BLOCK, BLOCK, 1);
    }
  }

  @SeededTest(seeds = 3)
  @DisplayName("pattern-stomper on origin and on snapshot")
  void stompingOnOneSideNeverShowsOnTheOther(Random random) throws IOException {
    try (var scenario = new ScenarioPool(256)) {
      int size = 24 * BLOCK;
      var origin = scenario.create(0, 24);
      byte[] originBytes = stomp(origin, new byte[size], random);
      var snapshot = scenario.snapshot(1, 0, 24);
      byte[] snapshotBytes = originBytes.clone();
      for (int round = 0; round < 5; round++) {
        originBytes = stomp(origin, originBytes, random);
        assertThat(ScenarioPool.read(snapshot)).isEqualTo(snapshotBytes);
        snapshotBytes = stomp(snapshot, snapshotBytes, random);
        assertThat(ScenarioPool.read(origin)).isEqualTo(originBytes);
        scenario.pool().commit();
      }
    }
  }

  private static byte[] stomp(ThinDevice device, byte[] before, Random random) throws IOException {
    byte[] after = before.clone();
    for (int i = 0; i < 20; i++) {
      int length = 1 + random.nextInt(2 * BLOCK);
      int offset = random.nextInt(after.length - length);
      byte value = (byte) random.nextInt();
      Arrays.fill(after, offset, offset + length, value);
      device.write(offset, bytes(value, length));
    }
    return after;
  }

  /// Overwrites one block of the origin and of each of its n snapshots, and counts how often the
  /// rest of the block was read to be copied.
  private static long copies(int snapshots, boolean commitBetween) throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var devices = new ArrayList<ThinDevice>();
      devices.add(scenario.create(0, 1));
      devices.getFirst().write(0, bytes(1, BLOCK));
      for (int id = 1; id <= snapshots; id++) {
        devices.add(scenario.snapshot(id, 0, 1));
      }
      scenario.pool().commit();
      var traffic = new Traffic();
      scenario.data.inject(traffic);
      for (var device : devices) {
        device.write(0, bytes(2, 512));
        if (commitBetween) {
          scenario.pool().commit();
        }
      }
      for (var device : devices) {
        scenario.data.inject(Fault.NONE);
        assertHolds(device, 0, 512, 2);
        assertHolds(device, 512, BLOCK - 512, 1);
      }
      return traffic.bytes(Operation.READ) / (BLOCK - 512);
    }
  }

  @Test
  void nSnapshotsCostNCopies() throws IOException {
    assertThat(copies(1, true)).isEqualTo(1);
    assertThat(copies(5, true)).isEqualTo(5);
  }

  /// The last who has the block may only overwrite it in place once the others have durably left
  /// it: after a crash they would be back. So without a commit between them it costs one copy more.
  @Test
  void withinOneTransactionNSnapshotsCostOneCopyMore() throws IOException {
    assertThat(copies(5, false)).isEqualTo(6);
  }

  @Test
  void aWriteThatCoversASharedBlockCopiesNothing() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var origin = scenario.create(0, 4);
      origin.write(0, bytes(1, 4 * BLOCK));
      var snapshot = scenario.snapshot(1, 0, 4);
      var traffic = new Traffic();
      scenario.data.inject(traffic);
      origin.write(0, bytes(2, 4 * BLOCK));
      assertThat(traffic.operations(Operation.READ)).isZero();
      assertThat(traffic.bytes(Operation.WRITE)).isEqualTo(4 * BLOCK);
      assertHolds(snapshot, 0, 4 * BLOCK, 1);
    }
  }

  @Test
  void deletingTheOnlySnapshotEndsTheCopying() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var origin = scenario.create(0, 4);
      origin.write(0, bytes(1, 4 * BLOCK));
      scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
      scenario.pool().delete(new ThinId(1));
      scenario.pool().commit();
      var traffic = new Traffic();
      scenario.data.inject(traffic);
      origin.write(100, bytes(2, 10));
      assertThat(traffic.operations(Operation.READ)).isZero();
      assertThat(traffic.bytes(Operation.WRITE)).isEqualTo(10);
      assertThat(scenario.usedBlocks()).isEqualTo(4);
    }
  }

  @Test
  void fiveThousandSnapshotsAreMadeOnOneTickInOneTransaction() throws IOException {
    try (var scenario = new ScenarioPool(32 << 20, 64, BLOCK, PoolOptions.DEFAULT)) {
      try (var origin = scenario.create(0, 4)) {
        origin.write(0, bytes(7, 4 * BLOCK));
      }
      scenario.pool().createThin(new ThinId(1));
      scenario.pool().commit();
      var pairs = new ArrayList<Pool.SnapshotPair>();
      for (int id = 10; id < 5010; id++) {
        pairs.add(new Pool.SnapshotPair(new ThinId(id), new ThinId(id % 2)));
      }
      var traffic = new Traffic();
      scenario.metadata.inject(traffic);
      scenario.pool().createSnapshots(pairs);
      scenario.pool().commit();
      assertThat(traffic.operations(Operation.FLUSH)).isEqualTo(2);
      assertThat(scenario.pool().status().snapshotTime()).isEqualTo(1);
      assertThat(scenario.pool().status().deviceCount()).isEqualTo(5002);
      try (var origin = scenario.device(0, 4);
          var snapshot = scenario.device(4444, 4)) {
        origin.write(0, bytes(8, 4 * BLOCK));
        assertHolds(snapshot, 0, 4 * BLOCK, 7);
      }
    }
  }

  @Test
  void aBatchMayHoldSnapshotsOfItsOwnSnapshots() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      try (var origin = scenario.create(0, 4)) {
        origin.write(0, bytes(7, BLOCK));
      }
      scenario
          .pool()
          .createSnapshots(
              List.of(
                  new Pool.SnapshotPair(new ThinId(1), new ThinId(0)),
                  new Pool.SnapshotPair(new ThinId(2), new ThinId(1)),
                  new Pool.SnapshotPair(new ThinId(3), new ThinId(2))));
      var devices = new ArrayList<ThinDevice>();
      for (int id = 0; id < 4; id++) {
        devices.add(scenario.device(id, 4));
        devices.get(id).write(0, bytes(id, 10));
      }
      for (int id = 0; id < 4; id++) {
        assertHolds(devices.get(id), 0, 10, id);
        assertHolds(devices.get(id), 10, BLOCK - 10, 7);
      }
    }
  }

  @Test
  void aBatchWithoutRoomIsRefusedAsAWhole() throws IOException {
    try (var scenario = new ScenarioPool(1 << 20, 64, BLOCK, PoolOptions.DEFAULT)) {
      scenario.pool().message("create_thin 0");
      var pairs = new ArrayList<Pool.SnapshotPair>();
      for (int id = 1; id <= 50_000; id++) {
        pairs.add(new Pool.SnapshotPair(new ThinId(id), new ThinId(0)));
      }
      assertThatThrownBy(() -> scenario.pool().createSnapshots(pairs))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThat(scenario.pool().status().deviceCount()).isEqualTo(1);
      assertThat(scenario.pool().status().needsCheck()).isFalse();
      scenario.pool().extendMetadata(16 << 20);
      scenario.pool().createSnapshots(pairs);
      assertThat(scenario.pool().status().deviceCount()).isEqualTo(50_001);
    }
  }

  @Test
  void rollingBackSharesWhatTheSourceHasAndFreesWhatTheTargetHad() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var origin = scenario.create(0, 4);
      origin.write(0, bytes(1, 4 * BLOCK));
      var snapshot = scenario.snapshot(1, 0, 4);
      origin.write(0, bytes(2, 4 * BLOCK));
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(8);
      scenario.pool().rollBack(new ThinId(0), new ThinId(1));
      assertHolds(origin, 0, 4 * BLOCK, 1);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(4);
      origin.write(0, bytes(3, BLOCK));
      assertHolds(snapshot, 0, BLOCK, 1);
      scenario.pool().rollBack(new ThinId(1), new ThinId(1));
      assertHolds(snapshot, 0, 4 * BLOCK, 1);
      assertThatThrownBy(() -> scenario.pool().rollBack(new ThinId(0), new ThinId(9)))
          .isInstanceOf(StorageException.NotFound.class);
    }
  }
}
