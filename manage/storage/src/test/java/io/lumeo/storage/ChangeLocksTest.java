package io.lumeo.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One writer per pool.
class ChangeLocksTest {
  @TempDir Path folder;

  @Test
  void whoComesLaterInThisProcessWaits() throws Exception {
    var locks = new ChangeLocks(folder);
    var order = new ArrayBlockingQueue<String>(2);
    var held = locks.take("u", "pool p");
    var second =
        Thread.ofVirtual()
            .start(() -> {
              try (var _ = locks.take("u", "pool p")) {
                order.add("second");
              } catch (StorageFailure e) {
                order.add(e.getMessage());
              }
            });
    order.add("first");
    held.close();
    second.join();
    assertThat(order.poll(1, TimeUnit.SECONDS)).isEqualTo("first");
    assertThat(order.poll(1, TimeUnit.SECONDS)).isEqualTo("second");
  }

  @Test
  void anotherWriterIsRefusedByItsNumberAndAnotherPoolIsFree() throws StorageFailure {
    try (var _ = new ChangeLocks(folder).take("u", "pool p")) {
      assertThatThrownBy(() -> new ChangeLocks(folder).take("u", "pool p"))
          .isInstanceOf(StorageFailure.Busy.class)
          .hasMessageContaining(
              "pool p is being changed by process " + ProcessHandle.current().pid());
      new ChangeLocks(folder).take("v", "pool q").close();
    }
    new ChangeLocks(folder).take("u", "pool p").close();
  }

  @Test
  void whoWaitsCanBeInterrupted() throws Exception {
    var locks = new ChangeLocks(folder);
    var said = new ArrayBlockingQueue<String>(1);
    try (var _ = locks.take("u", "pool p")) {
      var waiting =
          Thread.ofVirtual()
              .start(() -> {
                try (var _ = locks.take("u", "pool p")) {
                  said.add("taken");
                } catch (StorageFailure e) {
                  said.add(e.getMessage());
                }
              });
      waiting.interrupt();
      waiting.join();
    }
    assertThat(said.poll()).contains("interrupted while waiting for pool p");
  }

  @Test
  void aFolderThatCannotBeMadeIsSaid() throws IOException {
    var file = Files.writeString(folder.resolve("file"), "in the way");
    assertThatThrownBy(() -> new ChangeLocks(file).take("u", "pool p"))
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessageContaining("pool p");
  }
}
