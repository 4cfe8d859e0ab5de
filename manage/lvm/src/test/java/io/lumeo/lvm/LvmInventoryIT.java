package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.Commands;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.KernelRig;
import io.lumeo.testing.LvmTools;
import io.lumeo.testing.Transcript;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A host with one of each kind of volume, read by Debian 12's LVM and by Debian 13's. With
/// `-Drewrite` it also records what they say, for [RecordedHostTest].
class LvmInventoryIT {
  @TempDir static Path folder;

  private static KernelRig guest;

  @BeforeAll
  static void makeTheHost() throws IOException {
    guest = ExampleHost.boot(folder);
  }

  @AfterAll
  static void powerOff() {
    if (guest != null) {
      guest.close();
    }
  }

  @Test
  void itIsWhatItIsToDebian12() throws Exception {
    readAndCheck(guest.commands(), "debian12.transcript");
  }

  @Test
  void itIsTheSameToDebian13() throws Exception {
    readAndCheck(guest.commands(LvmTools.ofDebian13()), "debian13.transcript");
  }

  private static void readAndCheck(Commands host, String recording) throws Exception {
    var transcript = new Transcript();
    var commands = transcript.recording(host);
    var state = new LvmReader(commands, InstantSource.fixed(Instant.EPOCH)).read();
    ExampleHost.check(state);
    ExampleHost.checkSamples(state, new UsageReader(commands).usage(state));
    if (System.getProperty("rewrite", "").equals("true")) {
      transcript.write(Transcript.fileOfLvmHost(recording));
    }
  }

  @Test
  void contentsAreLookedForOnlyWhereTheyAreWanted() throws StorageFailure {
    var reader = new LvmReader(guest.commands(), InstantSource.system());
    var all = reader.read(Set.of());
    assertThat(all.contents()).isEmpty();
    var one =
        all.report().groups().stream()
            .flatMap(group -> group.volumes().stream())
            .filter(volume -> volume.name().equals("my-data"))
            .findFirst()
            .orElseThrow();
    assertThat(reader.read(Set.of(one.uuid())).contents()).containsOnlyKeys(one.uuid());
  }

  @Test
  void aDeviceThatIsNotLvmsIsProbed() throws StorageFailure {
    var reader = new LvmReader(guest.commands(), InstantSource.system());
    assertThat(reader.probe("/dev/ubdf").type()).isEqualTo("LVM2_member");
    assertThat(reader.probe("/dev/ubde").type()).isEmpty();
    assertThatThrownBy(() -> reader.probe("/dev/none"))
        .isInstanceOf(StorageFailure.NotFound.class)
        .hasMessageContaining("/dev/none");
  }
}
