package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import io.lumeo.testing.Fault;
import io.lumeo.testing.Fault.Operation;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.Random;
import java.util.function.LongFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with pools that need a check, and how a pool comes to
/// need one: disks that fail in the middle of things.
class NeedsCheckScenariosTest {

  /// A pool with a device of two committed blocks (1 and 2), on which something then went wrong
  /// beyond the last commit, is read-only, needs a check, and has what was committed.
  private static void assertBackAtLastCommit(ScenarioPool scenario, ThinDevice device)
      throws IOException {
    var pool = scenario.pool();
    assertThat(pool.status().mode()).isEqualTo(PoolMode.READ_ONLY);
    assertThat(pool.status().needsCheck()).isTrue();
    assertThat(pool.statusLine()).contains(" ro ").contains(" needs_check ");
    assertHolds(device, 0, BLOCK, 1);
    assertHolds(device, BLOCK, BLOCK, 2);
    assertHolds(device, 2 * BLOCK, BLOCK, 0);
    assertThatThrownBy(() -> device.write(4 * BLOCK, bytes(9, BLOCK)))
        .isInstanceOf(StorageException.ReadOnly.class)
        .hasMessageContaining("needs a check");
    assertThatThrownBy(device::flush)
        .isInstanceOf(StorageException.Failed.class)
        .hasMessageContaining("went back to its last commit");
    assertThat(scenario.eventsOf(PoolEvent.ModeChanged.class))
        .extracting(PoolEvent.ModeChanged::to)
        .containsExactly(PoolMode.READ_ONLY);
    assertThatThrownBy(pool::close).isInstanceOf(StorageException.Failed.class);
  }

