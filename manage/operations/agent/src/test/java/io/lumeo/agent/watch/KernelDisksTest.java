package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.configuration.HostSettings;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.ScriptedCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KernelDisksTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
  private static final HostSettings.Location LVM = new HostSettings.LocalLvm(Duration.ofMinutes(2));
  private static final String GROUP = "a".repeat(32);
  private static final String VOLUME = "uVnq3kAhf2XdcM0CZYXiyQPbLnhUNuWZ";

  private final KernelDisks disks = new KernelDisks();
  private String statistics =
      """
         8       0 sda 1 2 3 4 5 6 7 8 9 10 11
       253       0 dm-0 10 20 30 40 50 60 70 80 90 100 110 0 0 0 0 0 0
       253       1 dm-1 1 1 1 1 1 1 1 1 1 1 1
      """;
  private final ScriptedCommands host = ScriptedCommands.answering(this::answer);

  private CommandResult answer(Command command) {
    return command.program().equals("cat")
        ? ScriptedCommands.success(statistics)
        : ScriptedCommands.success(
            "253\t0\tLVM-%s%s\n253\t1\tLVM-%s%s-real\n253\t2\tCRYPT-x\n"
                .formatted(GROUP, VOLUME, GROUP, VOLUME));
  }

  @Test
  void countersAreThoseOfTheVolumeAndNotOfWhatLiesBelowIt() throws StorageFailure {
    var read = disks.read(Fleet.host("db1").setup(LVM, host), NOW);
    assertThat(read).containsOnlyKeys("uVnq3k-Ahf2-XdcM-0CZY-XiyQ-PbLn-hUNuWZ");
    assertThat(read.values().iterator().next().reads()).isEqualTo(10);
  }

  @Test
  void devicesAreAskedForAgainOnlyWhenThereAreOthers() throws StorageFailure {
    var setup = Fleet.host("db1").setup(LVM, host);
    disks.read(setup, NOW);
    disks.read(setup, NOW);
    assertThat(host.ran()).extracting(Command::program).containsExactly("cat", "dmsetup", "cat");
    disks.read(setup, NOW.plusSeconds(60));
    assertThat(host.ran()).hasSize(5);
    statistics += " 253 2 dm-2 1 1 1 1 1 1 1 1 1 1 1\n";
    disks.read(setup, NOW.plusSeconds(60));
    assertThat(host.ran()).hasSize(7);
  }

  @Test
  void aPoolOfLumeosHasNoBlockDevices() throws StorageFailure {
    var pool = new HostSettings.LumeoPool(Path.of("/srv/pool"));
    assertThat(disks.read(Fleet.host("images").setup(pool, host), NOW)).isEmpty();
    assertThat(host.ran()).isEmpty();
  }

  @Test
  void whatGoesWrongIsSaid() {
    assertFails(ScriptedCommands.answering(any -> ScriptedCommands.failure(1, "no")), "status 1");
    assertFails(
        ScriptedCommands.answering(any -> ScriptedCommands.success("8 0 sda 1 2\n")),
        "is not as expected");
    assertFails(
        ScriptedCommands.answering(any -> {
          throw new CommandFailure.TimedOut("cat hangs");
        }),
        "cat hangs");
    assertFails(
        ScriptedCommands.answering(any -> {
          throw new InterruptedException("stop");
        }),
        "was interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  private void assertFails(ScriptedCommands commands, String why) {
    assertThatThrownBy(() -> disks.read(Fleet.host("db1").setup(LVM, commands), NOW))
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining(why);
  }
}
