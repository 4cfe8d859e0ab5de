package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.Command;
import io.lumeo.commands.Commands;
import io.lumeo.storage.Change;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.KernelRig;
import io.lumeo.testing.LvmTools;
import io.lumeo.testing.Transcript;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
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
  void bothComplainInTheSameWords() throws Exception {
    for (var host : List.of(guest.commands(), guest.commands(LvmTools.ofDebian13()))) {
      expectComplaint(host, Complaint.NoSpace.class, "lvcreate", "-l", "9999", "-n", "no", "main");
      expectComplaint(host, Complaint.NoSpace.class, "lvextend", "-l", "9999", "main/grown");
      expectComplaint(host, Complaint.NotLarger.class, "lvextend", "-l", "1", "main/grown");
      expectComplaint(host, Complaint.Exists.class, "lvcreate", "-l", "1", "-n", "grown", "main");
      expectComplaint(host, Complaint.OriginActive.class, "lvextend", "-l", "+1", "main/my-data");
      expectComplaint(
          host, Complaint.SnapshotInvalid.class, "lvconvert", "--merge", "main/over-snap");
      expectComplaint(host, Complaint.Gone.class, "lvremove", "main/none");
      expectComplaint(host, Complaint.Gone.class, "lvchange", "-ay", "none/none");
      expectComplaint(host, Complaint.InUse.class, "lvremove", "-y", "main/files");
      expectComplaint(host, Complaint.WantedAnswer.class, "lvremove", "wide/striped");
    }
  }

  private static void expectComplaint(
      Commands host, Class<? extends Complaint> complaint, String... command) throws Exception {
    var line = LvmCommand.of(command[0], List.of(command).subList(1, command.length));
    var result = host.run(Command.of(line));
    assertThat(result.exit()).as(result.toString()).isEqualTo(5);
    assertThat(Complaint.of(result.stderr())).as(result.stderr()).isInstanceOf(complaint);
  }

  @Test
  void aGroupThatLacksADeviceIsNotChanged() throws StorageFailure {
    var system =
        new LvmSystem(
            "guest",
            guest.commands(),
            folder.resolve("state"),
            DriverRules.defaults(),
            InstantSource.system(),
            new Random());
    var across = guest.shell("lvs --noheadings -o lv_uuid half/across").stdout().strip();
    assertThatThrownBy(() -> system.plan(new Change.Rename(across, "other")))
        .isInstanceOf(StorageFailure.Refused.class)
        .hasMessageContaining("lacks 1 of its devices");
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
