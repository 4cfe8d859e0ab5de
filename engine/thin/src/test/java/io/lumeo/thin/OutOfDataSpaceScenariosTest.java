package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.ExtentState;
import io.lumeo.block.StorageException;
import io.lumeo.testing.Fault;
import io.lumeo.testing.Fault.Operation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with pools that run out of data space and grow; quotas,
/// the low-water mark and growth by itself.
class OutOfDataSpaceScenariosTest {

  /// A full pool with a device of its own that has it all.
  private static ThinDevice fill(ScenarioPool scenario, int blocks) throws IOException {
    var filler = scenario.create(0, blocks);
    filler.write(0, bytes(1, (long) blocks * BLOCK));
    return filler;
  }

  /// A write that waits for space; returns when the pool says so.
  private static Background waitingWrite(ScenarioPool scenario, ThinDevice device) {
    return waitingWrite(scenario, device, 0);
  }

  private static Background waitingWrite(ScenarioPool scenario, ThinDevice device, long offset) {
    var waiting = new CountDownLatch(1);
    scenario
        .pool()
        .listen(event -> {
          if (event instanceof PoolEvent.ModeChanged changed
              && changed.to() == PoolMode.OUT_OF_DATA_SPACE) {
            waiting.countDown();
          }
        });
    var writer = Background.run(() -> device.write(offset, bytes(2, BLOCK)));
    try {
      waiting.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return writer;
  }

  @Test
  @DisplayName("grow-while-queued")
  void aQueuedWriteGoesOnWhenThePoolGrows() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      try (var writer = waitingWrite(scenario, device)) {
        assertThat(scenario.pool().status().kernelLine())
            .contains(" 8/8 ")
            .contains(" out_of_data_space ")
            .contains(" queue_if_no_space ");
        scenario.pool().extendData(16 * BLOCK);
        writer.join();
      }
      assertHolds(device, 0, BLOCK, 2);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      assertThat(scenario.data.sizeBytes()).isEqualTo(16 * BLOCK);
      assertThat(scenario.reopen().status().dataTotalBlocks()).isEqualTo(16);
    }
  }

  @Test
  @DisplayName("error-if-no-space")
  void writesFailAtOnceWhenThatIsAskedFor() throws IOException {
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var scenario = new ScenarioPool(8, options)) {
      var filler = fill(scenario, 8);
      var device = scenario.create(1, 8);
      assertThatThrownBy(() -> device.write(0, bytes(2, BLOCK)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThat(scenario.pool().statusLine())
          .contains(" out_of_data_space ")
          .contains(" error_if_no_space ");
      filler.write(0, bytes(3, 8 * BLOCK));
      assertHolds(filler, 0, 8 * BLOCK, 3);
      assertHolds(device, 0, BLOCK, 0);
    }
  }

  /// Between the commit of a write that found no space and its look at what is free, others use
  /// what the commit brought and free as much again.
  @Test
  void aWriteIsNotRefusedWhileOneMoreCommitBringsSpace() throws IOException {
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var scenario = new ScenarioPool(8, options)) {
      var filler = fill(scenario, 8);
      var quick = scenario.create(1, 8);
      var device = scenario.create(2, 8);
      assertThatThrownBy(() -> device.write(0, bytes(2, BLOCK)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      filler.discard(0, BLOCK);
      scenario
          .pool()
          .listen(event -> {
            try {
              quick.write(0, bytes(3, BLOCK));
              filler.discard(BLOCK, BLOCK);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });

      device.write(0, bytes(4, BLOCK));

      assertThat(scenario.eventsOf(PoolEvent.ModeChanged.class).getLast().to())
          .isEqualTo(PoolMode.WRITE);
      assertHolds(quick, 0, BLOCK, 3);
      assertHolds(device, 0, BLOCK, 4);
    }
  }

  @Test
  @DisplayName("queue-times-out")
  void queuedWritesFailAfterTheTimeoutAndLaterOnesAtOnceUntilThereIsSpace() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      try (var writer = waitingWrite(scenario, device)) {
        scenario.clock.advance(Duration.ofMillis(59_999));
        assertThat(writer.isDone()).isFalse();
        scenario.clock.advance(Duration.ofMillis(1));
        assertThatThrownBy(writer::join).isInstanceOf(StorageException.OutOfSpace.class);
      }
      assertThatThrownBy(() -> device.write(0, bytes(2, BLOCK)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThat(scenario.pool().statusLine()).contains(" error_if_no_space ");
      scenario.pool().extendData(9 * BLOCK);
      assertThat(scenario.pool().statusLine()).contains(" rw ").contains(" queue_if_no_space ");
      device.write(0, bytes(2, BLOCK));
      try (var writer = Background.run(() -> device.write(BLOCK, bytes(2, BLOCK)))) {
        awaitMode(scenario, PoolMode.OUT_OF_DATA_SPACE);
        assertThat(writer.isDone()).isFalse();
        scenario.clock.advance(Duration.ofSeconds(60));
        assertThatThrownBy(writer::join).isInstanceOf(StorageException.OutOfSpace.class);
      }
    }
  }

  private static void awaitMode(ScenarioPool scenario, PoolMode wanted) {
    while (scenario.pool().status().mode() != wanted) {
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName("a timeout of zero queues for ever")
  void withoutATimeoutAQueuedWriteWaitsForEver() throws IOException {
    var options = PoolOptions.DEFAULT.withNoSpaceTimeout(Duration.ZERO);
    try (var scenario = new ScenarioPool(8, options)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      try (var writer = waitingWrite(scenario, device)) {
        scenario.clock.advance(Duration.ofDays(365));
        assertThat(writer.isDone()).isFalse();
        scenario.pool().extendData(9 * BLOCK);
        writer.join();
      }
    }
  }

  @Test
  @DisplayName("discard-frees-and-resumes")
  void aQueuedWriteGoesOnWhenADiscardFreesABlock() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      var filler = fill(scenario, 8);
      var device = scenario.create(1, 8);
      try (var writer = waitingWrite(scenario, device)) {
        filler.discard(3 * BLOCK, BLOCK);
        // The commit that frees the block is asked for at once.
        scenario.clock.advance(Duration.ZERO);
        writer.join();
      }
      assertHolds(device, 0, BLOCK, 2);
      assertHolds(filler, 3 * BLOCK, BLOCK, 0);
    }
  }

  @Test
  @DisplayName("extend-resumes")
  void extendingAPoolThatIsOutOfSpaceBringsItBackToWriteMode() throws IOException {
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var scenario = new ScenarioPool(8, options)) {
      fill(scenario, 8);
      var device = scenario.create(1, 64);
      assertThatThrownBy(() -> device.write(0, bytes(2, BLOCK)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      scenario.pool().extendData(8 * BLOCK);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.OUT_OF_DATA_SPACE);
      scenario.pool().extendData(72 * BLOCK + 17);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      device.write(0, bytes(2, 64 * BLOCK));
      assertHolds(device, 0, 64 * BLOCK, 2);
      assertThatThrownBy(() -> scenario.pool().extendData(71 * BLOCK))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("cannot shrink");
    }
  }

  @Test
  void aPoolGrowsAcrossTheEndOfItsBitmap() throws IOException {
    try (var scenario = new ScenarioPool(16_319)) {
      scenario.pool().extendData(16_320L * BLOCK);
      scenario.checkSound();
      scenario.pool().extendData(16_321L * BLOCK);
      scenario.checkSound();
      scenario.pool().extendData(50_000L * BLOCK);
      scenario.checkSound();
      assertThat(scenario.reopen().status().dataTotalBlocks()).isEqualTo(50_000);
    }
  }

  @Test
  void aDataDeviceThatCannotGrowFailsTheExtensionAndNothingElse() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      scenario.data.close();
      assertThatThrownBy(() -> scenario.pool().extendData(16 * BLOCK))
          .isInstanceOf(StorageException.Failed.class);
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      assertThat(scenario.pool().status().dataTotalBlocks()).isEqualTo(8);
    }
  }

  @Test
  void aReservationThatIsCancelledWakesWhoWaitsForItsBlock() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      var filler = scenario.create(0, 7);
      filler.write(0, bytes(1, 7 * BLOCK));
      var failing = scenario.create(1, 8);
      var device = scenario.create(2, 8);
      var gate = new Gate(Operation.WRITE);
      scenario.data.inject((operation, offset, length) -> {
        gate.before(operation, offset, length);
        if (operation == Operation.WRITE && length == 100) {
          throw new IOException("injected");
        }
      });
      try (var first = Background.run(() -> failing.write(0, bytes(1, 100)))) {
        gate.awaitArrival();
        try (var second = waitingWrite(scenario, device)) {
          gate.open();
          assertThatThrownBy(first::join).hasMessage("injected");
          second.join();
        }
      }
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      assertHolds(device, 0, BLOCK, 2);
      assertHolds(failing, 0, BLOCK, 0);
    }
  }

  @Test
  void aWaitingWriteFailsWhenItsHandleOrItsPoolIsClosed() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      try (var writer = waitingWrite(scenario, device)) {
        device.close();
        assertThatThrownBy(writer::join)
            .isInstanceOf(StorageException.Failed.class)
            .hasMessageContaining("is closed");
      }
      var other = scenario.device(1, 8);
      try (var writer = Background.run(() -> other.write(0, bytes(2, BLOCK)))) {
        awaitParked(writer);
        scenario.pool().close();
        assertThatThrownBy(writer::join).isInstanceOf(StorageException.class);
      }
    }
  }

  /// A handle that is closed after its write found no space, and before that write has begun to
  /// wait: nothing else would wake it.
  @Test
  void aWriteThatIsAboutToWaitFailsWhenItsHandleIsClosed() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      var gate = new Gate(Operation.FLUSH);
      scenario.data.inject(gate);
      try (var writer = Background.run(() -> device.write(0, bytes(2, BLOCK)))) {
        gate.awaitArrival();
        device.close();
        gate.open();
        assertThatThrownBy(writer::join)
            .isInstanceOf(StorageException.Failed.class)
            .hasMessageContaining("thin device 1 is closed");
      }
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.OUT_OF_DATA_SPACE);
    }
  }

  /// Space that comes while the pool is about to close lets writes wait again; nothing else would
  /// wake them.
  @Test
  void aWriteThatBeginsToWaitWhileItsPoolClosesFails() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      var pool = scenario.pool();
      var filler = fill(scenario, 8);
      var device = scenario.create(1, 8);
      var gate = new Gate(Operation.WRITE);
      scenario.data.inject((operation, offset, length) -> {
        if (length == 100) {
          gate.before(operation, offset, length);
        }
      });
      try (var refused = waitingWrite(scenario, device);
          var slow = Background.run(() -> filler.write(0, bytes(3, 100)))) {
        gate.awaitArrival();
        try (var closing = Background.run(pool::close)) {
          assertThatThrownBy(refused::join).isInstanceOf(StorageException.OutOfSpace.class);
          pool.extendData(9 * BLOCK);
          device.write(0, bytes(2, BLOCK));
          try (var waiting = waitingWrite(scenario, device, BLOCK)) {
            awaitParked(waiting);
            gate.open();
            closing.join();
            assertThatThrownBy(waiting::join)
                .isInstanceOf(StorageException.Failed.class)
                .hasMessageContaining("the pool is closed");
          }
        }
        slow.join();
      }
    }
  }

  private static void awaitParked(Background background) {
    while (background.thread().getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void anInterruptedWaitingWriteStops() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      try (var writer = waitingWrite(scenario, device)) {
        writer.thread().interrupt();
        assertThatThrownBy(writer::join)
            .isInstanceOf(InterruptedIOException.class)
            .hasMessageContaining("waiting for space");
      }
    }
  }

  @Test
  void aRangeReportedAsDataNeverFailsForLackOfSpace() throws IOException {
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var scenario = new ScenarioPool(16, options)) {
      var origin = scenario.create(0, 16);
      origin.write(0, bytes(1, 8 * BLOCK));
      var snapshot = scenario.snapshot(1, 0, 16);
      origin.write(0, bytes(2, 2 * BLOCK + 100));
      snapshot.write(4 * BLOCK, bytes(2, 4 * BLOCK + 100));
      assertThatThrownBy(() -> snapshot.write(9 * BLOCK, bytes(3, 7 * BLOCK)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThat(scenario.usedBlocksAfterCommit()).isEqualTo(16);
      for (var device : List.of(origin, snapshot)) {
        var writable = new ArrayList<long[]>();
        var needSpace = new ArrayList<long[]>();
        device.extents(
            0,
            16 * BLOCK,
            (offset, length, state) -> {
              (state == ExtentState.DATA ? writable : needSpace).add(new long[] {offset, length});
              return true;
            });
        assertThat(writable).isNotEmpty();
        assertThat(needSpace).isNotEmpty();
        for (long[] range : writable) {
          device.write(range[0], bytes(5, range[1]));
          assertHolds(device, range[0], range[1], 5);
        }
        for (long[] range : needSpace) {
          assertThatThrownBy(() -> device.write(range[0], bytes(6, 1)))
              .isInstanceOf(StorageException.OutOfSpace.class);
        }
      }
    }
  }

  @Test
  void extentsAreToldWithoutGapsAndStopWhenAsked() throws IOException {
    try (var scenario = new ScenarioPool(4096)) {
      var device = scenario.create(0, 5000);
      for (int block = 1; block < 5000; block += 2) {
        if (block % 10 != 5) {
          device.write(block * (long) BLOCK, bytes(1, 1));
        }
      }
      var expected = new StringBuilder();
      for (int block = 0; block < 5000; block++) {
        expected.append(block % 2 == 1 && block % 10 != 5 ? 'd' : '-');
      }
      var found = new StringBuilder();
      long[] at = {77};
      device.extents(
          77,
          device.sizeBytes() - 77,
          (offset, length, state) -> {
            assertThat(offset).isEqualTo(at[0]);
            at[0] += length;
            long blocks = Math.ceilDiv(length, BLOCK);
            found.repeat(state == ExtentState.DATA ? "d" : "-", (int) blocks);
            return true;
          });
      assertThat(at[0]).isEqualTo(device.sizeBytes());
      assertThat(found).hasToString(expected.toString());
      int[] calls = {0};
      device.extents(0, device.sizeBytes(), (_, _, _) -> ++calls[0] < 3);
      assertThat(calls[0]).isEqualTo(3);
    }
  }

  private static void limit(ScenarioPool scenario, ThinDevice device, long blocks) {
    scenario.pool().changeSettings(device.id(), state -> state.quotaBlocks = blocks);
  }

  @Test
  void aQuotaLimitsWhatADeviceMaps() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 16);
      limit(scenario, device, 4);
      device.write(0, bytes(1, 4 * BLOCK));
      assertThatThrownBy(() -> device.write(5 * BLOCK, bytes(1, 1)))
          .isInstanceOf(StorageException.OutOfSpace.class)
          .hasMessageContaining("quota of 262144 bytes");
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      device.write(0, bytes(2, 4 * BLOCK));
      scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
      device.write(0, bytes(3, 4 * BLOCK));
      device.discard(0, BLOCK);
      device.write(5 * BLOCK, bytes(1, 1));
      limit(scenario, device, Long.MAX_VALUE);
      device.write(6 * BLOCK, bytes(1, BLOCK));
      assertThat(scenario.pool().details(new ThinId(0)).mappedBlocks()).isEqualTo(5);
    }
  }

  @Test
  void writersAtOnceCannotPassAQuotaTogether() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 16);
      limit(scenario, device, 2);
      device.write(0, bytes(1, BLOCK));
      var gate = new Gate(Operation.WRITE);
      scenario.data.inject(gate);
      try (var first = Background.run(() -> device.write(BLOCK, bytes(1, BLOCK)))) {
        gate.awaitArrival();
        assertThatThrownBy(() -> device.write(2 * BLOCK, bytes(1, BLOCK)))
            .isInstanceOf(StorageException.OutOfSpace.class)
            .hasMessageContaining("quota");
        gate.open();
        first.join();
      }
      assertThat(scenario.pool().details(new ThinId(0)).mappedBlocks()).isEqualTo(2);
      scenario.data.inject(Fault.atNth(Operation.WRITE, 1));
      device.discard(0, BLOCK);
      assertThatThrownBy(() -> device.write(3 * BLOCK, bytes(1, BLOCK)))
          .hasMessageContaining("injected");
      device.write(3 * BLOCK, bytes(1, BLOCK));
    }
  }

  @Test
  void theLowWaterEventIsRaisedOncePerCrossing() throws IOException {
    try (var scenario = new ScenarioPool(16, PoolOptions.DEFAULT.withLowWaterBlocks(4))) {
      var device = scenario.create(0, 16);
      device.write(0, bytes(1, 11 * BLOCK));
      device.flush();
      assertThat(scenario.eventsOf(PoolEvent.DataLow.class)).isEmpty();
      device.write(11 * BLOCK, bytes(1, BLOCK));
      device.flush();
      device.write(12 * BLOCK, bytes(1, 3 * BLOCK));
      device.flush();
      assertThat(scenario.eventsOf(PoolEvent.DataLow.class))
          .containsExactly(new PoolEvent.DataLow(4, 4));
      device.discard(0, 4 * BLOCK);
      device.flush();
      device.write(0, bytes(1, 4 * BLOCK));
      device.flush();
      assertThat(scenario.eventsOf(PoolEvent.DataLow.class)).hasSize(2);
      scenario.pool().setOptions(PoolOptions.DEFAULT.withLowWaterBlocks(0));
      scenario.pool().setOptions(PoolOptions.DEFAULT.withLowWaterBlocks(3));
      assertThat(scenario.eventsOf(PoolEvent.DataLow.class)).hasSize(3);
    }
  }

  @Test
  void thePoolGrowsByItselfInStepsUpToItsMaximum() throws IOException {
    var options =
        PoolOptions.DEFAULT
            .withErrorIfNoSpace(true)
            .withLowWaterBlocks(2)
            .withAutoExtension(new AutoExtension(4 * BLOCK - 5, 15 * BLOCK));
    try (var scenario = new ScenarioPool(8, options)) {
      var device = scenario.create(0, 32);
      device.write(0, bytes(1, 15 * BLOCK));
      assertThatThrownBy(() -> device.write(15 * BLOCK, bytes(1, 1)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThat(scenario.eventsOf(PoolEvent.DataExtended.class))
          .containsExactly(new PoolEvent.DataExtended(8, 12), new PoolEvent.DataExtended(12, 15));
      assertThat(scenario.data.sizeBytes()).isEqualTo(15 * BLOCK);
      assertHolds(device, 0, 15 * BLOCK, 1);
    }
  }

  @Test
  void growthByItselfThatFailsIsToldAndTheWriteFails() throws IOException {
    var options =
        PoolOptions.DEFAULT
            .withErrorIfNoSpace(true)
            .withAutoExtension(new AutoExtension(BLOCK, 1L << 62));
    try (var scenario = new ScenarioPool(4, options)) {
      var device = scenario.create(0, 32);
      device.write(0, bytes(1, 4 * BLOCK));
      // The metadata of so many blocks has no room.
      scenario.pool().setOptions(options.withAutoExtension(new AutoExtension(1L << 50, 1L << 62)));
      assertThatThrownBy(() -> device.write(4 * BLOCK, bytes(1, 1)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThat(scenario.eventsOf(PoolEvent.ExtensionFailed.class)).isNotEmpty();
      assertThat(scenario.pool().status().needsCheck()).isFalse();
      scenario.pool().setOptions(options);
      device.write(4 * BLOCK, bytes(1, 1));
    }
  }

  /// Who waits looks at every commit and discard: growing is not tried, nor its failure told, each
  /// time.
  @Test
  void growthByItselfThatFailsIsToldOnceAndTriedAgainEverLater() throws IOException {
    var options =
        PoolOptions.DEFAULT
            .withNoSpaceTimeout(Duration.ZERO)
            .withAutoExtension(new AutoExtension(BLOCK, 16 * BLOCK));
    try (var scenario = new ScenarioPool(8, options)) {
      fill(scenario, 8);
      var device = scenario.create(1, 8);
      var tries = new AtomicInteger();
      scenario.data.inject((operation, _, _) -> {
        if (operation == Operation.EXTEND) {
          tries.incrementAndGet();
          throw new StorageException.OutOfSpace("the disk below is full");
        }
      });
      try (var writer = waitingWrite(scenario, device)) {
        for (int change = 0; change < 10; change++) {
          wakeByAChange(scenario, change, writer);
        }
        assertThat(tries).hasValue(1);
        scenario.clock.advance(GrowthByItself.FIRST_PAUSE);
        awaitTries(tries, 2);
        awaitParked(writer);
        scenario.clock.advance(Duration.ofMinutes(2));
        awaitTries(tries, 3);
        awaitParked(writer);
        assertThat(scenario.eventsOf(PoolEvent.ExtensionFailed.class))
            .containsExactly(new PoolEvent.ExtensionFailed("the disk below is full"));

        scenario.data.inject(Fault.NONE);
        scenario.clock.advance(GrowthByItself.LONGEST_PAUSE);
        writer.join();
      }
      assertHolds(device, 0, BLOCK, 2);
    }
  }

  private static void wakeByAChange(ScenarioPool scenario, int transactionId, Background writer)
      throws IOException {
    awaitParked(writer);
    scenario.pool().message("set_transaction_id %d %d".formatted(transactionId, transactionId + 1));
    scenario.pool().commit();
    awaitParked(writer);
  }

  private static void awaitTries(AtomicInteger tries, int count) {
    while (tries.get() < count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aListenerMayUseThePoolAndMayFail() throws IOException {
    try (var scenario = new ScenarioPool(16, PoolOptions.DEFAULT.withLowWaterBlocks(8))) {
      var device = scenario.create(0, 16);
      scenario
          .pool()
          .listen(event -> {
            if (event instanceof PoolEvent.DataLow) {
              try {
                scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
                scenario.pool().extendData(32 * BLOCK);
                ScenarioPool.read(device);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              throw new IllegalStateException("a listener that fails");
            }
          });
      device.write(0, bytes(1, 16 * BLOCK));
      assertHolds(device, 0, 16 * BLOCK, 1);
      assertThat(scenario.pool().exists(new ThinId(1))).isTrue();
      assertThat(scenario.pool().status().dataTotalBlocks()).isEqualTo(32);
    }
  }
}
