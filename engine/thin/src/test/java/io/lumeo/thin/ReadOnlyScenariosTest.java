package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.assertHolds;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import io.lumeo.testing.Fault.Operation;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with read-only pools.
class ReadOnlyScenariosTest {
  private static final PoolOptions READ_ONLY = PoolOptions.DEFAULT.withReadOnly(true);

  private static ScenarioPool prepared() throws IOException {
    var scenario = new ScenarioPool(16);
    try (var device = scenario.create(0, 4)) {
      device.write(0, bytes(1, 2 * BLOCK));
    }
    scenario.reopen(READ_ONLY);
    return scenario;
  }

  @Test
  @DisplayName("reads-go-on")
  void readsGoOn() throws IOException {
    try (var scenario = prepared()) {
      var device = scenario.device(0, 4);
      assertHolds(device, 0, 2 * BLOCK, 1);
      assertHolds(device, 2 * BLOCK, 2 * BLOCK, 0);
      assertThat(device.isReadOnly()).isTrue();
      assertThat(scenario.pool().statusLine()).contains(" ro ").contains(" - ");
      assertThat(scenario.pool().thinStatusLine(new ThinId(0))).isEqualTo("256 255");
      assertThat(scenario.pool().devices()).hasSize(1);
    }
  }

  @Test
  @DisplayName("writes-fail")
  void writesFail() throws IOException {
    try (var scenario = prepared()) {
      var device = scenario.device(0, 4);
      for (var write :
          new Background.Work[] {
            () -> device.write(0, bytes(2, 1)),
            () -> device.tryWrite(0, bytes(2, 1)),
            () -> device.write(3 * BLOCK, bytes(2, 1)),
            () -> device.discard(0, BLOCK),
            () -> device.writeZeroes(0, BLOCK, ZeroMode.MAY_PUNCH),
            () -> device.trimZeroes(Progress.NONE),
            () -> scenario.pool().message("create_thin 1"),
            () -> scenario.pool().message("delete 0"),
            () -> scenario.pool().rollBack(new ThinId(0), new ThinId(0)),
            () -> scenario.pool().extendData(32 * BLOCK),
            () -> scenario.pool().extendMetadata(64 << 20)
          }) {
        assertThatThrownBy(write::run).isInstanceOf(StorageException.ReadOnly.class);
      }
      assertHolds(device, 0, 2 * BLOCK, 1);
    }
  }

  @Test
  @DisplayName("no-commit")
  void nothingIsEverWritten() throws IOException {
    var traffic = new Traffic();
    try (var scenario = prepared()) {
      scenario.metadata.inject(traffic);
      scenario.data.inject(traffic);
      var device = scenario.device(0, 4);
      device.flush();
      scenario.pool().commit();
      scenario
          .pool()
          .setOptions(
              PoolOptions.DEFAULT
                  .withLowWaterBlocks(100)
                  .withAutoExtension(new AutoExtension(BLOCK, 1L << 40)));
      scenario.clock.advance(Duration.ofMinutes(2));
      assertThat(scenario.pool().options().readOnly()).isTrue();
    }
    for (var operation :
        new Operation[] {Operation.WRITE, Operation.WRITE_ZEROES, Operation.DISCARD}) {
      assertThat(traffic.operations(operation)).as("%s", operation).isZero();
    }
  }

  @Test
  void aReadOnlyHandleOfAWritablePoolReadsOnly() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      var writable = scenario.create(0, 4);
      var readOnly = scenario.pool().openDevice(new ThinId(0), 4 * BLOCK, true, null);
      writable.write(0, bytes(3, BLOCK));
      assertHolds(readOnly, 0, BLOCK, 3);
      assertThatThrownBy(() -> readOnly.write(0, bytes(1, 1)))
          .isInstanceOf(StorageException.ReadOnly.class)
          .hasMessageContaining("read-only");
    }
  }
}
