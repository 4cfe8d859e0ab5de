package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.PowerSupply;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Cuts the power at every flush of the disks and at many operations between, under random
/// histories of writes, discards, snapshots, deletions, roll-backs, messages, metadata snapshots
/// and extensions. Each time the pool opens again, is sound, has everything that was flushed, and
/// its snapshots are identical to the bit; now and then it is then written on.
@Order(1)
@Execution(ExecutionMode.CONCURRENT)
class PoolCrashTest {
  private static final long METADATA_BYTES = 1L << 20;
  private static final long BLOCK_BYTES = 64 << 10;
  private static final int MANY_CRASH_POINTS = 3_000;
  private static final int SMALL_HISTORIES = 8;
  private static final int DEEP_HISTORIES = 3;
  private static final int CUT_HISTORIES = 3;

  /// Of so many pools that a crash left, one is used further.
  private static final int GO_ON_EVERY = 20;

  private static final AtomicInteger CRASH_POINTS = new AtomicInteger();
  private static final AtomicInteger HISTORIES = new AtomicInteger();

  /// Thousands, unless only some seeds were asked for.
  @AfterAll
  static void thePowerWasCutThousandsOfTimes() {
    System.out.printf("The power was cut at %,d points.%n", CRASH_POINTS.get());
    if (HISTORIES.get() >= SMALL_HISTORIES + DEEP_HISTORIES + CUT_HISTORIES) {
      assertThat(CRASH_POINTS.get()).isGreaterThan(MANY_CRASH_POINTS);
    }
  }

  @SeededTest(seeds = SMALL_HISTORIES)
  void whatAFlushAcknowledgedSurvivesACrashAtAnyOperation(Random random) throws IOException {
    var history = new History(random, METADATA_BYTES, 128, ModelPool.PAGE, 96);
    history.run(150, 2, 1);
  }

  /// Mapping trees of two levels, whose leaves are split, shared and merged.
  @SeededTest(seeds = DEEP_HISTORIES)
  void treesOfSeveralLeavesSurviveACrash(Random random) throws IOException {
    var history = new History(random, 16L << 20, 16_000, BLOCK_BYTES, 700);
    history.grow(30);
    history.run(50, 1, 3);
  }

  /// A pool on two disks beside a model. Before each operation of a disk it is looked at what a
  /// crash would leave of both.
  private static final class History {
    private final Random random;
    private final CrashingDisk metadata;
    private final CrashingDisk data;
    private final ModelPool model;
    private int crashes;

    History(Random random, long metadataBytes, long dataBlocks, long strideBytes, int pages)
        throws IOException {
      this.random = random;
      metadata = new CrashingDisk(metadataBytes);
      data = new CrashingDisk(dataBlocks * BLOCK_BYTES);
      Pool.format(metadata, data, BLOCK_BYTES);
      var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock());
      model = new ModelPool(random, pool, pages, strideBytes);
    }

    /// Goes some steps without crashes.
    void grow(int steps) throws IOException {
      for (int step = 0; step < steps; step++) {
        model.step();
      }
    }

    /// Crashes at every flush, and at each so-manieth of the other operations.
    void run(int steps, int crashesAtEach, int each) throws IOException {
      var others = new AtomicInteger();
      Fault powerCuts =
          (operation, _, _) -> {
            if (operation == Fault.Operation.FLUSH
                || (operation != Fault.Operation.READ && others.incrementAndGet() % each == 0)) {
              for (int i = 0; i < crashesAtEach; i++) {
                crash();
              }
            }
          };
      metadata.inject(powerCuts);
      data.inject(powerCuts);
      grow(steps);
      metadata.inject(Fault.NONE);
      data.inject(Fault.NONE);
      model.checkAll();
      HISTORIES.incrementAndGet();
      assertThat(crashes).isGreaterThan(20);
    }

    private void crash() {
      CRASH_POINTS.incrementAndGet();
      crashes++;
      var chance = new Random(random.nextLong());
      try {
        lookAt(metadata.crash(chance), data.crash(chance), model, chance);
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(e.getMessage() + "\n" + String.join("\n", model.log), e);
      }
    }
  }

  private static void lookAt(
      CrashingDisk metadata, CrashingDisk data, ModelPool model, Random chance) throws IOException {
    PoolModelTest.assertSound(metadata);
    try (var found = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock())) {
      model.checkAfterCrash(found);
      if (chance.nextInt(GO_ON_EVERY) == 0) {
        goOn(found, metadata, data);
      }
    }
  }

  /// What was found is not only right to be read: it takes what comes next, and is sound after it.
  private static void goOn(Pool found, CrashingDisk metadata, CrashingDisk data)
      throws IOException {
    found.extendMetadata(metadata.sizeBytes() + METADATA_BYTES);
    found.extendData(data.sizeBytes() + 32 * BLOCK_BYTES);
    var id = new ThinId(ThinId.MAX - 1);
    var devices = found.devices();
    if (devices.isEmpty()) {
      found.createThin(id);
    } else {
      found.createSnapshot(id, devices.getFirst().id());
    }
    var snapshot = new ThinId(ThinId.MAX);
    try (var device = found.openDevice(id, 10 * BLOCK_BYTES, false, null)) {
      device.write(0, ScenarioPool.bytes(1, 10 * BLOCK_BYTES));
      found.createSnapshot(snapshot, id);
      device.write(BLOCK_BYTES, ScenarioPool.bytes(2, 512));
      device.flush();
      PoolModelTest.assertSound(metadata);
      ScenarioPool.assertHolds(device, BLOCK_BYTES, 512, 2);
    }
    try (var device = found.openDevice(snapshot, 10 * BLOCK_BYTES, true, null)) {
      ScenarioPool.assertHolds(device, 0, 10 * BLOCK_BYTES, 1);
    }
  }

  /// The same with the power really gone, so that the pool meets the failures of what it does next.
  @SeededTest(seeds = CUT_HISTORIES)
  void aPoolWhosePowerIsCutFailsAndHarmsNothing(Random random) throws IOException {
    long seed = random.nextLong();
    long operations = run(seed, Long.MAX_VALUE);
    for (long cut = 1; cut <= operations; cut++) {
      run(seed, cut);
    }
    HISTORIES.incrementAndGet();
  }

  /// Runs the history until the power is cut, and looks at what is left. Returns the number of
  /// operations of the disks.
  private static long run(long seed, long cutAt) throws IOException {
    var power = new PowerSupply();
    var metadata = new CrashingDisk(METADATA_BYTES, power);
    var data = new CrashingDisk(128 * BLOCK_BYTES, power);
    Pool.format(metadata, data, BLOCK_BYTES);
    var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock());
    var model = new ModelPool(new Random(seed), pool);
    long before = power.operations();
    if (cutAt != Long.MAX_VALUE) {
      power.cutAt(before + cutAt);
    }
    try {
      for (int step = 0; step < 100; step++) {
        model.step();
      }
    } catch (IOException e) {
      if (!power.isCut()) {
        throw e;
      }
    }
    long operations = power.operations() - before;
    CRASH_POINTS.incrementAndGet();
    var chance = new Random(seed + cutAt);
    try {
      lookAt(metadata.crash(chance), data.crash(chance), model, chance);
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          "seed %d cut at %d: %s%n%s"
              .formatted(seed, cutAt, e.getMessage(), String.join("\n", model.log)),
          e);
    }
    return operations;
  }
}
