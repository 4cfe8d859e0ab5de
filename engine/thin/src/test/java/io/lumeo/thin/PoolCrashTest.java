package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.PowerSupply;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.Random;

/// Cuts the power at every operation of the disks under a random history. Each time the pool opens
/// again, is sound, has everything that was flushed, and its snapshots are identical to the bit.
class PoolCrashTest {
  private static final long METADATA_BYTES = 1L << 20;
  private static final long BLOCK_BYTES = 64 << 10;
  private static final int STEPS = 120;

  @SeededTest(seeds = 8)
  void whatAFlushAcknowledgedSurvivesAnyCut(Random random) throws IOException {
    long seed = random.nextLong();
    long operations = run(seed, Long.MAX_VALUE);
    assertThat(operations).isGreaterThan(100);
    for (long cut = 1; cut <= operations; cut++) {
      run(seed, cut);
    }
  }

  /// Runs the history until the power is cut, and looks at what is left. Returns the number of
  /// operations of the disks.
  private static long run(long seed, long cutAt) throws IOException {
    var power = new PowerSupply();
    var metadata = new CrashingDisk(METADATA_BYTES, power);
    var data = new CrashingDisk(128 * BLOCK_BYTES, power);
    Pool.format(metadata, data, BLOCK_BYTES);
    var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock());
    var random = new Random(seed);
    var model = new ModelPool(random, pool);
    long before = power.operations();
    if (cutAt != Long.MAX_VALUE) {
      power.cutAt(before + cutAt);
    }
    try {
      for (int step = 0; step < STEPS; step++) {
        model.step();
      }
      if (!power.isCut()) {
        model.checkAll();
      }
    } catch (IOException e) {
      if (!power.isCut()) {
        throw e;
      }
    }
    long operations = power.operations() - before;
    var after = new PowerSupply();
    var crash = new Random(seed + cutAt);
    var metadataLeft = metadata.crash(crash, after);
    var dataLeft = data.crash(crash, after);
    try {
      PoolModelTest.assertSound(metadataLeft);
      try (var found =
          Pool.open(metadataLeft, dataLeft, PoolOptions.DEFAULT, new SimulatedPoolClock())) {
        model.checkAfterCrash(found);
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          "seed %d cut at %d: %s%n%s"
              .formatted(seed, cutAt, e.getMessage(), String.join("\n", model.log)),
          e);
    }
    return operations;
  }
}
