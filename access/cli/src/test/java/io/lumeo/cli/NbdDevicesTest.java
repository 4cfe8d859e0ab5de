package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.cli.NbdDevices.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NbdDevicesTest {
  @TempDir Path root;

  private NbdDevices devices;

  @BeforeEach
  void makeTwoDevices() throws IOException {
    devices = new NbdDevices(root);
    assertThat(devices.exist()).isFalse();
    for (var name : new String[] {"nbd0", "nbd1"}) {
      Files.createDirectories(root.resolve("dev"));
      Files.createFile(root.resolve("dev").resolve(name));
      Files.createDirectories(root.resolve("sys/block").resolve(name));
    }
  }

  private void connect(String name, long pid) throws IOException {
    Files.writeString(root.resolve("sys/block").resolve(name).resolve("pid"), pid + "\n");
  }

  private void run(long pid, long startTicks) throws IOException {
    var stat = Files.createDirectories(root.resolve("proc/" + pid)).resolve("stat");
    Files.writeString(
        stat,
        pid
            + " (nbd) client)) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
            + startTicks
            + " 9\n");
  }

  @Test
  void theFirstThatNobodyHasConnectedIsFree() throws Exception {
    assertThat(devices.exist()).isTrue();
    assertThat(devices.free()).isEqualTo("/dev/nbd0");
    connect("nbd0", 5);
    assertThat(devices.free()).isEqualTo("/dev/nbd1");
    connect("nbd1", 6);
    assertThatThrownBy(devices::free)
        .isInstanceOf(StorageException.Busy.class)
        .hasMessage("every /dev/nbd device is in use; disconnect one with 'nbd-client -d'");
  }

  @Test
  void aConnectionIsKnownByItsProcessAndWhenThatBegan() throws Exception {
    assertThat(devices.connection("/dev/nbd0")).isEmpty();
    connect("nbd0", 5);
    assertThat(devices.connection("/dev/nbd0")).hasValue(new Connection(5, null));
    run(5, 1234);
    assertThat(devices.connection("/dev/nbd0")).hasValue(new Connection(5, 1234L));
  }

  @Test
  void whoeverConnectedItAfterUsIsNotUs() {
    var ours = new Connection(5, 1234L);
    assertThat(ours.isStill(new Connection(5, 1234L))).isTrue();
    assertThat(ours.isStill(new Connection(6, 1234L))).isFalse();
    assertThat(ours.isStill(new Connection(5, 99_999L))).as("the number is used again").isFalse();

    var leftToTheKernel = new Connection(5, null);
    assertThat(leftToTheKernel.isStill(new Connection(5, 99_999L))).isTrue();
    assertThat(leftToTheKernel.isStill(new Connection(6, null))).isFalse();
  }
}
