package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceLockTest {
  @TempDir Path directory;

  @Test
  void aSecondOpenerInThisProcessIsRefused() throws IOException {
    var path = Files.createFile(directory.resolve("pool.meta"));
    try (var device = FileDevice.open(path, Access.READ_WRITE)) {
      device.lockExclusively();
      assertThatThrownBy(() -> DeviceLock.acquire(path))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessage(
              "pool.meta is in use by this process (%d), which has it open already; stop it or use another pool",
              ProcessHandle.current().pid());
    }
    DeviceLock.acquire(path).close();
  }

  @Test
  void closingAnotherOpeningDoesNotDropTheLock() throws IOException {
    var path = Files.createFile(directory.resolve("pool.meta"));
    try (var lock = DeviceLock.acquire(path)) {
      FileDevice.open(path, Access.READ_WRITE).close();
      Files.readAllBytes(path);
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> DeviceLock.acquire(path)).isInstanceOf(StorageException.Busy.class);
    }
  }

  @Test
  void theProcessThatHoldsItIsNamed() throws Exception {
    var path = Files.createFile(directory.resolve("pool.meta"));
    var holder =
        new ProcessBuilder("flock", "--exclusive", path.toString(), "sh", "-c", "echo held; read x")
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      assertThatThrownBy(() -> DeviceLock.acquire(path))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageContaining("in use by process " + holder.pid() + " (flock --exclusive");
    } finally {
      holder.outputWriter().close();
      holder.waitFor();
    }
    DeviceLock.acquire(path).close();
  }

  @Test
  void theHolderIsFoundByDeviceAndInode() {
    var locks =
        List.of(
            "1: POSIX  ADVISORY  WRITE 10 08:01:55 0 EOF",
            "2: FLOCK  ADVISORY  WRITE 11 08:02:55 0 EOF",
            "3: FLOCK  ADVISORY  WRITE 12 08:01:55 0 EOF",
            "3: -> FLOCK  ADVISORY  WRITE 13 08:01:55 0 EOF",
            "4: FLOCK  ADVISORY  WRITE 14 00:2a:77 0 EOF");
    assertThat(DeviceLock.holderPid(locks, 0x801, 55)).isEqualTo(12);
    assertThat(DeviceLock.holderPid(locks, 0x99, 77)).isEqualTo(14);
    assertThat(DeviceLock.holderPid(locks, 0x99, 55)).isZero();
    assertThat(DeviceLock.holderPid(locks, 0x99, 1)).isZero();
  }

  @Test
  void aLongCommandLineKeepsItsEnds() {
    assertThat(DeviceLock.abbreviated("lumeo up")).isEqualTo("lumeo up");
    assertThat(DeviceLock.abbreviated("java " + "-Dx ".repeat(50) + "lumeo up"))
        .startsWith("java -Dx")
        .endsWith("lumeo up")
        .hasSize(100);
  }

  @Test
  void whatIsMissingCannotBeLocked() {
    assertThatThrownBy(() -> DeviceLock.acquire(directory.resolve("missing")))
        .isInstanceOf(StorageException.NotFound.class);
  }
}
