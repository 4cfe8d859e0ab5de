package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every command about a pool that destroys asks, and every one that can be tried dry changes
/// nothing then. A new command is missing here until it has its line.
@Timeout(60)
class ConsentTest {
  private static final int BLOCK_BYTES = 65536;

  /// What each command would destroy of the pool below.
  private static final Map<String, String> ASKING =
      Map.of(
          "pool message", "delete 0",
          "snapshot delete", "s",
          "snapshot rollback", "v --to s",
          "volume delete", "v",
          "volume resize", "v 1M");

  /// What each command would do to the pool below.
  private static final Map<String, String> DRY =
      Map.ofEntries(
          Map.entry("clone", "s c"),
          Map.entry("pool create", "--data-size 64M"),
          Map.entry("pool extend", "--data-size +64M --meta-size 32M"),
          Map.entry("pool message", "delete 0"),
          Map.entry("pool set", "--low-water 1M --read-only"),
          Map.entry("snapshot create", "v t"),
          Map.entry("snapshot delete", "s"),
          Map.entry("snapshot rollback", "v --to s"),
          Map.entry("volume create", "w 1G --tag a"),
          Map.entry("volume delete", "v"),
          Map.entry("volume mount", "v /mnt/nowhere"),
          Map.entry("volume resize", "v 1M"),
          Map.entry("volume trim", "v"),
          Map.entry("volume umount", "v"));

  /// Those that change nothing. `pool check` is its own dry run: without `--clear-needs-check` it
  /// only says whether the mark would be taken away.
  private static final Set<String> READING =
      Set.of(
          "pool check",
          "pool dump",
          "pool list",
          "pool show",
          "pool status",
          "snapshot list",
          "snapshot show",
          "volume list",
          "volume show");

  /// Those that have something else to object to where nobody serves the pool.
  private static final Map<String, Integer> OBJECTING =
      Map.of("pool create", 4, "volume mount", 9, "volume umount", 3);

  @TempDir Path scratch;

  private Path directory;
  private CommandLineFixture lumeo;
  private CommandTree commands;

  @BeforeEach
  void makeAPoolThatHasSomethingToLose() throws IOException {
    directory = scratch.resolve("pool");
    lumeo = new CommandLineFixture(directory);
    commands = new CommandTree(scratch);
    ok("pool create --data-size 64M");
    ok("volume create v 1G --tag kept");
    write(7);
    ok("snapshot create v s");
    write(0);
  }

  private void ok(String line) {
    var outcome = lumeo.run(line.split(" ", -1));
    assertThat(outcome.err()).as(line).isEmpty();
    assertThat(outcome.exitCode()).as(line).isZero();
  }

  private void write(int value) throws IOException {
    try (var volumes = Volumes.open(PoolFiles.in(directory), null);
        var device = volumes.open("v");
        var arena = Arena.ofConfined()) {
      device.write(0, arena.allocate(2L * BLOCK_BYTES).fill((byte) value));
      device.flush();
    }
  }

  /// The bytes of every file but the data, and of those the size.
  private Map<String, Object> onDisk() throws IOException {
    var content = new TreeMap<String, Object>();
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        var name = file.getFileName().toString();
        content.put(
            name,
            name.equals("pool.data")
                ? Files.size(file)
                : HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return content;
  }

  @Test
  void noCommandIsForgotten() {
    assertThat(commands.having("--yes", "--dir")).isEqualTo(ASKING.keySet());
    assertThat(commands.having("--dry-run", "--dir")).isEqualTo(DRY.keySet());
    assertThat(commands.having("--dry-run")).containsAll(commands.having("--yes", "--dir"));
  }

  @Test
  void whatChangesAPoolCanBeTriedDry() {
    var changing = new TreeSet<>(commands.having("--dir"));
    changing.removeAll(READING);
    assertThat(changing).isEqualTo(DRY.keySet());
    assertThat(commands.having("--output", "--dir"))
        .as("what lists or shows does so for programs too")
        .contains("pool list", "pool show", "snapshot list", "snapshot show")
        .contains("volume list", "volume show");
  }

  @Test
  void withoutConsentOrATerminalNothingIsDestroyed() throws IOException {
    var before = onDisk();

    ASKING.forEach((command, arguments) -> {
      var outcome = lumeo.run((command + " " + arguments).split(" ", -1));
      assertThat(outcome.err())
          .as(command)
          .startsWith("lumeo: ")
          .endsWith("; nobody is there to be asked: say --yes to do it\n")
          .hasLineCount(1);
      assertThat(outcome.out()).as(command).isEmpty();
      assertThat(outcome.exitCode()).as(command).isEqualTo(2);
    });

    assertThat(onDisk()).isEqualTo(before);
  }

  @Test
  void aNoAtTheTerminalDestroysNothingEither() throws IOException {
    var before = onDisk();

    ASKING.forEach((command, arguments) -> {
      var outcome = lumeo.answering("n", (command + " " + arguments).split(" ", -1));
      assertThat(outcome.err()).as(command).contains("Go on? [y/N]", "nothing was changed");
      assertThat(outcome.exitCode()).as(command).isEqualTo(1);
    });

    assertThat(onDisk()).isEqualTo(before);
  }

  @Test
  void tryingDryChangesNothing() throws IOException {
    var before = onDisk();

    DRY.forEach((command, arguments) -> {
      var line = command + " " + arguments + " --dry-run";
      var outcome = lumeo.run(line.split(" ", -1));
      int expected = OBJECTING.getOrDefault(command, 0);
      assertThat(outcome.exitCode()).as(line + ": " + outcome).isEqualTo(expected);
      assertThat(outcome.out().startsWith("would ")).as(line).isEqualTo(expected == 0);
    });

    assertThat(onDisk()).isEqualTo(before);
  }
}
