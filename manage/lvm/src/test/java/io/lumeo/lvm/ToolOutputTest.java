package io.lumeo.lvm;

import static io.lumeo.testing.ScriptedCommands.failure;
import static io.lumeo.testing.ScriptedCommands.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.lvm.FileSystemSpan.Question;
import io.lumeo.lvm.LvmSettings.Extension;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.ScriptedCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the tools beside LVM write, and what becomes of their failures.
class ToolOutputTest {

  @Test
  void mountsAreFoundByNumberAndByPath() {
    var table =
        MountTable.parse(
            """
            {"filesystems": [
              {"target":"/", "source":"/dev/sda1", "maj:min":"8:1", "fstype":"ext4",
               "options":"rw,relatime", "used":100, "avail":"200",
               "children": [
                 {"target":"/srv/long", "source":"/dev/mapper/vg-b[/sub]", "maj:min":"0:44",
                  "fstype":"btrfs", "options":"ro", "used":null, "avail":null},
                 {"target":"/b", "source":"/dev/mapper/vg-b", "maj:min":"0:45", "fstype":"btrfs",
                  "options":"rw", "used":1, "avail":2}]}
            ], "later": {"x": 1}}
            """);
    assertThat(table.of("8:1", List.of()))
        .containsExactly(
            new Mount("/", "/dev/sda1", "8:1", "ext4", List.of("rw", "relatime"), 100L, 200L));
    assertThat(table.of("254:3", List.of("/dev/vg/b", "/dev/mapper/vg-b")))
        .extracting(Mount::target)
        .containsExactly("/b", "/srv/long");
    assertThat(table.of("254:3", List.of("/dev/mapper/vg-b")).getLast().readOnly()).isTrue();
    assertThat(table.of("1:1", List.of("/dev/none"))).isEmpty();
  }

  @Test
  void noMountAtAllIsNoFailureAndNoJsonIs() throws StorageFailure {
    assertThat(MountTable.read(host(_ -> failure(1, ""))).mounts()).isEmpty();
    assertThatThrownBy(() -> MountTable.read(host(_ -> success("mounted?"))))
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessageContaining("findmnt");
    assertThatThrownBy(() -> MountTable.read(host(_ -> failure(2, "bad"))))
        .isInstanceOf(StorageFailure.CommandFailed.class);
  }

  @Test
  void blkidsWordsAreReadForEachDevice() {
    var found =
        BlockProbe.parse(
            """
            DEVNAME=/dev/vg/a
            UUID=1-2
            LABEL=it\\'s
            TYPE=ext4
            USAGE=filesystem
            FSBLOCKSIZE=4096
            FSLASTBLOCK=1000

            DEVNAME=/dev/vg/b
            PTTYPE=gpt
            """);
    assertThat(found.get("/dev/vg/a"))
        .returns("ext4", BlockProbe::type)
        .returns("filesystem", BlockProbe::usage)
        .returns("1-2", BlockProbe::uuid)
        .returns(4_096_000L, probe -> probe.spannedBytes().orElseThrow());
    assertThat(found.get("/dev/vg/a").values()).containsEntry("LABEL", "it's");
    assertThat(found.get("/dev/vg/b"))
        .returns("gpt", BlockProbe::type)
        .returns("partitiontable", BlockProbe::usage)
        .returns(true, probe -> probe.spannedBytes().isEmpty());
  }

  @Test
  void blkidIsAskedAgainAfterADeviceOnWhichItStopped() throws StorageFailure {
    var types = Map.of("/dev/a", "ext4", "/dev/c", "xfs", "/dev/e", "swap");
    var devices = List.of("/dev/a", "/dev/b", "/dev/c", "/dev/d", "/dev/two", "/dev/bad", "/dev/e");
    var warnings = new ArrayList<String>();
    var found = BlockProbe.all(host(command -> blkid(command, types)), devices, warnings);
    assertThat(found)
        .containsOnlyKeys("/dev/a", "/dev/b", "/dev/c", "/dev/d", "/dev/two", "/dev/e");
    assertThat(found.get("/dev/b")).isEqualTo(BlockProbe.NOTHING);
    assertThat(found.get("/dev/two").ambivalent()).isTrue();
    assertThat(found.get("/dev/e").type()).isEqualTo("swap");
    assertThat(warnings).singleElement().asString().contains("/dev/bad");
  }

