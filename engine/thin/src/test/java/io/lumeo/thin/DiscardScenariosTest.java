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
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the field's suites for dm-thin try with discards.
class DiscardScenariosTest {

  @Test
  @DisplayName("unmaps-passdown-discardable")
  void whatIsDiscardedIsUnmappedAndPunchedAfterTheCommit() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(0, 16);
      device.write(0, bytes(1, 16 * BLOCK));
      device.flush();
      var traffic = new Traffic();
      scenario.data.inject(traffic);
      device.discard(4 * BLOCK, 8 * BLOCK);
      assertHolds(device, 4 * BLOCK, 8 * BLOCK, 0);
      assertHolds(device, 0, 4 * BLOCK, 1);
      assertHolds(device, 12 * BLOCK, 4 * BLOCK, 1);
      assertThat(traffic.operations(Operation.DISCARD)).isZero();
      device.flush();
      assertThat(traffic.bytes(Operation.DISCARD)).isEqualTo(8 * BLOCK);
      assertThat(traffic.bytes(Operation.WRITE)).isZero();
      assertThat(scenario.usedBlocks()).isEqualTo(8);
      assertHolds(scenario.data, 4 * BLOCK, 8 * BLOCK, 0);
    }
  }

  /// The upper side: what the pool does with discards.
  @ParameterizedTest
  @EnumSource(DiscardMode.class)
  @DisplayName("the matrix of upper and lower support, a data device that discards")
  void eachModePassesDownWhatItSays(DiscardMode mode) throws IOException {
    var traffic = new Traffic();
    try (var scenario = new ScenarioPool(16, PoolOptions.DEFAULT.withDiscard(mode))) {
      scenario.data.inject(traffic);
      discardHalf(scenario, mode);
    }
    assertThat(traffic.bytes(Operation.DISCARD))
        .isEqualTo(mode == DiscardMode.PASSDOWN ? 8 * BLOCK : 0);
  }

  /// The lower side: a data device that cannot discard. The blocks are free all the same.
  @ParameterizedTest
  @EnumSource(DiscardMode.class)
  @DisplayName("the matrix of upper and lower support, a data device that does not discard")
  void aDataDeviceThatCannotDiscardHarmsNothing(DiscardMode mode) throws IOException {
    try (var scenario = new ScenarioPool(16, PoolOptions.DEFAULT.withDiscard(mode))) {
      scenario.data.inject(Fault.always(Operation.DISCARD));
      discardHalf(scenario, mode);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      assertThat(scenario.pool().status().needsCheck()).isFalse();
    }
  }

  private static void discardHalf(ScenarioPool scenario, DiscardMode mode) throws IOException {
    var device = scenario.create(0, 16);
    device.write(0, bytes(1, 16 * BLOCK));
    device.discard(0, 8 * BLOCK);
    boolean ignored = mode == DiscardMode.IGNORE;
    assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(ignored ? 16 : 8);
    assertHolds(device, 0, 8 * BLOCK, ignored ? 1 : 0);
    if (!ignored) {
      var again = scenario.create(1, 8);
      again.write(0, bytes(2, 100));
      assertHolds(again, 100, BLOCK - 100, 0);
    }
  }

  @Test
  @DisplayName("partial blocks")
  void theEdgesOfADiscardAreZeroedAndStayMapped() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(0, 8);
      device.write(0, bytes(1, 8 * BLOCK));
      device.discard(BLOCK / 2, 3 * BLOCK);
      assertHolds(device, 0, BLOCK / 2, 1);
      assertHolds(device, BLOCK / 2, 3 * BLOCK, 0);
      assertHolds(device, 3 * BLOCK + BLOCK / 2, BLOCK / 2, 1);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(6);
      device.discard(5 * BLOCK + 100, 200);
      assertHolds(device, 5 * BLOCK, 100, 1);
      assertHolds(device, 5 * BLOCK + 100, 200, 0);
      assertHolds(device, 5 * BLOCK + 300, BLOCK - 300, 1);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(6);
    }
  }

  @Test
  @DisplayName("partial blocks of holes stay holes")
  void theEdgesOfADiscardInAHoleProvisionNothing() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(0, 8);
      device.discard(100, 3 * BLOCK);
      device.discard(100, 200);
      device.discard(BLOCK - 1, 2);
      device.discard(0, 0);
      assertThat(scenario.usedBlocksAfterCommit()).isZero();
    }
  }

  @Test
  void theTailOfADeviceThatEndsInsideABlockIsAWholeBlock() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().createThin(new ThinId(0));
      var device = scenario.pool().openDevice(new ThinId(0), 2 * BLOCK + 5000, false, null);
      device.write(0, bytes(1, 2 * BLOCK + 5000));
      device.discard(BLOCK, BLOCK + 5000);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(1);
      assertHolds(device, BLOCK, BLOCK + 5000, 0);
    }
  }

  @Test
  @DisplayName("shared blocks not passed down")
  void aBlockThatASnapshotRefersToIsNeitherFreedNorPunched() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var origin = scenario.create(0, 8);
      origin.write(0, bytes(1, 8 * BLOCK));
      var snapshot = scenario.snapshot(1, 0, 8);
      origin.write(0, bytes(2, BLOCK));
      scenario.pool().commit();
      var traffic = new Traffic();
      scenario.data.inject(traffic);
      origin.discard(0, 8 * BLOCK);
      scenario.pool().commit();
      assertThat(traffic.bytes(Operation.DISCARD)).isEqualTo(BLOCK);
      assertHolds(snapshot, 0, 8 * BLOCK, 1);
      assertHolds(origin, 0, 8 * BLOCK, 0);
      snapshot.discard(0, 8 * BLOCK);
      scenario.pool().commit();
      assertThat(traffic.bytes(Operation.DISCARD)).isEqualTo(9 * BLOCK);
      assertThat(scenario.usedBlocks()).isZero();
    }
  }

  @Test
  void theEdgeOfADiscardInASharedBlockLeavesTheOtherAsItIs() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var origin = scenario.create(0, 2);
      origin.write(0, bytes(1, 2 * BLOCK));
      var snapshot = scenario.snapshot(1, 0, 2);
      origin.discard(100, BLOCK);
      assertHolds(origin, 0, 100, 1);
      assertHolds(origin, 100, BLOCK, 0);
      assertHolds(snapshot, 0, 2 * BLOCK, 1);
    }
  }

  @Test
  @DisplayName("discard then reuse")
  void aFreedBlockIsNotReusedBeforeTheCommitThatFreesIt() throws IOException {
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var scenario = new ScenarioPool(8, options)) {
      var device = scenario.create(0, 8);
      device.write(0, bytes(1, 8 * BLOCK));
      device.flush();
      var gate = new Gate(Operation.FLUSH);
      device.discard(0, BLOCK);
      assertThat(scenario.pool().status().dataUsedBlocks()).isEqualTo(7);
      scenario.metadata.inject(gate);
      var other = scenario.create(1, 8);
      var traffic = new Traffic();
      scenario.data.inject(traffic);
      try (var writer = Background.run(() -> other.write(0, bytes(2, BLOCK)))) {
        gate.awaitArrival();
        // The commit is on its way: neither has the block been punched nor written to.
        assertThat(traffic.operations(Operation.DISCARD)).isZero();
        assertThat(traffic.operations(Operation.WRITE)).isZero();
        gate.open();
        writer.join();
      }
      assertThat(traffic.bytes(Operation.DISCARD)).isEqualTo(BLOCK);
      assertThat(traffic.bytes(Operation.WRITE)).isEqualTo(BLOCK);
      assertHolds(other, 0, BLOCK, 2);
      assertHolds(device, 0, BLOCK, 0);
    }
  }

  @Test
  void aNewBlockThatHeldOldBytesReadsAsZeroesAroundAPartialWrite() throws IOException {
    var options = PoolOptions.DEFAULT.withDiscard(DiscardMode.NO_PASSDOWN);
    try (var scenario = new ScenarioPool(4, options)) {
      var device = scenario.create(0, 4);
      device.write(0, bytes(9, 4 * BLOCK));
      device.discard(0, 4 * BLOCK);
      device.flush();
      device.write(BLOCK + 10, bytes(1, 10));
      assertHolds(device, BLOCK, 10, 0);
      assertHolds(device, BLOCK + 10, 10, 1);
      assertHolds(device, BLOCK + 20, BLOCK - 20, 0);
    }
  }

  @Test
  @DisplayName("skip_block_zeroing")
  void withoutZeroingAPartialFirstWriteWritesOnlyWhatItWasGiven() throws IOException {
    var options = PoolOptions.DEFAULT.withDiscard(DiscardMode.NO_PASSDOWN).withZeroNewBlocks(false);
    try (var scenario = new ScenarioPool(4, options)) {
      var device = scenario.create(0, 4);
      device.write(0, bytes(9, 4 * BLOCK));
      device.discard(0, 4 * BLOCK);
      device.flush();
      var traffic = new Traffic();
      scenario.data.inject(traffic);
      device.write(BLOCK + 10, bytes(1, 10));
      assertThat(traffic.bytes(Operation.WRITE)).isEqualTo(10);
      assertHolds(device, BLOCK + 10, 10, 1);
    }
  }

  @Test
  void zeroesThatMayPunchFreeWholeBlocksAndZeroesThatKeepAllocateThem() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(0, 8);
      device.write(0, bytes(1, 4 * BLOCK));
      device.writeZeroes(BLOCK, 2 * BLOCK + 10, ZeroMode.MAY_PUNCH);
      assertHolds(device, BLOCK, 2 * BLOCK + 10, 0);
      assertHolds(device, 3 * BLOCK + 10, BLOCK - 10, 1);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(2);
      device.writeZeroes(0, 8 * BLOCK, ZeroMode.KEEP_ALLOCATED);
      assertHolds(device, 0, 8 * BLOCK, 0);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(8);
    }
  }

  @Test
  void trimmingGivesBlocksOfZeroesBackAndNoOthers() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(0, 8);
      device.write(0, bytes(0, 4 * BLOCK));
      device.write(2 * BLOCK + 77, bytes(1, 1));
      var snapshot = scenario.snapshot(1, 0, 8);
      assertThat(device.trimZeroes(Progress.NONE)).isEqualTo(3 * BLOCK);
      assertThat(device.trimZeroes(Progress.NONE)).isZero();
      assertHolds(device, 2 * BLOCK + 77, 1, 1);
      assertHolds(snapshot, 2 * BLOCK + 77, 1, 1);
      assertThat(scenario.pool().details(new ThinId(0)).mappedBlocks()).isEqualTo(1);
      assertThat(scenario.pool().details(new ThinId(1)).mappedBlocks()).isEqualTo(4);
      assertThatThrownBy(() -> snapshot.trimZeroes((done, total) -> false))
          .hasMessageContaining("stopped");
    }
  }

  @Test
  void aDiscardOfAReadOnlyHandleIsRefused() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().createThin(new ThinId(0));
      var device = scenario.pool().openDevice(new ThinId(0), BLOCK, true, null);
      assertThat(device.isReadOnly()).isTrue();
      assertThatThrownBy(() -> device.discard(0, BLOCK))
          .isInstanceOf(StorageException.ReadOnly.class);
    }
  }

  @Test
  void aVeryLargeDiscardIsDoneInSteps() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var device = scenario.create(0, 1L << 24);
      device.write(0, bytes(1, 10));
      device.write((1L << 23) * BLOCK, bytes(1, 10));
      device.write(((1L << 24) - 1) * BLOCK, bytes(1, 10));
      device.discard(BLOCK, device.sizeBytes() - BLOCK);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(1);
      assertThat(scenario.pool().thinStatusLine(new ThinId(0))).isEqualTo("128 127");
    }
  }
}
