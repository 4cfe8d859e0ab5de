package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.Fault.Operation;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with metadata that grows, and with metadata that is used
/// up. The kernel aborts to read-only when it is; here nothing is lost, reads and overwrites go on,
/// and growing is all it takes.
class MetadataResizeScenariosTest {
  private static final long SMALL = 64 * 4096;

  @Test
  @DisplayName("resize-no-io")
  void metadataGrowsStepByStepAcrossTheEndOfItsFirstBitmap() throws IOException {
    try (var scenario = new ScenarioPool(SMALL, 64, BLOCK, PoolOptions.DEFAULT)) {
      for (long bytes = SMALL; bytes <= 160L << 20; bytes = bytes * 5 / 2 / 4096 * 4096) {
        scenario.pool().extendMetadata(bytes + 4095);
        assertThat(scenario.pool().status().metadataTotalBlocks()).isEqualTo(bytes / 4096);
        scenario.checkSound();
      }
      assertThat(scenario.eventsOf(PoolEvent.MetadataExtended.class)).hasSizeGreaterThan(5);
      assertThatThrownBy(() -> scenario.pool().extendMetadata(SMALL))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("cannot shrink");
      long total = scenario.pool().status().metadataTotalBlocks();
      assertThat(scenario.reopen().status().metadataTotalBlocks()).isEqualTo(total);
    }
  }

  @Test
  @DisplayName("resize-with-io")
  void metadataGrowsWhileDevicesAreWritten() throws IOException {
    int blocks = 2048;
    try (var scenario = new ScenarioPool(1 << 20, blocks, BLOCK, PoolOptions.DEFAULT)) {
      var stop = new AtomicBoolean();
      int[] written = new int[blocks];
      try (var device = scenario.create(0, blocks);
          var writer =
              Background.run(() -> {
                for (int i = 0; !stop.get(); i++) {
                  written[i % blocks] = 1 + i % 100;
                  device.write((i % blocks) * (long) BLOCK, bytes(written[i % blocks], 512));
                  if (i % 100 == 0) {
                    device.flush();
                  }
                }
              })) {
        try {
          for (long mebibytes = 2; mebibytes < 100; mebibytes += 7) {
            scenario.pool().extendMetadata(mebibytes << 20);
          }
        } finally {
          stop.set(true);
        }
        writer.join();
        assertHoldsInEachBlock(device, written);
      }
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      scenario.reopen();
      try (var device = scenario.device(0, blocks)) {
        assertHoldsInEachBlock(device, written);
      }
    }
  }

  /// The first bytes of each block are as written, the others zero.
  private static void assertHoldsInEachBlock(ThinDevice device, int[] written) throws IOException {
    for (int block = 0; block < written.length; block++) {
      assertHolds(device, block * (long) BLOCK, 512, written[block]);
      assertHolds(device, block * (long) BLOCK + 512, 512, 0);
    }
  }

  @Test
  @DisplayName("resize-after-exhaust")
  void growingExhaustedMetadataLetsWritesGoOn() throws IOException {
    try (var scenario = new ScenarioPool(SMALL, 40_000, BLOCK, PoolOptions.DEFAULT)) {
      var device = scenario.create(0, 40_000);
      long filled = exhaust(device);
      scenario.pool().extendMetadata(4 << 20);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      device.write(filled * 100 * BLOCK, bytes(5, 512));
      assertHolds(device, filled * 100 * BLOCK, 512, 5);
      scenario.pool().message("create_thin 1");
    }
  }

  /// Writes to far distant blocks, so that the tree grows, until there is no room. Returns how many
  /// writes succeeded.
  private static long exhaust(ThinDevice device) throws IOException {
    for (long i = 0; i < 400; i++) {
      for (int j = 0; j < 100; j++) {
        try {
          device.write((i * 100 + j) * BLOCK, bytes(1, 512));
        } catch (StorageException.OutOfSpace full) {
          assertThat(full).hasMessageContaining("not enough free metadata blocks");
          return i;
        }
      }
    }
    throw new AssertionError("the metadata was never used up");
  }

