package io.lumeo.compatibility;

import static io.lumeo.compatibility.LvmGuest.MIB;
import static io.lumeo.compatibility.LvmGuest.none;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Volumes and their file systems grow on real LVM while they are written to; and what cannot grow
/// is refused before anything has been touched.
@Order(3)
class LvmGrowthIT {
  @TempDir Path folder;

  @Test
  void volumesGrowWithTheirFileSystemsWhileTheyAreWrittenTo() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1600, 300)) {
      guest.rig.loadRaid();
      guest.shell(
          """
          vgextend -q vg %s
          lvcreate -q -y -i 2 -L 40M -n wide vg
          lvcreate -q -y --type raid1 -m 1 -L 40M -n twice vg
          lvcreate -q -y -L 40M -n ext vg
          lvcreate -q -y -L 304M -n xfs vg
          lvcreate -q -T -L 400M -V 304M -n thinxfs vg/pool
          lvcreate -q -V 40M -T vg/pool -n thinext
          """,
          guest.rig.disk(1));
      for (var name : List.of("ext", "thinext", "wide", "twice")) {
        guest.mountNew("ext4", name);
      }
      for (var name : List.of("xfs", "thinxfs")) {
        guest.mountNew("xfs", name);
      }
      var all = List.of("ext", "xfs", "thinext", "thinxfs", "wide", "twice");
      for (var name : all) {
        guest.startWriting(name);
      }
      for (var name : all) {
        long size = (guest.mib(name) + 61) * MIB;
        var plan =
            guest.system.plan(new Change.ExtendVolume(guest.uuid(name), size, WithFileSystem.GROW));
        var grown = guest.system.apply(plan, Progress.none());
        assertThat(grown.result()).isEqualTo(Result.DONE);
        assertThat(guest.mib(name)).isEqualTo(size / MIB + 3); // whole extents
        assertThat(grown.effects()).containsAll(TAKEN.getOrDefault(name, List.of()));
        assertThat(plan.notes()).anyMatch(note -> note.startsWith("rounded up to whole extents"));
        assertThatThrownBy(() -> guest.system.apply(plan, Progress.none()))
            .isInstanceOf(StorageFailure.Moved.class);
      }
      for (var name : all) {
        guest.expectWritten(name);
        var fileSystem = guest.output("df -B1 --output=size /mnt/%s | tail -1", name);
        assertThat(Long.parseLong(fileSystem.strip()))
            .isGreaterThan((guest.mib(name) - 24) * MIB * 8 / 10);
      }
      assertThat(guest.apply(new Change.GrowFileSystem(guest.uuid("ext"))).result())
          .isEqualTo(Result.UNCHANGED);
    }
  }

  /// What was foretold, and what the group has less: of what lies on two devices, twice as much.
  private static final Map<String, List<String>> TAKEN =
      Map.of(
          "wide",
              List.of(
                  "vg: 16 extents (64 MiB) taken", "vg: 16 extents (64 MiB) less free than before"),
          "twice",
              List.of(
                  "vg: 32 extents (128 MiB) taken",
                  "vg: 32 extents (128 MiB) less free than before"));

  @Test
  void whatIsHalfGrownIsFinishedAndWhatCannotGrowIsRefused() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1200)) {
      guest.shell(
          """
          lvcreate -q -y -L 40M -n ext vg
          lvcreate -q -y -L 304M -n xfs vg
          lvcreate -q -y -L 40M -n origin vg
          lvcreate -q -y -L 40M -n blank vg
          lvcreate -q -y -L 40M -n swap vg
          mkfs.ext4 -q /dev/vg/origin
          mkswap /dev/vg/swap
          lvcreate -q -s -l 5 -n snap vg/origin
          """);
      guest.mountNew("ext4", "ext");
      guest.mountNew("xfs", "xfs");

      // Somebody extended the volume and no more.
      guest.shell("lvextend -q -L 80M vg/ext; umount /mnt/ext");
      var wanted = new Change.ExtendVolume(guest.uuid("ext"), 80 * MIB, WithFileSystem.GROW);
      assertThat(guest.apply(wanted).result()).isEqualTo(Result.DONE);
      assertThat(guest.apply(wanted).result()).isEqualTo(Result.UNCHANGED);
      guest.shell("e2fsck -fn /dev/vg/ext; mount /dev/vg/ext /mnt/ext");

      // Our process is killed when the volume is larger and its file system is not.
      var killed = guest.another(DiesBefore.of("xfs_growfs"));
      var plan =
          killed.plan(new Change.ExtendVolume(guest.uuid("xfs"), 400 * MIB, WithFileSystem.GROW));
      assertThatThrownBy(() -> killed.apply(plan, Progress.none())).isInstanceOf(Died.class);
      var unfinished = guest.system.unfinished();
      assertThat(unfinished).hasSize(1);
      assertThat(guest.system.finish(unfinished.getFirst(), Progress.none()).result())
          .isEqualTo(Result.DONE);
      assertThat(guest.system.unfinished()).isEmpty();
      assertThat(guest.output("xfs_info /mnt/xfs | grep '^data'")).contains("blocks=102400");

      refused(guest, "origin", 80, "only while it is inactive");
      var byHand = guest.byHand("lvextend -L 80M vg/origin").expectExit(5);
      assertThat(byHand.stderr())
          .contains("Snapshot origin volumes can be resized only while inactive");
      refused(guest, "blank", 80, "nothing that is recognised");
      refused(guest, "swap", 80, "holds a swap, which Lumeo does not grow");
      refused(guest, "xfs", 40, "never makes anything smaller");
      guest.shell("umount /mnt/xfs");
      refused(guest, "xfs", 480, "XFS grows only while mounted");
      guest.shell("lvchange -an vg/origin");
      for (var name : List.of("blank", "swap", "origin")) {
        var extended =
            guest.apply(new Change.ExtendVolume(guest.uuid(name), 80 * MIB, WithFileSystem.LEAVE));
        assertThat(extended.result()).as(name).isEqualTo(Result.DONE);
        assertThat(guest.mib(name)).isEqualTo(80);
      }
      assertThatThrownBy(() ->
              guest.apply(new Change.CreateVolume(guest.group(), "large", 4000 * MIB, none())))
          .isInstanceOf(StorageFailure.OutOfSpace.class);
    }
  }

  private static void refused(LvmGuest guest, String name, long mib, String why) {
    assertThatThrownBy(() ->
            guest.apply(new Change.ExtendVolume(guest.uuid(name), mib * MIB, WithFileSystem.GROW)))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(why);
  }

  /// As if the process had been killed.
  private static final class Died extends Error {
    private static final long serialVersionUID = 1;
  }

  /// Commands of a process that dies before it runs that program for its work.
  private record DiesBefore(Commands commands, String program) implements Commands {
    static UnaryOperator<Commands> of(String program) {
      return commands -> new DiesBefore(commands, program);
    }

    @Override
    public String host() {
      return commands.host();
    }

    @Override
    public CommandResult run(Command command) throws CommandFailure, InterruptedException {
      if (command.program().equals(program) && !command.arguments().contains("-V")) {
        throw new Died();
      }
      return commands.run(command);
    }
  }
}
