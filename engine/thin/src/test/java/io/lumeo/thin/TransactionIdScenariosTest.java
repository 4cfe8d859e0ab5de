package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What the field's suites for dm-thin try with the transaction id, a volume manager's
/// compare-and-swap number.
class TransactionIdScenariosTest {

  @Test
  @DisplayName("transaction id: set")
  void itIsSetWhenTheCurrentOneIsKnown() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().message("set_transaction_id 0 5");
      scenario.pool().message("set_transaction_id 5 3");
      assertThat(scenario.pool().status().transactionId()).isEqualTo(3);
      assertThat(scenario.pool().statusLine()).startsWith("3 ");
    }
  }

  @Test
  @DisplayName("transaction id: mismatch fails")
  void aMismatchIsRefused() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().message("set_transaction_id 0 5");
      assertThatThrownBy(() -> scenario.pool().message("set_transaction_id 4 6"))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("is 5, not 4");
      assertThat(scenario.pool().status().transactionId()).isEqualTo(5);
    }
  }

  @Test
  @DisplayName("transaction id: survives reopen")
  void itSurvivesReopeningAndAPowerCut() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().message("set_transaction_id 0 9223372036854775807");
      assertThat(scenario.reopen().status().transactionId()).isEqualTo(Long.MAX_VALUE);
      scenario.pool().message("set_transaction_id 9223372036854775807 7");
      assertThat(scenario.crash(new Random(1)).status().transactionId()).isEqualTo(7);
    }
  }

  @Test
  void itHas64BitsAndNoSign() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().message("set_transaction_id 0 18446744073709551615");
      scenario.pool().message("create_thin 0");
      assertThat(scenario.reopen().statusLine()).startsWith("18446744073709551615 ");
      assertThatThrownBy(() -> scenario.pool().message("set_transaction_id 0 1"))
          .hasMessageContaining("is 18446744073709551615, not 0");
      for (var wrong : new String[] {"18446744073709551616", "-1", "1.5", "x"}) {
        assertThatThrownBy(
                () -> scenario.pool().message("set_transaction_id 18446744073709551615 " + wrong))
            .isInstanceOf(StorageException.InvalidArgument.class)
            .hasMessageContaining("'" + wrong + "'");
      }
      scenario.pool().message("set_transaction_id 18446744073709551615 7");
      scenario.pool().close();

      var dump = new StringBuilder();
      new MetadataDump(scenario.metadata, dump, Progress.NONE).run();
      assertThat(dump)
          .contains(" transaction=\"7\"")
          .contains("dev_id=\"0\" mapped_blocks=\"0\" transaction=\"18446744073709551615\"");
    }
  }

  @Test
  void aDeviceKeepsTheTransactionIdOfItsCreation() throws IOException {
    try (var scenario = new ScenarioPool(16)) {
      scenario.pool().message("create_thin 0");
      scenario.pool().message("set_transaction_id 0 4");
      scenario.pool().message("create_snap 1 0");
      assertThat(scenario.reopen().devices())
          .containsExactly(
              new DeviceDetails(new ThinId(0), 0, 0, 0, 1),
              new DeviceDetails(new ThinId(1), 0, 4, 1, 1));
    }
  }
}