  @Test
  @DisplayName("exhausting-metadata-space-aborts-to-read-only")
  void exhaustingTheMetadataLosesNothingAndReadsAndOverwritesGoOn() throws IOException {
    try (var scenario = new ScenarioPool(2 * SMALL, 40_000, BLOCK, PoolOptions.DEFAULT)) {
      var device = scenario.create(0, 40_000);
      long filled = exhaust(device);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.OUT_OF_METADATA_SPACE);
      assertThat(scenario.pool().status().needsCheck()).isFalse();
      assertThat(scenario.pool().statusLine()).contains(" ro ").endsWith(" - 32");
      device.write(0, bytes(2, BLOCK));
      device.flush();
      assertHolds(device, 0, BLOCK, 2);
      assertHolds(device, (filled * 100 - 1) * BLOCK, 512, 1);
      for (var message :
          new String[] {"create_thin 7", "create_snap 7 0", "set_transaction_id 0 1"}) {
        assertThatThrownBy(() -> scenario.pool().message(message))
            .isInstanceOf(StorageException.Unsupported.class)
            .hasMessageContaining("out of metadata space");
      }
      assertThat(scenario.eventsOf(PoolEvent.MetadataLow.class)).hasSize(1);
      assertThat(scenario.eventsOf(PoolEvent.ModeChanged.class).getLast().to())
          .isEqualTo(PoolMode.OUT_OF_METADATA_SPACE);
      scenario.checkSound();
      scenario.reopen();
      assertHolds(scenario.device(0, 40_000), 0, BLOCK, 2);
    }
  }

  @Test
  void discardsInAPoolWithoutMetadataSpaceMakeRoomAgain() throws IOException {
    try (var scenario = new ScenarioPool(SMALL, 40_000, BLOCK, PoolOptions.DEFAULT)) {
      var device = scenario.create(0, 40_000);
      exhaust(device);
      device.discard(0, device.sizeBytes());
      scenario.pool().commit();
      scenario.pool().commit();
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      device.write(0, bytes(3, BLOCK));
      assertHolds(device, 0, BLOCK, 3);
    }
  }

  @Test
  void aDeviceCanBeDeletedInAPoolWithoutMetadataSpace() throws IOException {
    try (var scenario = new ScenarioPool(SMALL, 40_000, BLOCK, PoolOptions.DEFAULT)) {
      try (var device = scenario.create(0, 40_000)) {
        exhaust(device);
      }
      scenario.pool().message("delete 0");
      assertThat(scenario.usedBlocks()).isZero();
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      scenario.pool().message("create_thin 1");
    }
  }

  /// A data device of so many bitmaps that freeing anywhere in it could change more metadata blocks
  /// than are free: nobody knows before in how few of them a device lies.
  private static final long WIDE = 32L << 20;

  private static ScenarioPool wideAndFull(int blocks) throws IOException {
    var scenario = new ScenarioPool(3_800 * 4096, WIDE, BLOCK, PoolOptions.DEFAULT);
    try (var device = scenario.create(0, blocks)) {
      for (int block = 0; block < blocks; block++) {
        device.write(block * (long) BLOCK, bytes(1, 512));
      }
    }
    scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
    try (var device = scenario.device(0, blocks)) {
      device.write(20_000L * BLOCK, bytes(2, 512));
    }
    createUntilRefused(scenario.pool(), 2);
    scenario.pool().commit();
    return scenario;
  }

  private static void createUntilRefused(Pool pool, int firstId) throws IOException {
    for (int id = firstId; ; id++) {
      try {
        pool.createThin(new ThinId(id));
      } catch (StorageException.OutOfSpace full) {
        assertThat(full).hasMessageContaining("not enough free metadata blocks");
        return;
      }
    }
  }

  @Test
  void aLargeDeviceIsDeletedInStepsWhereThereIsNoRoomToDoItAtOnce() throws IOException {
    try (var scenario = wideAndFull(40_000)) {
      var pool = scenario.pool();
      assertThat(pool.metadata().hasRoom(pool.metadata().roomToDelete(new ThinId(1)))).isFalse();
      assertThat(pool.status().mode()).isEqualTo(PoolMode.OUT_OF_METADATA_SPACE);

      pool.delete(new ThinId(1));
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(40_000);
      pool.delete(new ThinId(0));

      assertThat(scenario.usedBlocksAfterCommit()).isZero();
      assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
    }
  }

  @SeededTest(seeds = 2)
  void aDeviceThatIsDeletedInStepsCanBeDeletedAfterACrashAtAnyOfThem(Random random)
      throws IOException {
    try (var scenario = wideAndFull(40_000)) {
      int[] crashes = {0};
      scenario.metadata.inject((operation, offset, _) -> {
        if (operation == Operation.WRITE && offset == 0) {
          crashes[0]++;
          assertCanBeDeleted(scenario.metadata.crash(random), scenario.data.crash(random));
        }
      });
      scenario.pool().delete(new ThinId(1));
      scenario.pool().commit();
      scenario.metadata.inject(Fault.NONE);
      assertThat(crashes[0]).isGreaterThan(2);
    }
  }

  private static void assertCanBeDeleted(CrashingDisk metadata, CrashingDisk data)
      throws IOException {
    ScenarioPool.checkSound(metadata);
    try (var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock())) {
      if (pool.exists(new ThinId(1))) {
        pool.delete(new ThinId(1));
      }
      pool.commit();
      assertThat(pool.status().dataUsedBlocks()).isEqualTo(40_000);
    }
    ScenarioPool.checkSound(metadata);
  }

  @Test
  void nobodyOpensOrSnapshotsADeviceThatIsBeingDeletedInSteps() throws IOException {
    try (var scenario = wideAndFull(40_000)) {
      var pool = scenario.pool();
      var gate = new Gate(Operation.FLUSH);
      scenario.metadata.inject(gate);
      try (var deletion = Background.run(() -> pool.delete(new ThinId(1)))) {
        gate.awaitArrival();
        for (var refused :
            new Background.Work[] {
              () -> scenario.device(1, 8),
              () -> pool.delete(new ThinId(1)),
              () ->
                  pool.metadata()
                      .createSnapshots(
                          List.of(new Pool.SnapshotPair(new ThinId(ThinId.MAX), new ThinId(1)))),
              () -> pool.metadata().rollBack(new ThinId(0), new ThinId(1))
            }) {
          assertThatThrownBy(refused::run)
              .isInstanceOf(StorageException.Busy.class)
              .hasMessageContaining("thin device 1 is being deleted");
        }
        gate.open();
        deletion.join();
      }
      assertThat(pool.exists(new ThinId(1))).isFalse();
    }
  }

  @Test
  void lowMetadataIsToldBeforeAnythingIsRefusedHoweverMuchIsHeldBack() throws IOException {
    for (long[] blocks :
        new long[][] {{100, 64}, {1_000, 64}, {1_000, 4 << 20}, {9_000, 16 << 20}}) {
      var options = PoolOptions.DEFAULT;
      try (var scenario = new ScenarioPool(blocks[0] * 4096, blocks[1], BLOCK, options)) {
        scenario.create(0, 8).write(0, bytes(1, BLOCK));
        scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
        createUntilRefused(scenario.pool(), 2);

        assertThat(scenario.events)
            .hasExactlyElementsOfTypes(PoolEvent.MetadataLow.class, PoolEvent.ModeChanged.class);
        long kernels = Math.min(1024, blocks[0] / 4);
        var low = scenario.eventsOf(PoolEvent.MetadataLow.class).getFirst();
        assertThat(low.lowWaterBlocks()).isEqualTo(kernels);
        assertThat(low.blocksLeft()).isLessThanOrEqualTo(kernels);
        assertThat(scenario.pool().statusLine()).endsWith(" - " + kernels);
      }
    }
  }

  /// Between the commit of a change that lacked room and its second try, others use up what the
  /// commit brought; most of it comes back with the next.
  @Test
  void aChangeIsNotRefusedWhileOneMoreCommitBringsRoom() throws IOException {
    try (var scenario = new ScenarioPool(1 << 20, 4_096, BLOCK, PoolOptions.DEFAULT)) {
      var pool = scenario.pool();
      pool.createThin(new ThinId(0));
      var others = new ArrayList<ThinDevice>();
      for (int id = 1; id <= 8; id++) {
        var other = scenario.create(id, 8);
        other.write(0, bytes(1, BLOCK));
        others.add(other);
      }
      pool.commit();
      var pairs = mostSnapshots(pool);
      for (var other : others) {
        other.discard(0, BLOCK);
      }
      assertThat(hasRoom(pool, pairs)).isFalse();
      boolean[] used = {false};
      scenario.data.inject((operation, _, _) -> {
        if (operation == Operation.DISCARD && !used[0]) {
          used[0] = true;
          for (var other : others) {
            other.write(BLOCK, bytes(2, BLOCK));
          }
          assertThat(hasRoom(pool, pairs)).isFalse();
        }
      });

      try {
        pool.createSnapshots(pairs);
      } finally {
        scenario.data.inject(Fault.NONE);
      }

      assertThat(used[0]).isTrue();
      assertThat(pool.status().deviceCount()).isEqualTo(9 + pairs.size());
    }
  }

  /// Nearly as many snapshots of device 0 as there is room for in one transaction.
  private static List<Pool.SnapshotPair> mostSnapshots(Pool pool) {
    var pairs = new ArrayList<Pool.SnapshotPair>();
    do {
      for (int i = 0; i < 42; i++) {
        pairs.add(new Pool.SnapshotPair(new ThinId(100 + pairs.size()), new ThinId(0)));
      }
    } while (hasRoom(pool, pairs));
    return List.copyOf(pairs.subList(0, pairs.size() - 2 * 42));
  }

  private static boolean hasRoom(Pool pool, List<Pool.SnapshotPair> pairs) {
    var metadata = pool.metadata();
    return metadata.hasRoom(metadata.roomForSnapshots(pairs));
  }

  @Test
  @DisplayName("thin-remove-works-after-resize")
  void aDeviceCanBeDeletedAfterTheMetadataHasGrown() throws IOException {
    try (var scenario = new ScenarioPool(SMALL, 40_000, BLOCK, PoolOptions.DEFAULT)) {
      try (var device = scenario.create(0, 40_000)) {
        exhaust(device);
      }
      scenario.pool().extendMetadata(1 << 20);
      scenario.pool().message("delete 0");
      assertThat(scenario.usedBlocks()).isZero();
    }
  }

  @SeededTest(seeds = 10)
  @DisplayName("recover-after-crash")
  void aPoolThatRanOutOfMetadataIsSoundAfterACrash(Random random) throws IOException {
    try (var scenario = new ScenarioPool(SMALL, 40_000, BLOCK, PoolOptions.DEFAULT)) {
      var device = scenario.create(0, 40_000);
      device.write(0, bytes(9, 512));
      device.flush();
      exhaust(device);
      scenario.crash(random);
      assertThat(ScenarioPool.read(scenario.device(0, 40_000), 0, 1)[0]).isIn((byte) 9, (byte) 1);
      scenario.pool().extendMetadata(1 << 20);
      scenario.pool().message("create_thin 1");
    }
  }

  /// Whatever is done when metadata is short, the pool says that there is no room before it starts;
  /// it never breaks off halfway.
  @SeededTest(seeds = 20)
  void noChangeBreaksOffHalfwayWhateverIsDoneWithTinyMetadata(Random random) throws IOException {
    long blocks = 64L + random.nextInt(100);
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var scenario = new ScenarioPool(blocks * 4096, 2_000, BLOCK, options)) {
      var devices = new ArrayList<Integer>();
      int nextId = 0;
      int refused = 0;
      for (int step = 0; step < 600; step++) {
        try {
          switch (random.nextInt(12)) {
            case 0 -> {
              scenario.pool().createThin(new ThinId(nextId));
              devices.add(nextId++);
            }
            case 1, 2 -> {
              if (!devices.isEmpty()) {
                int origin = devices.get(random.nextInt(devices.size()));
                scenario.pool().createSnapshot(new ThinId(nextId), new ThinId(origin));
                devices.add(nextId++);
              }
            }
            case 3 -> {
              if (devices.size() > 3) {
                Integer id = devices.get(random.nextInt(devices.size()));
                scenario.pool().delete(new ThinId(id));
                devices.removeIf(id::equals);
              }
            }
            case 4 -> scenario.pool().commit();
            default -> {
              if (!devices.isEmpty()) {
                try (var device =
                    scenario.device(devices.get(random.nextInt(devices.size())), 2000)) {
                  long block = random.nextInt(2000);
                  if (random.nextInt(5) == 0) {
                    device.discard(block * BLOCK, Math.min(100, 2000 - block) * BLOCK);
                  } else {
                    for (int i = 0; i < 20; i++) {
                      device.write(random.nextInt(2000) * (long) BLOCK, bytes(1, 16));
                    }
                  }
                }
              }
            }
          }
        } catch (StorageException.OutOfSpace | StorageException.Unsupported full) {
          refused++;
        }
        assertThat(scenario.pool().status().needsCheck()).isFalse();
      }
      assertThat(refused).isPositive();
      scenario.pool().commit();
      scenario.checkSound();
      scenario.pool().extendMetadata(8 << 20);
      scenario.pool().createThin(new ThinId(nextId));
    }
  }
}
