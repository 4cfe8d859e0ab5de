package io.lumeo.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.lvm.DriverRules;
import io.lumeo.lvm.LvmSystem;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.ManyVolumes;
import io.lumeo.testing.ScriptedCommands;
import io.lumeo.testing.Transcript;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of a real host, recorded in the rig as two LVMs reported it.
class RecordedHostTest {
  /// Half a day after the recordings.
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"debian12.transcript", "debian13.transcript"})
  void whatIsWrongWithTheExampleHostIsFound(String recording) throws StorageFailure {
    var recorded = Transcript.ofLvmHost(recording);
    var host =
        ScriptedCommands.answering(
            command -> recorded.answer(command).orElseGet(() -> backups(command)));
    var examined = Doctor.examine(system(host).checkup());
    assertThat(examined.findings())
        .extracting(Finding::severity, Finding::trouble, Finding::subject)
        .contains(
            tuple(Severity.CRITICAL, Trouble.DEVICE_MISSING, "half"),
            tuple(Severity.CRITICAL, Trouble.VOLUME_FAILED, "half/across"),
            tuple(Severity.CRITICAL, Trouble.SNAPSHOT_INVALID, "main/over-snap"),
            tuple(Severity.WARNING, Trouble.POOL_OVER_PROVISIONED, "main/pool"),
            tuple(Severity.WARNING, Trouble.FILE_SYSTEM_BEHIND, "main/grown"),
            tuple(Severity.WARNING, Trouble.BACKUP_OUTDATED, "wide"),
            tuple(Severity.NOTE, Trouble.SNAPSHOT_NOT_EXTENDED, "main/before-upgrade"));
    assertThat(examined.findings())
        .filteredOn(finding -> finding.trouble() == Trouble.FILE_SYSTEM_BEHIND)
        .flatExtracting(Finding::commands)
        .containsExactly("e2fsck -f /dev/main/grown", "resize2fs /dev/main/grown");
    assertThat(NagiosAnswer.of(examined).exit()).isEqualTo(2);
    assertThat(folder).as("nothing is written").isEmptyDirectory();
  }

  /// What the recordings do not hold: a backup of `main` that is up to date, and none of `wide`.
  private static CommandResult backups(Command command) {
    return switch (command.program()) {
      case "lvm" ->
          ScriptedCommands.success(
              "backup=1\nbackup_dir=\"/etc/lvm/backup\"\narchive_dir=\"/etc/lvm/archive\"\n");
      case "grep" -> ScriptedCommands.success("/etc/lvm/backup/main\0\tseqno = 99999\n");
      case "find" -> ScriptedCommands.success("/etc/lvm/archive/main_00001-1.vg\n");
      default -> throw new AssertionError("not recorded: " + command);
    };
  }

  @Test
  void twoHundredVolumesAreWell() throws StorageFailure {
    var examined = Doctor.examine(system(new ManyVolumes(200)).checkup());
    assertThat(examined.findings())
        .extracting(Finding::trouble)
        .as("but for a spare and a backup, of which that host says nothing")
        .containsExactly(
            Trouble.NO_METADATA_SPARE, Trouble.NO_METADATA_SPARE, Trouble.BACKUP_OUTDATED);
    assertThat(examined.gauges()).hasSize(4);
  }

  private LvmSystem system(Commands commands) {
    return new LvmSystem(
        "host",
        commands,
        folder,
        new DriverRules(0, folder.resolve("vgcfg"), 50, 30, Path.of("/run/lumeo/inspect")),
        InstantSource.fixed(NOW),
        new Random(1));
  }
}
