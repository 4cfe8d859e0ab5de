package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.Fault;
import io.lumeo.testing.Fault.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// What goes on beside what: commits, provisioning, overwrites, reads, closing.
class PoolCommitTest {
  private static final long LARGE_METADATA_BYTES = 96L << 20;

  private static int dirtyBlocks(ScenarioPool scenario) {
    return scenario.pool().metadata().dirtyBlockCount();
  }

  /// The clock stands still, as if commits by the clock took for ever.
  @Test
  void whoChangesMoreWaitsForACommitWhenMemoryIsFullOfChanges() throws IOException {
    try (var scenario = new ScenarioPool(LARGE_METADATA_BYTES, 8, BLOCK, PoolOptions.DEFAULT)) {
      var device = scenario.create(0, 8);
      for (int id = 1; dirtyBlocks(scenario) <= Commits.MOST_DIRTY_BLOCKS; id++) {
        scenario.pool().createThin(new ThinId(id));
      }
      device.write(0, bytes(1, BLOCK));
      assertThat(dirtyBlocks(scenario)).isLessThan(100);
    }
  }

  @Test
  void allWhoWaitForAFlushShareOneCommit() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 64);
      device.flush();
      var gate = new Gate(Operation.FLUSH);
      var superblocks = new Traffic();
      scenario.metadata.inject((operation, offset, length) -> {
        if (operation == Operation.WRITE && offset == 0) {
          superblocks.before(operation, offset, length);
        }
        gate.before(operation, offset, length);
      });
      device.write(0, bytes(1, BLOCK));
      try (var first = Background.run(device::flush)) {
        gate.awaitArrival();
        // The first commit is on its way without what these write; they need a second, and one is
        // enough for all of them.
        var others = new ArrayList<Background>();
        for (int i = 1; i <= 16; i++) {
          long offset = (long) i * BLOCK;
          others.add(
              Background.run(() -> {
                device.write(offset, bytes(1, BLOCK));
                device.flush();
              }));
        }
        for (var other : others) {
          awaitBlocked(other);
        }
        gate.open();
        first.join();
        for (var other : others) {
          other.join();
        }
      }
      assertThat(superblocks.operations(Operation.WRITE)).isEqualTo(2);
      assertThat(scenario.usedBlocks()).isEqualTo(17);
    }
  }

  private static void awaitBlocked(Background background) {
    while (background.thread().getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void blocksAreProvisionedWhileACommitIsBeingWritten() throws IOException {
    for (boolean metadata : new boolean[] {true, false}) {
      try (var scenario = new ScenarioPool(64)) {
        var device = scenario.create(0, 64);
        device.write(0, bytes(1, BLOCK));
        var gate = new Gate(Operation.FLUSH);
        (metadata ? scenario.metadata : scenario.data).inject(gate);
        try (var flush = Background.run(device::flush)) {
          gate.awaitArrival();
          device.write(BLOCK, bytes(2, 10 * BLOCK));
          device.discard(5 * BLOCK, BLOCK);
          scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
          device.write(BLOCK, bytes(3, BLOCK));
          assertHolds(device, BLOCK, BLOCK, 3);
          assertThat(flush.isDone()).isFalse();
          gate.open();
          flush.join();
        }
        assertHolds(scenario.device(1, 64), BLOCK, BLOCK, 2);
      }
    }
  }

  @Test
  void readsAndOverwritesGoOnWhileTheMetadataLockIsHeld() throws IOException {
    try (var scenario = new ScenarioPool(2048)) {
      var options = PoolOptions.DEFAULT.withMetadataCacheBytes(0);
      try (var device = scenario.create(0, 2048)) {
        for (int block = 0; block < 2048; block++) {
          device.write(block * (long) BLOCK, bytes(1, 512));
        }
      }
      scenario.reopen(options);
      var device = scenario.device(0, 2048);
      // What the reads below need is in memory; what the creation needs is not.
      assertHolds(device, 0, 512, 1);
      var gate = new Gate(Operation.READ);
      scenario.metadata.inject(gate);
      try (var holder = Background.run(() -> scenario.pool().usage(new ThinId(0), Progress.NONE))) {
        gate.awaitArrival();
        assertThat(holder.isDone()).isFalse();
        try (var io =
            Background.run(() -> {
              for (int i = 0; i < 100; i++) {
                device.write(i * 512L, bytes(2, 512));
                assertHolds(device, i * 512L, 512, 2);
              }
            })) {
          io.join();
        }
        assertThat(holder.isDone()).isFalse();
        gate.open();
        holder.join();
      }
    }
  }

  @Test
  void twoFirstWritesToOneBlockProvisionItOnce() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 64);
      var gate = new Gate(Operation.WRITE);
      scenario.data.inject(gate);
      try (var first = Background.run(() -> device.write(0, bytes(1, 512)))) {
        gate.awaitArrival();
        try (var second = Background.run(() -> device.write(1024, bytes(2, 512)))) {
          awaitBlocked(second);
          gate.open();
          first.join();
          second.join();
        }
      }
      assertThat(scenario.usedBlocks()).isEqualTo(1);
      assertHolds(device, 0, 512, 1);
      assertHolds(device, 512, 512, 0);
      assertHolds(device, 1024, 512, 2);
    }
  }

  @Test
  void aChangeIsCommittedWithinASecondWhenNobodyFlushes() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 64);
      device.write(0, bytes(1, BLOCK));
      var traffic = new Traffic();
      scenario.metadata.inject(traffic);
      scenario.clock.advance(Duration.ofMillis(999));
      assertThat(traffic.operations(Operation.WRITE)).isZero();
      scenario.clock.advance(Duration.ofMillis(1));
      assertThat(traffic.operations(Operation.FLUSH)).isEqualTo(2);
      scenario.clock.advance(Duration.ofMinutes(1));
      device.flush();
      assertThat(traffic.operations(Operation.FLUSH)).isEqualTo(2);
    }
  }

  @Test
  void aFlushOfOverwritesAloneWritesNoMetadata() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 64);
      device.write(0, bytes(1, BLOCK));
      device.flush();
      var metadata = new Traffic();
      var data = new Traffic();
      scenario.metadata.inject(metadata);
      scenario.data.inject(data);
      device.write(0, bytes(2, BLOCK));
      device.flush();
      device.flush();
      assertThat(data.operations(Operation.FLUSH)).isEqualTo(1);
      assertThat(metadata.operations(Operation.WRITE)).isZero();
      assertThat(metadata.operations(Operation.FLUSH)).isZero();
    }
  }

  @Test
  void closingAHandleWaitsForTheWriteThatIsUnderWay() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 64);
      var gate = new Gate(Operation.WRITE);
      scenario.data.inject(gate);
      try (var write = Background.run(() -> device.write(0, bytes(1, BLOCK)))) {
        gate.awaitArrival();
        try (var close = Background.run(device::close)) {
          awaitBlocked(close);
          assertThatThrownBy(() -> scenario.pool().delete(new ThinId(0)))
              .isInstanceOf(StorageException.Busy.class);
          gate.open();
          write.join();
          close.join();
        }
      }
      scenario.pool().delete(new ThinId(0));
      assertThat(scenario.usedBlocksAfterCommit()).isZero();
    }
  }

  @Test
  void aClosedHandleAndAClosedPoolRefuseEverything() throws IOException {
    var scenario = new ScenarioPool(64);
    var closed = scenario.create(0, 64);
    closed.close();
    assertRefused(closed, "thin device 0 is closed");
    var open = scenario.device(0, 64);
    scenario.pool().close();
    scenario.pool().close();
    assertRefused(open, "the pool is closed");
    assertThatThrownBy(() -> scenario.pool().createThin(new ThinId(1)))
        .isInstanceOf(StorageException.Failed.class);
    assertThatThrownBy(() -> scenario.device(0, 64)).isInstanceOf(StorageException.Failed.class);
    assertThatThrownBy(() -> scenario.pool().commit()).isInstanceOf(StorageException.Failed.class);
    open.close();
    scenario.clock.advance(Duration.ofMinutes(5));
    scenario.checkSound();
  }

  private static void assertRefused(ThinDevice device, String why) {
    for (var refused :
        new Background.Work[] {
          () -> ScenarioPool.read(device, 0, 1),
          () -> device.write(0, bytes(1, 1)),
          () -> device.tryRead(0, bytes(1, 1)),
          () -> device.tryWrite(0, bytes(1, 1)),
          () -> device.discard(0, BLOCK),
          () -> device.extents(0, 1, (_, _, _) -> true),
          device::flush
        }) {
      assertThatThrownBy(refused::run)
          .isInstanceOf(StorageException.Failed.class)
          .hasMessageContaining(why);
    }
  }

  @Test
  void ioOutsideTheDeviceIsRefused() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 2);
      assertThatThrownBy(() -> device.write(2 * BLOCK, bytes(1, 1)))
          .isInstanceOf(StorageException.OutOfRange.class);
      scenario.pool().changeSettings(device.id(), state -> state.sizeBytes = 3 * BLOCK);
      device.write(2 * BLOCK, bytes(1, 1));
      assertThat(device.sizeBytes()).isEqualTo(3 * BLOCK);
      assertThat(device.preferredBlockBytes()).isEqualTo(BLOCK);
    }
  }

  @Test
  void whatTheDiskDoesAtOnceIsTriedWithoutWaiting() throws IOException {
    try (var metadata = new MemoryDevice(1 << 20);
        var data = new MemoryDevice(64L * BLOCK)) {
      Pool.format(metadata, data, BLOCK);
      try (var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock())) {
        pool.createThin(new ThinId(0));
        var device = pool.openDevice(new ThinId(0), 8 * BLOCK, false, null);
        assertThat(device.tryWrite(0, bytes(1, 10))).isFalse();
        device.write(0, bytes(1, 2 * BLOCK));
        assertThat(device.tryWrite(BLOCK - 5, bytes(2, 10))).isTrue();
        var target = bytes(9, 20);
        assertThat(device.tryRead(BLOCK - 10, target)).isTrue();
        assertThat(target.asSlice(5, 10).mismatch(bytes(2, 10))).isEqualTo(-1);
        assertThat(device.tryRead(4 * BLOCK - 10, target)).isTrue();
        assertThat(target.mismatch(bytes(0, 20))).isEqualTo(-1);
        pool.createSnapshot(new ThinId(1), new ThinId(0));
        assertThat(device.tryWrite(0, bytes(3, 10))).isFalse();
      }
      ScenarioPool.checkSound(metadata);
    }
  }

  @Test
  void aFailedWriteToANewBlockLeavesTheHoleAndTheBlockFree() throws IOException {
    try (var scenario = new ScenarioPool(2)) {
      var device = scenario.create(0, 2);
      scenario.data.inject(Fault.atNth(Operation.WRITE, 1));
      assertThatThrownBy(() -> device.write(0, bytes(1, 100))).hasMessageContaining("injected");
      assertHolds(device, 0, BLOCK, 0);
      device.write(0, bytes(1, 2 * BLOCK));
      assertHolds(device, 0, 2 * BLOCK, 1);
    }
  }
}
