package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Writes that were inside the device when they were asked for, wait for space, and go on when the
/// device has become smaller.
class HeldOffWritesTest {
  private static final ThinId DEVICE = new ThinId(1);
  private static final ThinId SNAPSHOT = new ThinId(2);

  /// What makes the device smaller.
  private interface Change {
    void run() throws IOException;
  }

  /// Writes to the device of a full pool, changes it while the write waits, and makes space for
  /// all. The write must be refused for its range.
  private static void whileWaiting(
      ScenarioPool scenario, ThinDevice device, long offset, long length, Change change)
      throws IOException {
    var waiting = whenFull(scenario);
    try (var writer = Background.run(() -> device.write(offset, bytes(2, length)))) {
      await(waiting);
      change.run();
      scenario.pool().extendData(32 * BLOCK);
      assertThatThrownBy(writer::join).isInstanceOf(StorageException.OutOfRange.class);
    }
  }

  /// Comes to zero when somebody waits for space.
  private static CountDownLatch whenFull(ScenarioPool scenario) {
    var waiting = new CountDownLatch(1);
    scenario
        .pool()
        .listen(event -> {
          if (event instanceof PoolEvent.ModeChanged changed
              && changed.to() == PoolMode.OUT_OF_DATA_SPACE) {
            waiting.countDown();
          }
        });
    return waiting;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void fill(ScenarioPool scenario, int blocks) throws IOException {
    scenario.create(0, blocks).write(0, bytes(1, (long) blocks * BLOCK));
  }

  private static long mapped(ScenarioPool scenario) throws IOException {
    return scenario.pool().details(DEVICE).mappedBlocks();
  }

  @Test
  void aFirstWriteMapsNothingBeyondTheEndThatAShrinkHasMade() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      whileWaiting(scenario, device, 7 * BLOCK, BLOCK, () -> device.shrink(BLOCK));
      assertThat(mapped(scenario)).isZero();
    }
  }

  @Test
  void aFirstWriteMapsNothingBeyondTheEndThatARollbackHasMade() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      scenario.pool().createSnapshot(SNAPSHOT, DEVICE);
      whileWaiting(
          scenario,
          device,
          7 * BLOCK,
          BLOCK,
          () -> scenario.pool().rollBack(DEVICE, SNAPSHOT, BLOCK, null));
      assertThat(device.sizeBytes()).isEqualTo(BLOCK);
      assertThat(mapped(scenario)).isZero();
    }
  }

  /// The first block waits; the second is mapped and could be overwritten, half of it beyond the
  /// new end.
  @Test
  void anOverwriteLeavesWhatAShrinkHasZeroed() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      var device = scenario.create(1, 2);
      device.write(BLOCK, bytes(3, BLOCK));
      fill(scenario, 7);
      whileWaiting(scenario, device, 0, 2 * BLOCK, () -> device.shrink(BLOCK + BLOCK / 2));
      assertHolds(device, 0, BLOCK, 2);
      assertHolds(device, BLOCK, BLOCK / 2, 3);
      scenario.pool().changeSettings(DEVICE, state -> state.sizeBytes = 2L * BLOCK);
      assertHolds(device, BLOCK + BLOCK / 2, BLOCK / 2, 0);
    }
  }

  /// What the rollback has put there is not what the shrink was to give back. The new end lies in a
  /// block that is shared, so the shrink waits for space before it has given back anything.
  @Test
  void aShrinkGivesBackNothingOfWhatARollbackHasBroughtMeanwhile() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      var device = scenario.create(1, 4);
      device.write(0, bytes(3, 4L * BLOCK));
      scenario.pool().createSnapshot(SNAPSHOT, DEVICE);
      fill(scenario, 4);
      var waiting = whenFull(scenario);
      try (var shrinking = Background.run(() -> device.shrink(BLOCK + BLOCK / 2))) {
        await(waiting);
        scenario.pool().rollBack(DEVICE, SNAPSHOT, 4L * BLOCK, null);
        scenario.pool().extendData(32 * BLOCK);
        assertThatThrownBy(shrinking::join).isInstanceOf(StorageException.Busy.class);
      }
      assertThat(device.sizeBytes()).isEqualTo(4L * BLOCK);
      assertHolds(device, 0, 4 * BLOCK, 3);
    }
  }

  /// Nor does it take back the size that another gave the device.
  @Test
  void aShrinkThatFailsLeavesTheSizeThatAnotherShrinkHasMade() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      var device = scenario.create(1, 4);
      device.write(0, bytes(3, 4L * BLOCK));
      scenario.pool().createSnapshot(SNAPSHOT, DEVICE);
      fill(scenario, 4);
      var waiting = whenFull(scenario);
      try (var shrinking = Background.run(() -> device.shrink(2 * BLOCK + BLOCK / 2))) {
        await(waiting);
        device.shrink(BLOCK);
        scenario.pool().extendData(32 * BLOCK);
        assertThatThrownBy(shrinking::join).isInstanceOf(StorageException.Busy.class);
      }
      assertThat(device.sizeBytes()).isEqualTo(BLOCK);
      assertThat(mapped(scenario)).isOne();
    }
  }
}