  /// As blkid does with several devices: it ends at the first that it has no answer for.
  private static CommandResult blkid(Command command, Map<String, String> types) {
    var output = new StringBuilder();
    var devices = command.arguments().subList(5, command.arguments().size());
    for (var device : devices) {
      if (!types.containsKey(device)) {
        int exit = device.equals("/dev/two") ? 8 : device.equals("/dev/bad") ? 4 : 2;
        return new CommandResult(exit, output.toString(), "", Duration.ZERO, false);
      }
      output.append("DEVNAME=%s\nTYPE=%s\n\n".formatted(device, types.get(device)));
    }
    return success(output.toString());
  }

  @Test
  void fileSystemsSayHowFarTheyReach() throws StorageFailure {
    assertThat(
            span(
                host(_ -> success("Block count:              5120\nBlock size:   4096\n")),
                "ext4",
                "/dev/a"))
        .hasValue(5120L * 4096);
    assertThat(
            span(
                host(_ -> success("data     =          bsize=4096   blocks=102400, imaxpct=25\n")),
                "xfs",
                "/mnt"))
        .hasValue(102400L * 4096);
    assertThat(span(host(_ -> failure(1, "no")), "xfs", "/mnt")).isEmpty();
    assertThat(span(host(_ -> success("?")), "ext3", "/dev/a")).isEmpty();
    assertThat(span(host(_ -> success("?")), "xfs", "/dev/a")).isEmpty();
    var without =
        host(command -> {
          throw new CommandFailure.NotStarted(command + " is not there");
        });
    assertThat(span(without, "ext4", "/dev/a")).isEmpty();
  }

  private static Optional<Long> span(HostCommands host, String type, String place)
      throws StorageFailure {
    var question = new Question(type, place);
    return Optional.ofNullable(FileSystemSpan.ask(host, List.of(question)).get(question));
  }

  @Test
  void manyFileSystemsAreAskedByFewCommands() throws StorageFailure {
    var a = new Question("ext4", "/dev/a");
    var b = new Question("ext3", "/dev/b");
    var mounted = new Question("xfs", "/mnt/c");
    var asked = new ArrayList<String>();
    var host =
        host(command -> {
          asked.add(String.join(" ", command.arguments()));
          return switch (command.program()) {
            case "find" -> success(dump("/dev/a", 10) + dump("/dev/b", 20));
            default -> success("data     =      bsize=4096   blocks=30, imaxpct=25\n");
          };
        });
    assertThat(FileSystemSpan.ask(host, List.of(a, mounted, b)))
        .containsOnly(entry(a, 40960L), entry(b, 81920L), entry(mounted, 122880L));
    assertThat(asked)
        .containsExactlyInAnyOrder(
            "find /dev/a /dev/b -maxdepth 0 -print -exec dumpe2fs -h {} ;", "xfs_info /mnt/c");
  }

  @Test
  void whatIsNotAnsweredTogetherIsAskedAlone() throws StorageFailure {
    var a = new Question("ext4", "/dev/a");
    var b = new Question("ext4", "/dev/b");
    var halfAnAnswer =
        host(command ->
            command.program().equals("find")
                ? new CommandResult(1, dump("/dev/a", 10) + "/dev/b\n", "", Duration.ZERO, false)
                : success(dump("", 20)));
    assertThat(FileSystemSpan.ask(halfAnAnswer, List.of(a, b)))
        .containsOnly(entry(a, 40960L), entry(b, 81920L));
    var withoutFind =
        host(command -> {
          if (command.program().equals("find")) {
            throw new CommandFailure.NotStarted("find is not there");
          }
          return success(dump("", 20));
        });
    assertThat(FileSystemSpan.ask(withoutFind, List.of(a, b)))
        .containsOnly(entry(a, 81920L), entry(b, 81920L));
  }

  @Test
  void aLabelThatLooksLikeAnotherDeviceIsNotBelieved() throws StorageFailure {
    var a = new Question("ext4", "/dev/a");
    var b = new Question("ext4", "/dev/b");
    var forged = "/dev/a\nFilesystem volume name:   x\n" + dump("/dev/b", 1) + dump("", 10);
    var host =
        host(command ->
            command.program().equals("find")
                ? success(forged + dump("/dev/b", 20))
                : success(dump("", command.arguments().getLast().equals("/dev/a") ? 10 : 20)));
    assertThat(FileSystemSpan.ask(host, List.of(a, b)))
        .containsOnly(entry(a, 40960L), entry(b, 81920L));
  }

