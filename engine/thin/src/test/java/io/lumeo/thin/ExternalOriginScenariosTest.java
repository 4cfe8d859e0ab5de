package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.ReadOnlyDevice;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with thin devices over an external origin.
class ExternalOriginScenariosTest {

  @SeededTest(seeds = 3)
  @DisplayName("snap-equal-size")
  void aDeviceAsLargeAsItsOriginShowsItUntilItIsWritten(Random random) throws IOException {
    compareWithModel(random, 6 * BLOCK, 6 * BLOCK);
  }

  @SeededTest(seeds = 3)
  @DisplayName("snap-smaller-than-origin")
  void aDeviceSmallerThanItsOriginShowsTheStartOfIt(Random random) throws IOException {
    compareWithModel(random, 10 * BLOCK, 6 * BLOCK);
  }

  @SeededTest(seeds = 3)
  @DisplayName("snap-bigger-than-origin")
  void aDeviceBiggerThanItsOriginShowsZeroesBehindIt(Random random) throws IOException {
    compareWithModel(random, 4 * BLOCK, 6 * BLOCK);
  }

  @SeededTest(seeds = 3)
  @DisplayName("snap-fractional-tail-block")
  void anOriginMayEndInsideABlock(Random random) throws IOException {
    compareWithModel(random, 4 * BLOCK + 12_345, 6 * BLOCK + 777);
  }

  /// Random writes, discards and zeroings beside an array.
  private static void compareWithModel(Random random, int originBytes, int deviceBytes)
      throws IOException {
    try (var scenario = new ScenarioPool(32);
        var origin = new MemoryDevice(originBytes)) {
      origin.write(0, ScenarioPool.randomBytes(random, originBytes));
      byte[] through = Arrays.copyOf(ScenarioPool.read(origin), deviceBytes);
      scenario.pool().createThin(new ThinId(0));
      var device =
          scenario
              .pool()
              .openDevice(
                  new ThinId(0), deviceBytes, false, new ReadOnlyDevice(origin, "the origin"));
      byte[] expected = through.clone();
      assertThat(ScenarioPool.read(device)).isEqualTo(expected);
      for (int step = 0; step < 60; step++) {
        int offset = random.nextInt(deviceBytes);
        int length = random.nextInt(Math.min(2 * BLOCK, deviceBytes - offset) + 1);
        switch (random.nextInt(4)) {
          case 0 -> {
            device.writeZeroes(
                offset,
                length,
                random.nextBoolean() ? ZeroMode.MAY_PUNCH : ZeroMode.KEEP_ALLOCATED);
            Arrays.fill(expected, offset, offset + length, (byte) 0);
          }
          case 1 -> {
            // A whole block that is discarded shows the origin again.
            int first = offset / BLOCK * BLOCK;
            int end = Math.min(first + BLOCK, deviceBytes);
            device.discard(first, end - first);
            System.arraycopy(through, first, expected, first, end - first);
          }
          default -> {
            var bytes = ScenarioPool.randomBytes(random, length);
            device.write(offset, bytes);
            System.arraycopy(bytes.toArray(ValueLayout.JAVA_BYTE), 0, expected, offset, length);
          }
        }
        assertThat(ScenarioPool.read(device)).as("after step %d", step).isEqualTo(expected);
      }
    }
  }

  @Test
  void theFirstWriteCopiesTheRestOfItsBlockOnceAndTheOriginIsNotAskedAgain() throws IOException {
    try (var scenario = new ScenarioPool(8);
        var origin = new MemoryDevice(2 * BLOCK)) {
      origin.write(0, bytes(1, 2 * BLOCK));
      scenario.pool().createThin(new ThinId(0));
      var device = scenario.pool().openDevice(new ThinId(0), 2 * BLOCK, false, origin);
      device.write(100, bytes(2, 100));
      origin.write(0, bytes(9, 2 * BLOCK));
      assertHolds(device, 0, 100, 1);
      assertHolds(device, 100, 100, 2);
      assertHolds(device, 200, BLOCK - 200, 1);
      assertHolds(device, BLOCK, BLOCK, 9);
    }
  }

  @Test
  void aSnapshotOfSuchADeviceNeedsTheSameOrigin() throws IOException {
    try (var scenario = new ScenarioPool(8);
        var origin = new MemoryDevice(2 * BLOCK)) {
      origin.write(0, bytes(1, 2 * BLOCK));
      scenario.pool().createThin(new ThinId(0));
      var device = scenario.pool().openDevice(new ThinId(0), 2 * BLOCK, false, origin);
      device.write(0, bytes(2, 10));
      scenario.pool().createSnapshot(new ThinId(1), new ThinId(0));
      var snapshot = scenario.pool().openDevice(new ThinId(1), 2 * BLOCK, false, origin);
      device.write(BLOCK, bytes(3, 10));
      assertHolds(snapshot, 0, 10, 2);
      assertHolds(snapshot, 10, 2 * BLOCK - 10, 1);
      snapshot.write(20, bytes(4, 10));
      assertHolds(device, 10, BLOCK - 10, 1);
      assertHolds(snapshot, 20, 10, 4);
    }
  }

  @Test
  void aHoleOverAnOriginIsReportedAsDataThatNeedsSpaceToWrite() throws IOException {
    try (var scenario = new ScenarioPool(8);
        var origin = new MemoryDevice(BLOCK)) {
      scenario.pool().createThin(new ThinId(0));
      var device = scenario.pool().openDevice(new ThinId(0), 2 * BLOCK, false, origin);
      device.write(BLOCK, bytes(1, BLOCK));
      var states = new ArrayList<ExtentState>();
      device.extents(
          0,
          2 * BLOCK,
          (_, _, state) -> {
            states.add(state);
            return true;
          });
      assertThat(states).containsExactly(ExtentState.SHARED, ExtentState.DATA);
      assertThat(device.tryRead(0, bytes(0, 10))).isFalse();
    }
  }

  @Test
  void aThinDeviceOfThePoolItselfIsNoExternalOrigin() throws IOException {
    try (var scenario = new ScenarioPool(8)) {
      BlockDevice inside = scenario.create(0, 2);
      scenario.pool().createThin(new ThinId(1));
      assertThatThrownBy(() -> scenario.pool().openDevice(new ThinId(1), BLOCK, false, inside))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("same pool");
    }
  }
}