  /// Reopening gives read-only mode until the mark is taken away.
  private static void assertReadOnlyUntilCleared(ScenarioPool scenario) throws IOException {
    scenario.checkSound();
    try (var again =
        Pool.open(scenario.metadata, scenario.data, PoolOptions.DEFAULT, scenario.clock)) {
      assertThat(again.status().mode()).isEqualTo(PoolMode.READ_ONLY);
      assertThat(again.status().needsCheck()).isTrue();
      var device = again.openDevice(new ThinId(0), 8 * BLOCK, false, null);
      assertHolds(device, 0, BLOCK, 1);
      assertThatThrownBy(() -> again.message("create_thin 5"))
          .isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> again.extendData(1L << 30))
          .isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> again.extendMetadata(1L << 30))
          .isInstanceOf(StorageException.ReadOnly.class);
    }
    PoolMetadata.clearNeedsCheck(scenario.metadata);
    try (var again =
        Pool.open(scenario.metadata, scenario.data, PoolOptions.DEFAULT, scenario.clock)) {
      assertThat(again.status().mode()).isEqualTo(PoolMode.WRITE);
      assertThat(again.status().needsCheck()).isFalse();
      var device = again.openDevice(new ThinId(0), 8 * BLOCK, false, null);
      device.write(4 * BLOCK, bytes(9, BLOCK));
      device.flush();
      assertHolds(device, 0, BLOCK, 1);
      assertHolds(device, 4 * BLOCK, BLOCK, 9);
    }
    scenario.checkSound();
  }

  private static ThinDevice committed(ScenarioPool scenario) throws IOException {
    var device = scenario.create(0, 8);
    device.write(0, bytes(1, BLOCK));
    device.write(BLOCK, bytes(2, BLOCK));
    device.flush();
    return device;
  }

  /// What a disk says that fails.
  private static final class Broken extends IOException {
    private static final long serialVersionUID = 1;

    Broken() {
      super("injected");
    }
  }

  /// The one kind of operation fails once, and only once: what comes after goes well.
  private static Fault once(Operation kind, LongFunction<Boolean> offset) {
    boolean[] done = {false};
    return (operation, at, _) -> {
      if (operation == kind && !done[0] && offset.apply(at)) {
        done[0] = true;
        throw new Broken();
      }
    };
  }

  @Test
  @DisplayName("commit-failure-sets-needs-check: a metadata block cannot be written")
  void aFailedWriteOfAMetadataBlockSetsNeedsCheck() throws IOException {
    commitFails(Operation.WRITE, offset -> offset > 0, true);
  }

  @Test
  void aRollBackThatCannotBeCommittedLeavesContentAndSizeAsTheyWere() throws IOException {
    var scenario = new ScenarioPool(16);
    var device = committed(scenario);
    scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
    device.write(0, bytes(7, BLOCK));
    device.flush();
    scenario.metadata.inject(once(Operation.FLUSH, _ -> true));

    assertThatThrownBy(
            () -> scenario.pool().rollBack(new ThinId(0), new ThinId(1), 4 * BLOCK, null))
        .isInstanceOf(Broken.class);

    assertThat(device.sizeBytes()).isEqualTo(8 * BLOCK);
    assertHolds(device, 0, BLOCK, 7);
    assertThatThrownBy(scenario.pool()::close).isInstanceOf(StorageException.Failed.class);
    scenario.checkSound();
  }

  @Test
  @DisplayName("commit-failure-sets-needs-check: the metadata cannot be flushed")
  void aFailedFlushOfTheMetadataSetsNeedsCheck() throws IOException {
    commitFails(Operation.FLUSH, _ -> true, true);
  }

  @Test
  @DisplayName("commit-failure-sets-needs-check: the superblock cannot be written")
  void aFailedWriteOfTheSuperblockSetsNeedsCheck() throws IOException {
    commitFails(Operation.WRITE, offset -> offset == 0, true);
  }

  @Test
  @DisplayName("commit-failure-sets-needs-check: the data cannot be flushed")
  void aFailedFlushOfTheDataSetsNeedsCheck() throws IOException {
    commitFails(Operation.FLUSH, _ -> true, false);
  }

  private static void commitFails(
      Operation operation, LongFunction<Boolean> offset, boolean ofMetadata) throws IOException {
    var scenario = new ScenarioPool(16);
    var device = committed(scenario);
    device.write(2 * BLOCK, bytes(3, BLOCK));
    var disk = ofMetadata ? scenario.metadata : scenario.data;
    disk.inject(once(operation, offset));
    assertThatThrownBy(device::flush).isInstanceOf(Broken.class);
    assertBackAtLastCommit(scenario, device);
    assertReadOnlyUntilCleared(scenario);
  }

  @Test
  void aMetadataBlockThatCannotBeReadInTheMiddleOfAChangeSetsNeedsCheck() throws IOException {
    boolean broke = false;
    // The n-th read of a change, for each n there is.
    for (int n = 1; ; n++) {
      var scenario = new ScenarioPool(2048);
      try (var device = committed(scenario)) {
        for (int id = 1; id <= 300; id++) {
          scenario.pool().createThin(new ThinId(id * 2));
        }
        assertHolds(device, 0, BLOCK, 1);
      }
      scenario.reopen(PoolOptions.DEFAULT.withMetadataCacheBytes(0));
      var device = scenario.device(0, 8);
      scenario.metadata.inject(Fault.atNth(Operation.READ, n));
      try {
        scenario.pool().createThin(new ThinId(301));
        scenario.metadata.inject(Fault.NONE);
        break;
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("injected error");
      }
      assertThat(scenario.pool().exists(new ThinId(301))).isFalse();
      assertHolds(device, 0, BLOCK, 1);
      if (scenario.pool().status().mode() == PoolMode.WRITE) {
        scenario.pool().close();
      } else {
        broke = true;
        assertThatThrownBy(scenario.pool()::close).isInstanceOf(StorageException.Failed.class);
        assertReadOnlyUntilCleared(scenario);
      }
    }
    assertThat(broke).isTrue();
  }

  @Test
  void aMetadataBlockThatCannotBeReadFailsTheReadAndNothingElse() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      committed(scenario).close();
      scenario.reopen(PoolOptions.DEFAULT.withMetadataCacheBytes(0));
      var device = scenario.device(0, 8);
      scenario.metadata.inject(Fault.always(Operation.READ));
      assertThatThrownBy(() -> ScenarioPool.read(device)).hasMessageContaining("injected");
      scenario.metadata.inject(Fault.NONE);
      assertHolds(device, 0, BLOCK, 1);
      device.write(0, bytes(1, BLOCK));
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
    }
  }

  @Test
  void aDeviceWhoseCreationIsLostFailsClearlyAndOthersGoOn() throws IOException {
    var scenario = new ScenarioPool(16);
    var device = committed(scenario);
    var lost = scenario.snapshot(1, 0, 8);
    var empty = scenario.create(2, 8);
    lost.write(0, bytes(5, BLOCK));
    scenario.metadata.inject(once(Operation.WRITE, _ -> true));
    assertThatThrownBy(lost::flush).isInstanceOf(Broken.class);
    for (var gone : new ThinDevice[] {lost, empty}) {
      assertThatThrownBy(() -> ScenarioPool.read(gone))
          .isInstanceOf(StorageException.Failed.class)
          .hasMessageContaining("was lost");
      assertThatThrownBy(() -> gone.write(0, bytes(6, BLOCK)))
          .isInstanceOf(StorageException.Failed.class);
      assertThatThrownBy(gone::flush).isInstanceOf(StorageException.Failed.class);
      assertThatThrownBy(() -> gone.extents(0, 1, (_, _, _) -> true))
          .isInstanceOf(StorageException.Failed.class);
      gone.close();
    }
    assertThat(scenario.pool().devices()).hasSize(1);
    assertBackAtLastCommit(scenario, device);
    assertReadOnlyUntilCleared(scenario);
  }

  @Test
  @DisplayName("needs-check-blocks-writing")
  void aPoolThatNeedsACheckTakesOverwritesAtMost() throws IOException {
    var scenario = new ScenarioPool(16);
    var device = committed(scenario);
    scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
    device.write(0, bytes(1, BLOCK));
    scenario.pool().commit();
    device.write(2 * BLOCK, bytes(3, BLOCK));
    scenario.data.inject(once(Operation.FLUSH, _ -> true));
    assertThatThrownBy(device::flush).isInstanceOf(Broken.class);
    // As the kernel: what is mapped and exclusive can be overwritten.
    device.write(0, bytes(7, 100));
    assertHolds(device, 0, 100, 7);
    var pool = scenario.pool();
    assertThatThrownBy(() -> device.write(BLOCK, bytes(7, 100)))
        .isInstanceOf(StorageException.ReadOnly.class);
    assertThatThrownBy(() -> device.writeZeroes(0, BLOCK, ZeroMode.MAY_PUNCH))
        .isInstanceOf(StorageException.ReadOnly.class);
    for (var message :
        new String[] {
          "create_thin 7",
          "create_snap 7 0",
          "delete 1",
          "set_transaction_id 0 1",
          "reserve_metadata_snap",
          "release_metadata_snap"
        }) {
      assertThatThrownBy(() -> pool.message(message))
          .as(message)
          .isInstanceOf(StorageException.ReadOnly.class);
    }
  }

  /// A file system mounted with `discard` sends them whatever the pool's mode is.
  @Test
  void aPoolThatNeedsACheckTakesDiscardsAndDoesNothing() throws IOException {
    var scenario = new ScenarioPool(16);
    var device = committed(scenario);
    scenario.data.inject(once(Operation.FLUSH, _ -> true));
    device.write(2 * BLOCK, bytes(3, BLOCK));
    assertThatThrownBy(device::flush).isInstanceOf(Broken.class);
    var traffic = new Traffic();
    scenario.metadata.inject(traffic);
    scenario.data.inject(traffic);

    device.discard(0, BLOCK);
    device.discard(BLOCK - 100, BLOCK);
    device.discard(0, device.sizeBytes());

    for (var operation :
        new Operation[] {Operation.WRITE, Operation.WRITE_ZEROES, Operation.DISCARD}) {
      assertThat(traffic.operations(operation)).as("%s", operation).isZero();
    }
    assertBackAtLastCommit(scenario, device);
    assertReadOnlyUntilCleared(scenario);
  }

  @Test
  @DisplayName("needs-check-cleared-by-check")
  void theMarkIsKeptUntilItIsTakenAway() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      committed(scenario);
      scenario.pool().close();
      var metadata = PoolMetadata.open(scenario.metadata, 1 << 20, true);
      metadata.setNeedsCheck(true);
      metadata.seal().write();
      var report = new MetadataCheck(scenario.metadata, Progress.NONE).run();
      assertThat(report.needsCheck()).isTrue();
      assertThat(report.isSound()).isTrue();
      assertReadOnlyUntilCleared(scenario);
    }
  }

  @Test
  void aPoolWhoseLastCommitCannotBeReadFails() throws IOException {
    var scenario = new ScenarioPool(16);
    var device = committed(scenario);
    device.write(2 * BLOCK, bytes(3, BLOCK));
    scenario.metadata.inject((operation, _, _) -> {
      if (operation != Operation.FLUSH) {
        throw new Broken();
      }
    });
    assertThatThrownBy(device::flush).isInstanceOf(IOException.class);
    assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.FAIL);
    assertThat(scenario.pool().statusLine()).isEqualTo("Fail");
    assertThat(scenario.pool().thinStatusLine(new ThinId(0))).isEqualTo("Fail");
    for (var refused :
        new Background.Work[] {
          () -> ScenarioPool.read(device),
          () -> device.write(0, bytes(1, 1)),
          device::flush,
          () -> scenario.pool().message("create_thin 4"),
          () -> scenario.device(0, 8)
        }) {
      assertThatThrownBy(refused::run)
          .isInstanceOf(StorageException.Failed.class)
          .hasMessageContaining("has failed");
    }
    device.close();
    scenario.pool().close();
    scenario.metadata.inject(Fault.NONE);
    scenario.checkSound();
  }

  /// Any single operation of either disk fails, at any point of a history: the pool is sound, has
  /// every acknowledged flush, and has not lost what it did not say it had.
  @SeededTest(seeds = 60)
  void oneFailureAnywhereLosesNothingThatWasAcknowledged(Random random) throws IOException {
    var scenario =
        new ScenarioPool(1 << 20, 128, BLOCK, PoolOptions.DEFAULT.withMetadataCacheBytes(0));
    var model = new ModelPool(random, scenario.pool());
    var kinds = Operation.values();
    var disk = random.nextInt(3) == 0 ? scenario.data : scenario.metadata;
    disk.inject(Fault.atNth(kinds[random.nextInt(3)], 1 + random.nextInt(200)));
    boolean failed = false;
    try {
      for (int step = 0; step < 150; step++) {
        model.step();
      }
      scenario.pool().commit();
    } catch (IOException e) {
      failed = true;
    }
    disk.inject(Fault.NONE);
    try {
      scenario.pool().close();
    } catch (StorageException.Failed e) {
      assertThat(failed).isTrue();
    }
    scenario.checkSound();
    if (PoolMetadata.open(scenario.metadata, 0, false).needsCheck()) {
      PoolMetadata.clearNeedsCheck(scenario.metadata);
    }
    try (var again =
        Pool.open(scenario.metadata, scenario.data, PoolOptions.DEFAULT, scenario.clock)) {
      model.checkAfterCrash(again);
    }
  }
}