  /// What `find` writes of one: its name, and what `dumpe2fs` says.
  private static String dump(String device, int blocks) {
    return "%s\nBlock count:              %d\nBlock size:               4096\n"
        .formatted(device, blocks);
  }

  @Test
  void settingsAreLvmsOwnAndProfilesOverrideThem() throws StorageFailure {
    var settings =
        new SettingsReader(
                host(command -> {
                  if (command.program().equals("pgrep")) {
                    throw new CommandFailure.NotStarted("no pgrep");
                  }
                  if (command.program().equals("pidof")) {
                    return success("12");
                  }
                  var line = command.toString();
                  if (line.contains("--metadataprofile fast")) {
                    return success("thin_pool_autoextend_threshold=70\n");
                  }
                  if (line.contains("--metadataprofile gone")) {
                    return failure(5, "no such file");
                  }
                  if (line.contains("systemid")) {
                    return success("  system ID: here\n");
                  }
                  return success(
                      """
                      thin_pool_autoextend_threshold=80
                      thin_pool_autoextend_percent=30
                      snapshot_autoextend_threshold=100
                      monitoring=0
                      profile_dir="/etc/lvm/profile"
                      """);
                }))
            .read(Set.of("fast", "gone"));
    assertThat(settings.thinPools()).isEqualTo(new Extension(80, 30));
    assertThat(settings.snapshots().on()).isFalse();
    assertThat(settings.monitoring()).isFalse();
    assertThat(settings.monitorAlive()).isTrue();
    assertThat(settings.systemId()).isEqualTo("here");
    assertThat(settings.profileFolder()).isEqualTo("/etc/lvm/profile");
    assertThat(settings.profiles())
        .containsEntry("fast", new Extension(70, 20))
        .containsEntry("gone", Extension.OFF);
  }

  @Test
  void versionsAreReadAndCompared() {
    var old = LvmVersion.parse("  LVM version:     2.03.16(2) (2022-05-18)\n").orElseThrow();
    assertThat(old).hasToString("2.03.16").isLessThan(new LvmVersion(2, 3, 17));
    assertThat(old.isAtLeast(2, 3, 16)).isTrue();
    assertThat(old.isAtLeast(2, 4, 0)).isFalse();
    assertThat(LvmVersion.parse("bash: lvm: not found")).isEmpty();
  }

  @Test
  void failuresOfCommandsAreThoseOfStorage() {
    assertThatThrownBy(() -> host(_ -> failure(5, "a\nlast")).expectSuccess(Command.of("lvs")))
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessage("lvs on scripted ended with status 5: last");
    assertThatThrownBy(() -> throwing(new CommandFailure.TimedOut("late")).run(Command.of("lvs")))
        .isInstanceOf(StorageFailure.TimedOut.class);
    assertThatThrownBy(() -> throwing(new CommandFailure.Stuck("stuck")).run(Command.of("lvs")))
        .isInstanceOf(StorageFailure.TimedOut.class)
        .hasMessage("stuck");
    assertThatThrownBy(
            () -> throwing(new CommandFailure.Unreachable("away")).run(Command.of("lvs")))
        .isInstanceOf(StorageFailure.Unreachable.class);
    assertThatThrownBy(() ->
            host(
                    _ -> {
                      throw new InterruptedException();
                    })
                .run(Command.of("lvs")))
        .isInstanceOf(StorageFailure.Cancelled.class);
    assertThat(Thread.interrupted()).as("the interruption is kept").isTrue();
  }

  @Test
  void anAnswerThatIsCutIsNone() {
    var cut = host(_ -> new CommandResult(0, "x", "", Duration.ZERO, true));
    assertThatThrownBy(() -> cut.expectSuccess(Command.of("dmsetup", "status")))
        .hasMessageContaining("more than");
  }

  private static HostCommands throwing(CommandFailure failure) {
    return host(_ -> {
      throw failure;
    });
  }

  private static HostCommands host(ScriptedCommands.Script script) {
    return new HostCommands(ScriptedCommands.answering(script));
  }
}
