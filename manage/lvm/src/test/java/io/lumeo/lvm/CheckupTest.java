package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.Pool;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import io.lumeo.testing.ScriptedCommands;
import io.lumeo.testing.Transcript;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a close look at the example host finds that the model has no word for.
class CheckupTest {
  private static final long MIB = 1 << 20;

  @ParameterizedTest
  @ValueSource(strings = {"debian12.transcript", "debian13.transcript"})
  void whatOnlyLvmSaysIsThere(String recording) throws StorageFailure {
    var recorded = Transcript.ofLvmHost(recording);
    var checkup =
        checkup(
            ScriptedCommands.answering(
                command -> recorded.answer(command).orElseGet(() -> backups(command))));
    var inventory = checkup.inventory();
    assertThat(checkup.version()).matches("2\\.03\\.\\d\\d");
    assertThat(checkup.watching().extendsSnapshots()).isFalse();

    var main = inventory.pool("main").map(Pool::uuid).flatMap(checkup::group).orElseThrow();
    assertThat(main.spareBytes()).isEqualTo(4 * MIB);
    assertThat(main.usable()).isTrue();
    assertThat(main.moves()).isEmpty();
    var half = inventory.pool("half").map(Pool::uuid).flatMap(checkup::group).orElseThrow();
    assertThat(half.usable()).as("a device is missing").isFalse();

    var pool = inventory.pool("pool").map(Pool::uuid).flatMap(checkup::thinPool).orElseThrow();
    assertThat(pool.discards()).isEqualTo("passdown");
    assertThat(pool.kernelTransaction()).isEqualTo(pool.reportedTransaction()).isPresent();
    assertThat(pool.needsCheck()).isFalse();
    assertThat(pool.metadataSnapshotHeld()).isFalse();
    assertThat(pool.active()).isTrue();

    assertThat(volume(checkup, "main/grown").fileSystemBytes()).isEqualTo(20 * MIB);
    assertThat(volume(checkup, "main/files-night").skipsActivation()).isTrue();
    assertThat(volume(checkup, "main/before-upgrade").largestStoreBytes())
        .as("48 MiB and their exception table")
        .isEqualTo(52 * MIB);
    assertThat(volume(checkup, "main/my-data").largestStoreBytes()).isZero();
    assertThat(checkup.devices())
        .filteredOn(Checkup.PhysicalVolume::missing)
        .extracting(Checkup.PhysicalVolume::group)
        .containsExactly("half");
    assertThat(checkup.devices()).hasSize(6);
  }

  @Test
  void backupsAreKnownByTheirSequence() throws StorageFailure {
    var recorded = Transcript.ofLvmHost("debian12.transcript");
    var checkup =
        checkup(
            ScriptedCommands.answering(
                command -> recorded.answer(command).orElseGet(() -> backups(command))));
    var backups = checkup.backups();
    assertThat(backups.enabled()).isTrue();
    assertThat(backups.sequence("main")).hasValue(17);
    assertThat(backups.sequence("half")).isEmpty();
    assertThat(backups.archiveFolder()).isEqualTo("/var/lib/lvm/archive");
    assertThat(backups.archivedFiles()).isEqualTo(2);
  }

  private static CommandResult backups(Command command) {
    return switch (command.program()) {
      case "lvm" ->
          ScriptedCommands.success(
              "backup=1\nbackup_dir=\"/etc/lvm/backup\"\narchive_dir=\"/var/lib/lvm/archive\"\n");
      case "grep" -> ScriptedCommands.success("/etc/lvm/backup/main\0\tseqno = 17\nodd line\n");
      case "find" -> ScriptedCommands.success("/var/lib/lvm/archive/a.vg\n/x/b.vg\n\n");
      default -> throw new AssertionError("not recorded: " + command);
    };
  }

  private static Checkup checkup(Commands commands) throws StorageFailure {
    var nowhere = Path.of("/nowhere");
    return new LvmSystem(
            "host",
            commands,
            nowhere,
            new DriverRules(0, nowhere, 50, 30, nowhere),
            InstantSource.fixed(Instant.EPOCH),
            new Random(1))
        .checkup();
  }

  private static Checkup.LogicalVolume volume(Checkup checkup, String name) {
    return checkup
        .inventory()
        .volume(name)
        .map(Volume::uuid)
        .flatMap(checkup::volume)
        .orElseThrow();
  }
}
