package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.PowerSupply;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;

/// What the field's suites for dm-thin try with crashes; [PoolCrashTest] cuts at every operation.
class CrashScenariosTest {

  @SeededTest(seeds = 20)
  @DisplayName("aborting-a-fresh-pool")
  void aFreshPoolSurvivesACrash(Random random) throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.crash(random);
      assertThat(scenario.pool().devices()).isEmpty();
      scenario.pool().message("create_thin 0");
      scenario.pool().createThin(new ThinId(1));
      scenario.crash(random);
      assertThat(scenario.pool().exists(new ThinId(0))).isTrue();
      assertThat(scenario.pool().exists(new ThinId(1))).isFalse();
    }
  }

  @SeededTest(seeds = 20)
  @DisplayName("aborting-a-provisioned-thin")
  void aProvisionedDeviceSurvivesACrash(Random random) throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var device = scenario.create(0, 32);
      device.write(0, bytes(1, 16 * BLOCK));
      device.flush();
      device.write(16 * BLOCK, bytes(2, 16 * BLOCK));
      scenario.crash(random);
      var found = scenario.device(0, 32);
      assertHolds(found, 0, 16 * BLOCK, 1);
      assertThat(scenario.usedBlocks()).isEqualTo(16);
      found.write(16 * BLOCK, bytes(3, 16 * BLOCK));
      assertHolds(found, 16 * BLOCK, 16 * BLOCK, 3);
    }
  }

  /// Several threads write and flush; the power is cut at any operation. What each was told to be
  /// durable is there.
  @SeededTest(seeds = 40)
  @DisplayName("aborting-during-io")
  void whatThreadsFlushedIsThereAfterACrashDuringTheirIo(Random random) throws IOException {
    var power = new PowerSupply();
    var metadata = new CrashingDisk(4 << 20, power);
    var data = new CrashingDisk(256L * BLOCK, power);
    Pool.format(metadata, data, BLOCK);
    var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock());
    int threads = 4;
    var devices = new ThinDevice[threads];
    var durable = new AtomicInteger[threads];
    for (int i = 0; i < threads; i++) {
      pool.createThin(new ThinId(i));
      devices[i] = pool.openDevice(new ThinId(i), 32 * BLOCK, false, null);
      durable[i] = new AtomicInteger();
    }
    pool.commit();
    power.cutAt(power.operations() + 1 + random.nextInt(400));
    var writers = new ArrayList<Background>();
    for (int i = 0; i < threads; i++) {
      var device = devices[i];
      var flushed = durable[i];
      writers.add(Background.run(() -> writeUntilCut(device, flushed)));
    }
    for (var writer : writers) {
      try {
        writer.join();
      } catch (IOException e) {
        assertThat(power.isCut()).as(e.toString()).isTrue();
      }
    }
    var metadataLeft = metadata.crash(random);
    var dataLeft = data.crash(random);
    ScenarioPool.checkSound(metadataLeft);
    try (var found =
        Pool.open(metadataLeft, dataLeft, PoolOptions.DEFAULT, new SimulatedPoolClock())) {
      for (int i = 0; i < threads; i++) {
        var device = found.openDevice(new ThinId(i), 32 * BLOCK, false, null);
        for (int round = 1; round <= durable[i].get(); round++) {
          assertHolds(device, place(round), 3000, round);
        }
      }
    }
  }

  /// Each round has a place of its own, many of them in one block.
  private static long place(int round) {
    return (round % 32) * (long) BLOCK + round / 32 * 4096L;
  }

  private static void writeUntilCut(ThinDevice device, AtomicInteger durable) throws IOException {
    for (int round = 1; round < 120; round++) {
      device.write(place(round), bytes(round, 3000));
      if (round % 3 == 0) {
        device.flush();
        durable.set(round);
      }
    }
  }
}
