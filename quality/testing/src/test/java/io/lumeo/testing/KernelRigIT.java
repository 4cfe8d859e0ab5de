package io.lumeo.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelRigIT {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  @Test
  void theKernelMakesAPoolThatThinCheckAccepts() throws IOException {
    var metadata = file("pool.meta", 4 * MIB);
    var data = file("pool.data", 256 * MIB);
    try (var guest = KernelRig.boot(List.of(metadata, data))) {
      guest
          .run(
              "dmsetup",
              "create",
              "pool",
              "--table",
              "0 524288 thin-pool /dev/ubda /dev/ubdb 128 0 1 skip_block_zeroing")
          .expectSuccess();
      guest.run("dmsetup", "message", "pool", "0", "create_thin 0").expectSuccess();
      guest.run("dmsetup", "create", "v", "--table", "0 409600 thin /dev/mapper/pool 0");
      guest
          .shell(
              """
              mkfs.ext4 -q /dev/mapper/v
              mount /dev/mapper/v /mnt
              echo "kept by the kernel" >/mnt/file
              umount /mnt
              dmsetup suspend v
              dmsetup message pool 0 'create_snap 1 0'
              dmsetup resume v
              dmsetup remove v
              dmsetup remove pool
              """)
          .expectSuccess();
    }
    ThinTools.expectClean(metadata);
    assertThat(ThinTools.dump(metadata))
        .contains("dev_id=\"0\"", "dev_id=\"1\"", "data_block_size=\"128\"");
    assertThat(ThinTools.list(metadata, "DEV,SHARED_BLOCKS").lines()).hasSize(3);
    assertThat(ThinTools.delta(metadata, 0, 1)).contains("<same").doesNotContain("<different");
  }

  @Test
  void lvmMakesVolumesThere() throws IOException {
    var disk = file("pv", 300 * MIB);
    try (var guest = KernelRig.boot(List.of(disk))) {
      guest.run("pvcreate", guest.disk(0)).expectSuccess();
      guest.run("vgcreate", "vg", guest.disk(0)).expectSuccess();
      guest
          .run("lvcreate", "-T", "-L", "100M", "-V", "1G", "-n", "thin", "vg/pool")
          .expectSuccess();
      assertThat(guest.run("lvs", "--reportformat", "json").expectSuccess().stdout())
          .contains("\"lv_name\":\"thin\"");
    }
  }

  @Test
  void whatACommandSaysAndAnswersIsReported() throws IOException {
    try (var guest = KernelRig.boot(List.of())) {
      var result =
          guest.run("sh", "-c", "echo \"$1\"; echo wrong >&2; exit 3", "sh", "it's \"so\"");
      assertThat(result.stdout()).isEqualTo("it's \"so\"\n");
      assertThat(result.stderr()).isEqualTo("wrong\n");
      result.expectExit(3);
      assertThat(guest.shell("false; echo unreached").exit()).isEqualTo(1);
      assertThat(guest.run("cat", "/proc/sys/kernel/osrelease").stdout()).matches("\\d.*\n");
    }
  }

  @Test
  void theGuestIsAHostThatCommandsAreRunOn() throws Exception {
    KernelRig guest = KernelRig.boot(List.of());
    try (guest) {
      var host = guest.commands();
      var result =
          host.run(
              Command.of("sh", "-c", "cat; echo \"$1 $MINE\" >&2; exit 3", "sh", "it's")
                  .reading("input")
                  .with("MINE", "a 'b'"));
      assertThat(result.exit()).isEqualTo(3);
      assertThat(result.stdout()).isEqualTo("input");
      assertThat(result.stderr()).isEqualTo("it's a 'b'\n");
      assertThat(host.run(Command.of("cat")).stdout()).as("closed input").isEmpty();
      assertThat(host.run(Command.of("seq", "1000").keeping(10)))
          .returns(true, CommandResult::truncated)
          .returns("1\n2\n3\n4\n5\n", CommandResult::stdout);
      assertThatThrownBy(() -> host.run(Command.of("no-such-program")))
          .isInstanceOf(CommandFailure.NotStarted.class);
      assertThatThrownBy(() -> host.run(Command.of("sleep", "1000").within(Duration.ofSeconds(1))))
          .isInstanceOf(CommandFailure.TimedOut.class);
      assertThat(guest.run("pgrep", "-x", "sleep").exit()).as("it is ended").isEqualTo(1);
    }
    assertThatThrownBy(() -> guest.commands().run(Command.of("true")))
        .isInstanceOf(CommandFailure.Unreachable.class);
  }

  @Test
  void whatWaitsForASuspendedDeviceIsStuck() throws Exception {
    try (var guest = KernelRig.boot(List.of(file("disk", 16 * MIB)))) {
      guest
          .shell(
              """
              dmsetup create frozen --table "0 8192 linear %s 0"
              dmsetup suspend frozen
              """
                  .formatted(guest.disk(0)))
          .expectSuccess();
      var write =
          Command.of(
              "dd", "if=/dev/zero", "of=/dev/mapper/frozen", "bs=4k", "count=1", "oflag=direct");
      assertThatThrownBy(() -> guest.commands().run(write.within(Duration.ofSeconds(1))))
          .isInstanceOf(CommandFailure.Stuck.class);
      assertThat(guest.commands().run(Command.of("true")).succeeded())
          .as("others run beside it")
          .isTrue();
      guest.shell("dmsetup resume frozen").expectSuccess();
    }
  }

  private Path file(String name, long sizeBytes) throws IOException {
    var path = directory.resolve(name);
    FileDevice.create(path, sizeBytes).close();
    return path;
  }
}
