package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The kernel's status lines and messages, to the letter.
class PoolStatusTest {

  @ParameterizedTest
  @CsvSource({
    "WRITE, false, PASSDOWN, false, rw discard_passdown queue_if_no_space -",
    "WRITE, false, NO_PASSDOWN, false, rw no_discard_passdown queue_if_no_space -",
    "WRITE, false, IGNORE, true, rw ignore_discard error_if_no_space -",
    "OUT_OF_DATA_SPACE, false, PASSDOWN, false, out_of_data_space discard_passdown queue_if_no_space -",
    "OUT_OF_METADATA_SPACE, false, PASSDOWN, false, ro discard_passdown queue_if_no_space -",
    "READ_ONLY, true, PASSDOWN, false, ro discard_passdown queue_if_no_space needs_check",
    "READ_ONLY, false, PASSDOWN, true, ro discard_passdown error_if_no_space -"
  })
  void eachModeHasItsLine(
      PoolMode mode, boolean needsCheck, DiscardMode discard, boolean error, String words) {
    assertThat(status(mode, needsCheck, discard, error, null).kernelLine())
        .isEqualTo("7 30/1024 5/64 - %s 256".formatted(words));
    assertThat(status(mode, needsCheck, discard, error, 99L).kernelLine())
        .isEqualTo("7 30/1024 5/64 99 %s 256".formatted(words));
  }

  @Test
  void aFailedPoolHasNothingElseToSay() {
    assertThat(status(PoolMode.FAIL, true, DiscardMode.PASSDOWN, false, 3L).kernelLine())
        .isEqualTo("Fail");
  }

  private static PoolStatus status(
      PoolMode mode, boolean needsCheck, DiscardMode discard, boolean error, Long held) {
    return new PoolStatus(
        mode, needsCheck, 7, BLOCK, 30, 1024, 256, 5, 64, held, discard, error, 2, 3, 4);
  }

  @Test
  void aStatusCountsInBytesToo() {
    var status = status(PoolMode.WRITE, false, DiscardMode.PASSDOWN, false, null);
    assertThat(status.dataUsedBytes()).isEqualTo(5 * BLOCK);
    assertThat(status.dataTotalBytes()).isEqualTo(64 * BLOCK);
    assertThat(status.dataFreeBytes()).isEqualTo(59 * BLOCK);
    assertThat(status.metadataUsedBytes()).isEqualTo(30 * 4096);
    assertThat(status.metadataTotalBytes()).isEqualTo(1024 * 4096);
  }

  @Test
  void theStatusLineOfALivePoolCommitsAndTellsWhatIsUsed() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      var pool = scenario.pool();
      assertThat(pool.statusLine())
          .matches("0 \\d+/1024 0/64 - rw discard_passdown queue_if_no_space - 256");
      var device = scenario.create(5, 16);
      assertThat(pool.thinStatusLine(new ThinId(5))).isEqualTo("0 -");
      device.write(3 * BLOCK, bytes(1, 1));
      device.write(7 * BLOCK, bytes(1, 1));
      assertThat(pool.thinStatusLine(new ThinId(5))).isEqualTo("256 1023");
      pool.message("set_transaction_id 0 1");
      pool.message("reserve_metadata_snap");
      assertThat(pool.statusLine()).matches("1 \\d+/1024 2/64 \\d+ rw .*");
      assertThatThrownBy(() -> pool.thinStatusLine(new ThinId(6)))
          .isInstanceOf(StorageException.NotFound.class);
    }
  }

  @Test
  void everyMessageDoesWhatItSaysAndIsDurable() throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      for (var message :
          new String[] {
            "create_thin 0",
            "create_snap 1 0",
            "  create_thin   2 ",
            "delete 2",
            "set_transaction_id 0 1",
            "reserve_metadata_snap",
            "release_metadata_snap"
          }) {
        scenario.pool().message(message);
        assertThat(scenario.metadata.unflushedCount()).as(message).isZero();
      }
      scenario.crash(new Random(3));
      assertThat(scenario.pool().devices())
          .extracting(DeviceDetails::id)
          .containsExactly(new ThinId(0), new ThinId(1));
      assertThat(scenario.pool().status().transactionId()).isEqualTo(1);
      assertThat(scenario.pool().status().heldRoot()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "create",
        "create_thin",
        "create_thin 1 2",
        "create_thin x",
        "create_thin -1",
        "create_thin 16777216",
        "create_thin 99999999999999999999",
        "create_snap 1",
        "create_snap 1 0 2",
        "create_snap 16777216 0",
        "create_snap 1 y",
        "delete",
        "delete 1 2",
        "set_transaction_id 1",
        "set_transaction_id 0 z",
        "set_transaction_id 1 2 3",
        "reserve_metadata_snap 1",
        "release_metadata_snap 1"
      })
  void aMessageThatIsNoneIsRefusedAndChangesNothing(String message) throws IOException {
    try (var scenario = new ScenarioPool(64)) {
      scenario.pool().message("create_thin 0");
      var before = scenario.pool().statusLine();
      assertThatThrownBy(() -> scenario.pool().message(message))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageNotContaining("\n");
      assertThat(scenario.pool().statusLine()).isEqualTo(before);
    }
  }
}
