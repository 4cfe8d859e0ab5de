package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.cli.CommandLineFixture.Outcome;
import io.lumeo.rest.Json;
import io.lumeo.testing.MetadataFile;
import io.lumeo.testing.Tool;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The commands on a pool that no server serves.
@Timeout(60)
class CommandsTest {
  @TempDir Path directory;

  private CommandLineFixture lumeo;

  @BeforeEach
  void makeAPool() {
    lumeo = new CommandLineFixture(directory);
    assertThat(lumeo.run("pool", "create", "--data-size", "64M").exitCode()).isZero();
  }

  private Outcome ok(String... words) {
    var outcome = lumeo.run(words);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exitCode()).isZero();
    return outcome;
  }

  private void fails(int exitCode, String message, Outcome outcome) {
    assertThat(outcome.err()).startsWith("lumeo: ").contains(message);
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.exitCode()).isEqualTo(exitCode);
  }

  private Object json(String... words) throws IOException {
    var all = new java.util.ArrayList<>(List.of(words));
    all.addAll(List.of("--output", "json"));
    var text = ok(all.toArray(String[]::new)).out();
    return Json.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> fields(String... words) throws IOException {
    return (Map<String, Object>) json(words);
  }

  private Map<String, String> bytesOnDisk() throws IOException {
    var sums = new TreeMap<String, String>();
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        sums.put(file.getFileName().toString(), digest(file));
      }
    }
    return sums;
  }

  private static String digest(Path file) throws IOException {
    try {
      var sha = java.security.MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(Files.readAllBytes(file)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private void fill(String volume, int blocks) throws IOException {
    try (var volumes = Volumes.open(PoolFiles.in(directory), null);
        var device = volumes.open(volume);
        var arena = Arena.ofConfined()) {
      device.write(0, arena.allocate(blocks * 65536L).fill((byte) 7));
    }
  }

  @Test
  void aVolumeLivesFromCreateToDelete() throws Exception {
    assertThat(ok("volume", "create", "v", "1G", "--tag", "a", "--quota", "32M").out())
        .isEqualTo("volume 'v' of 1 GiB created\n");
    fill("v", 3);
    assertThat(ok("volume", "list").out())
        .startsWith("NAME  KIND    ID   SIZE   MAPPED  ORIGIN  CREATED")
        .contains("v     volume   0  1 GiB  192 KiB  -       20");
    assertThat(ok("volume", "resize", "v", "+1G").out()).isEqualTo("volume 'v' has 2 GiB now\n");
    assertThat(ok("volume", "show", "v").out())
        .contains("size:            2 GiB (2147483648)")
        .contains("exclusive:       192 KiB (196608)")
        .contains("quota:           32 MiB (33554432)");
    assertThat(ok("volume", "trim", "v").out()).isEqualTo("0 B given back by 'v'\n");
    assertThat(ok("volume", "delete", "v", "--yes").out()).isEqualTo("volume 'v' deleted\n");
    assertThat(json("volume", "list")).isEqualTo(List.of());
  }

  @Test
  void aSnapshotIsTakenRolledBackToClonedAndDeleted() throws Exception {
    ok("volume", "create", "v", "1G");
    fill("v", 1);
    assertThat(ok("snapshot", "create", "v", "monday", "--tag", "daily").out())
        .isEqualTo("snapshot 'monday' taken\n");
    fill("v", 2);
    assertThat(ok("clone", "monday", "c").out()).isEqualTo("'c' is a clone of 'monday'\n");
    assertThat(ok("snapshot", "rollback", "v", "--to", "monday", "-y").out())
        .isEqualTo("'v' is as it was at 'monday'\n");
    assertThat(fields("volume", "show", "v")).containsEntry("mappedBytes", 65536L);
    assertThat(ok("snapshot", "list", "v").out()).contains("monday  snapshot");
    assertThat(json("snapshot", "list", "c")).isEqualTo(List.of());
    assertThat(ok("snapshot", "delete", "monday", "--yes").out())
        .isEqualTo("snapshot 'monday' deleted\n");
    assertThat(ok("pool", "check").out()).startsWith("sound: 2 devices, 1 data blocks");
  }

  @Test
  void snapshotsOfManyVolumesAreOfOneInstant() throws Exception {
    ok("volume", "create", "a", "1G");
    ok("volume", "create", "b", "1G");

    ok("snapshot", "create", "a", "a1", "b", "b1");
    fails(2, "'b' has no name for its snapshot", lumeo.run("snapshot", "create", "a", "a2", "b"));
    fails(4, "'b1'", lumeo.run("snapshot", "create", "a", "a2", "b", "b1"));

    assertThat((List<?>) json("snapshot", "list")).hasSize(2);
    assertThat(fields("pool", "show")).containsEntry("snapshotTime", 1L);
  }

  @Test
  void thePoolIsShownExtendedSetAndDumped() throws Exception {
    assertThat(ok("pool", "status").out())
        .matches(
            "0 131072 thin-pool 0 \\d+/4096 0/1024 - rw discard_passdown queue_if_no_space -"
                + " 1024\n");
    assertThat(ok("pool", "list").out()).contains("pool  write  64 MiB   0 B    0.0");
    ok("pool", "extend", "--data-size", "+64M", "--meta-size", "32M");
    ok(
        "pool",
        "set",
        "--low-water",
        "1M",
        "--discard",
        "no-passdown",
        "--error-if-no-space",
        "true",
        "--zero-new-blocks",
        "false",
        "--no-space-timeout",
        "5",
        "--auto-extend-step",
        "1M",
        "--auto-extend-max",
        "1G");
    assertThat(fields("pool", "show"))
        .containsEntry("dataSizeBytes", 128L << 20)
        .containsEntry("metadataSizeBytes", 32L << 20)
        .containsEntry("lowWaterBytes", 1L << 20)
        .containsEntry("discard", "no-passdown")
        .containsEntry("errorIfNoSpace", true)
        .containsEntry("zeroNewBlocks", false)
        .containsEntry("noSpaceTimeoutSeconds", 5L)
        .containsEntry("autoExtendStepBytes", 1L << 20);
    assertThat(ok("pool", "dump").out())
        .startsWith("<superblock uuid=\"\" time=\"0\" transaction=\"0\" version=\"2\"")
        .endsWith("</superblock>\n");
  }

  @Test
  void whatIsSetIsSaidInTheWordsOfTheOptions() {
    assertThat(
            ok(
                    "pool",
                    "set",
                    "--low-water",
                    "1M",
                    "--discard",
                    "no-passdown",
                    "--no-space-timeout",
                    "5")
                .out())
        .isEqualTo("set low-water 1 MiB, discard no-passdown, no-space-timeout 5 s\n");
    assertThat(
            ok(
                    "pool",
                    "set",
                    "--auto-extend-step",
                    "1M",
                    "--auto-extend-max",
                    "1G",
                    "--zero-new-blocks",
                    "--error-if-no-space",
                    "false",
                    "-n")
                .out())
        .isEqualTo(
            "would set zero-new-blocks true, error-if-no-space false, auto-extend-step 1 MiB,"
                + " auto-extend-max 1 GiB\n");
  }

  @Test
  void metadataBeyondWhatTheFormatCanAddressIsSaidToBeOfNoUse() {
    assertThat(ok("pool", "extend", "--meta-size", "20G", "-n").out())
        .isEqualTo(
            "would extend the metadata to 15.8 GiB; not 20 GiB: the format has no use for more than"
                + " 15.8 GiB of it\n");
    assertThat(ok("pool", "extend", "--meta-size", "32M", "-n").out())
        .isEqualTo("would extend the metadata to 32 MiB\n");
  }

  @Test
  void aVolumeIsMadeSmallerBySoMuchAfterTwoDashes() {
    ok("volume", "create", "v", "2G");
    String[] words = {
      "volume", "resize", "v", "--dir", directory.toString(), "--yes", "--", "-512M"
    };
    assertThat(CommandLineFixture.run(null, words).out()).isEqualTo("volume 'v' has 1.5 GiB now\n");
  }

  @Test
  void thereAreNoTwoBlankLinesInAnyHelp() {
    for (var words : List.of("--help", "pool --help", "pool set --help", "clone --help")) {
      assertThat(CommandLineFixture.run(null, words.split(" ")).out())
          .as(words)
          .doesNotContain("\n\n\n");
    }
  }

  @Test
  void theKernelsMessagesAreTaken() {
    ok("pool", "message", "create_thin", "0");
    ok("pool", "message", "create_snap 1 0");
    ok("pool", "message", "set_transaction_id", "0", "7");
    ok("pool", "message", "reserve_metadata_snap");
    assertThat(ok("pool", "status").out()).contains("thin-pool 7 ").doesNotContain(" - rw");
    ok("pool", "message", "release_metadata_snap");
    assertThat(ok("volume", "list").out()).contains("thin-0").contains("thin-1");
    fails(2, "say --yes", lumeo.run("pool", "message", "delete", "1"));
    ok("pool", "message", "delete", "1", "--yes");
    assertThat(lumeo.run("pool", "message", "set_transaction_id", "0", "8").exitCode()).isNotZero();
  }

  @Test
  void yamlHasTheFieldsOfJson() {
    ok("volume", "create", "v", "1G");

    assertThat(ok("volume", "show", "v", "-o", "yaml").out())
        .startsWith("name: v\nkind: volume\nid: 0\nsizeBytes: 1073741824\n");
  }

  @Test
  void aDryRunSaysWhatItWouldDoAndChangesNothing() throws Exception {
    ok("volume", "create", "v", "1G");
    ok("snapshot", "create", "v", "s");
    var before = bytesOnDisk();

    assertThat(ok("volume", "create", "w", "2G", "--dry-run").out())
        .isEqualTo("would create volume 'w' of 2 GiB\n");
    assertThat(ok("volume", "delete", "v", "-n").out()).isEqualTo("would delete volume 'v'\n");
    assertThat(ok("volume", "resize", "v", "1M", "-n").out())
        .isEqualTo("would resize volume 'v' from 1 GiB to 1 MiB\n");
    assertThat(ok("volume", "trim", "v", "-n").out()).startsWith("would give");
    assertThat(ok("snapshot", "create", "v", "t", "-n").out()).contains("would take");
    assertThat(ok("snapshot", "rollback", "v", "--to", "s", "-n").out()).contains("would roll 'v'");
    assertThat(ok("snapshot", "delete", "s", "-n").out()).contains("would delete snapshot 's'");
    assertThat(ok("clone", "s", "c", "-n").out()).isEqualTo("would clone 's' as 'c'\n");
    assertThat(ok("pool", "extend", "--data-size", "+1G", "-n").out()).contains("would extend");
    assertThat(ok("pool", "set", "--low-water", "1M", "-n").out()).contains("would set");
    assertThat(ok("pool", "message", "create_thin 9", "-n").out()).contains("would send");
    assertThat(json("volume", "create", "w", "2G", "--dry-run"))
        .isEqualTo(Map.of("action", "create volume 'w' of 2 GiB", "dryRun", true));
    fails(4, "'v'", lumeo.run("volume", "create", "v", "1G", "--dry-run"));

    assertThat(bytesOnDisk()).isEqualTo(before);
  }

  @Test
  void aRollbackToASnapshotOfSomethingElseIsRefusedEvenWhenDry() {
    ok("volume", "create", "v", "1G");
    ok("volume", "create", "w", "1G");
    ok("snapshot", "create", "w", "s");

    for (var how : List.of("--yes", "--dry-run")) {
      fails(
          7,
          "'s' was taken of 'w' and has nothing in common with 'v'",
          lumeo.run("snapshot", "rollback", "v", "--to", "s", how));
    }
  }

  @Test
  void aReadOnlyPoolIsNotWrittenUntilItIsSetOtherwise() throws Exception {
    ok("volume", "create", "v", "1G");
    assertThat(ok("pool", "set", "--read-only").out()).isEqualTo("set read-only true\n");

    assertThat(fields("pool", "show")).containsEntry("readOnly", true);
    var before = bytesOnDisk();
    fails(7, "read-only", lumeo.run("volume", "create", "w", "1G"));
    fails(7, "read-only", lumeo.run("pool", "set", "--low-water", "1M"));
    assertThat(ok("volume", "list").out()).contains("v ");
    assertThat(bytesOnDisk()).isEqualTo(before);

    ok("pool", "set", "--read-only", "false");
    ok("volume", "create", "w", "1G");
  }

  @Test
  void aPoolCanBeReadOnlyFromTheBeginning(@TempDir Path empty) {
    var other = new CommandLineFixture(empty);
    assertThat(other.run("pool", "create", "--data-size", "64M", "--read-only").exitCode())
        .isZero();
    fails(7, "read-only", other.run("volume", "create", "v", "1G"));
  }

  @Test
  void aDryRunOfANewPoolFindsWhatIsInTheWay(@TempDir Path scratch) throws Exception {
    var empty = new CommandLineFixture(scratch.resolve("new"));
    assertThat(empty.run("pool", "create", "--data-size", "64M", "-n").out())
        .isEqualTo(
            "would create a pool of 64 MiB in blocks of 64 KiB in %1$s/new: 16 MiB of metadata in %1$s/new/pool.meta (new), data in %1$s/new/pool.data (new)%n"
                .formatted(scratch));
    assertThat(scratch).isEmptyDirectory();

    fails(4, "already", lumeo.run("pool", "create", "-n"));
    fails(2, "holds no data block", empty.run("pool", "create", "--data-size", "1K", "-n"));
    fails(
        2,
        "already and cannot grow by itself up to 1048576",
        empty.run(
            "pool",
            "create",
            "--data-size",
            "1G",
            "--auto-extend-step",
            "1M",
            "--auto-extend-max",
            "1M",
            "-n"));
    Files.writeString(scratch.resolve("file"), "");
    fails(
        2,
        "is not a folder",
        new CommandLineFixture(scratch.resolve("file/pool")).run("pool", "create", "-n"));

    String[] where = {
      "--meta", scratch.resolve("m").toString(), "--data", scratch.resolve("d").toString()
    };
    Files.write(scratch.resolve("m"), new byte[16 << 20]);
    assertThat(at(where, "pool", "create", "--data-size", "64M", "-n").out())
        .contains(scratch.resolve("m") + " (there already)", scratch.resolve("d") + " (new)");
    try (var held = FileDevice.open(scratch.resolve("m"), FileDevice.Access.READ_WRITE)) {
      held.lockExclusively();
      fails(5, "in use", at(where, "pool", "create", "--data-size", "64M", "-n"));
    }
    Files.write(scratch.resolve("m"), "foreign".repeat(10_000).getBytes(StandardCharsets.UTF_8));
    fails(4, "something in it", at(where, "pool", "create", "--data-size", "64M", "-n"));
    assertThat(scratch.resolve("d")).doesNotExist();
  }

  @Test
  void whatDestroysAsks() {
    ok("volume", "create", "v", "1G");

    fails(2, "say --yes", lumeo.run("volume", "delete", "v"));
    fails(2, "say --yes", lumeo.run("volume", "resize", "v", "1M"));

    var declined = lumeo.answering("n", "volume", "delete", "v");
    assertThat(declined.exitCode()).isEqualTo(1);
    assertThat(declined.err())
        .contains("deleting volume 'v' loses its data, 0 B mapped. Go on? [y/N]")
        .contains("nothing was changed");
    assertThat(ok("volume", "list").out()).contains("v ");

    assertThat(lumeo.answering("yes", "volume", "delete", "v").exitCode()).isZero();
  }

  @Test
  void volumesAndSnapshotsAreNotTakenForEachOther() {
    ok("volume", "create", "v", "1G");
    ok("snapshot", "create", "v", "s");

    fails(3, "'s' is a snapshot, not a volume", lumeo.run("volume", "delete", "s", "-y"));
    fails(3, "'v' is a volume, not a snapshot", lumeo.run("snapshot", "delete", "v", "-y"));
    fails(3, "'v' is a volume", lumeo.run("snapshot", "rollback", "v", "--to", "v", "-y"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          volume create v 10X           | 2 | has the unknown unit 'X'
          volume create v 10GB          | 2 | decimal unit
          volume create v 0             | 2 | 0 bytes
          volume create v 513           | 2 | 513 bytes
          volume create v -- -5         | 2 | is not a size
          volume create                 | 2 | Missing required parameters: 'NAME', 'SIZE'
          volume create a/b 1G          | 2 | 'a/b' is not a volume name
          volume create .. 1G           | 2 | '..' is not a volume name
          volume create é 1G            | 2 | is not a volume name
          volume create thin-5 1G       | 2 | are kept for devices made outside Lumeo
          volume create v 1G --tag a,b  | 2 | is not a tag
          volume create v 1G --frob     | 2 | Unknown option: '--frob'
          volume resize none 1G         | 3 | 'none'
          volume resize none -1G        | 2 | '-1G' is taken for an option; if it is none, end the command with '-- -1G'
          volume show none              | 3 | 'none'
          snapshot create none s        | 3 | 'none'
          clone none c                  | 3 | 'none'
          snapshot rollback none        | 2 | Missing required option: '--to=SNAPSHOT'
          snapshot rollback none --to s | 3 | 'none'
          pool create --block-size 65K  | 2 | 64 KiB to 1 GiB in steps of 64 KiB
          pool set --read-only perhaps  | 2 | 'perhaps'
          volume list --catalogue names | 2 | give both --meta and --data
          volum list                    | 2 | there is no command 'volum' (did you mean 'volume'?)
          pool lst                      | 2 | there is no command 'lst' (did you mean 'list'?)
          pool extend                   | 2 | nothing to extend
          pool extend --data-size 1M    | 2 | cannot shrink
          pool set                      | 2 | nothing to set
          pool set --discard all        | 2 | 'all' is not one of
          pool set --auto-extend-max 1G | 2 | needs a step
          pool set --auto-extend-step 1M --auto-extend-max 63M | 2 | already and cannot grow by itself up to 66060288
          pool set --auto-extend-step 1M --auto-extend-max 63M -n | 2 | already and cannot grow by itself
          pool message frobnicate       | 2 | frobnicate
          pool message create_thin 16777216 | 2 | 16777216
          pool create --data-size 64M   | 4 | already
          pool list --output xml        | 2 | xml
          volume umount v               | 3 | 'v' is not mounted
          """)
  void aMistakeIsOneLineAndAnExitCode(String words, int exitCode, String message)
      throws IOException {
    var before = bytesOnDisk();

    fails(exitCode, message, lumeo.run(words.split(" ")));

    assertThat(bytesOnDisk()).isEqualTo(before);
  }

  @Test
  void aNameHas127CharactersAtMost() {
    ok("volume", "create", "n".repeat(127), "1G");
    fails(2, "is not a volume name", lumeo.run("volume", "create", "n".repeat(128), "1G"));
  }

  @Test
  void whereThereIsNoPoolThatIsSaid(@TempDir Path empty) {
    fails(3, "there is no pool in " + empty, new CommandLineFixture(empty).run("volume", "list"));
    assertThat(empty).isEmptyDirectory();
  }

  @Test
  void twoFilesAreAPoolToo(@TempDir Path other) {
    String[] where = {
      "--meta", other.resolve("m").toString(), "--data", other.resolve("d").toString()
    };

    assertThat(at(where, "pool", "create", "--data-size", "64M", "--block-size", "1M").out())
        .contains("serve it with 'lumeo up' and the same --meta and --data or make a volume");
    assertThat(at(where, "volume", "create", "v", "1G").exitCode()).isZero();
    assertThat(at(where, "volume", "list").out()).contains("v     volume");
    fails(
        2,
        "give both --meta and --data",
        CommandLineFixture.run(null, new String[] {"volume", "list", "--meta", "m"}));
  }

  @Test
  void namesAreNotKeptWhereTheyAreForgotten(@TempDir Path other) {
    String[] devices = {"--meta", "/dev/no-such-meta", "--data", "/dev/no-such-data"};
    fails(2, "say where with --catalogue FILE", at(devices, "volume", "list"));
    fails(
        3,
        "no such file",
        at(devices, "volume", "list", "--catalogue", other.resolve("names").toString()));
  }

  @Test
  void aMessageThatDeletesAsksHoweverItIsQuoted() {
    ok("pool", "message", "create_thin 77");
    assertThat(lumeo.run("pool", "message", "delete 77").exitCode()).isNotZero();
    ok("volume", "show", "thin-77");
    ok("pool", "message", "delete 77", "--yes");
  }

  private static Outcome at(String[] where, String... words) {
    var all = new java.util.ArrayList<>(List.of(words));
    all.addAll(List.of(where));
    return CommandLineFixture.run(null, all.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "pool", "volume", "snapshot", "clone", "completion", "pool create"})
  void everyLevelHasHelp(String command) {
    var words = (command + " --help").strip().split(" ");

    var outcome = CommandLineFixture.run(null, words);

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).startsWith("Usage: " + ("lumeo " + command).strip());
  }

  @Test
  void theHelpTellsEveryExitCode() {
    var help = CommandLineFixture.run(null, new String[] {"--help"}).out();

    for (var code : ExitCode.values()) {
      assertThat(help)
          .containsPattern("(?m)^ +%d +%s$".formatted(code.code(), Pattern.quote(code.meaning())));
    }
  }

  @Test
  void theVersionIsTheBuilds() {
    assertThat(CommandLineFixture.run(null, new String[] {"--version"}).out())
        .matches("lumeo \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n");
  }

  @Test
  void completionKnowsEveryCommand() {
    var script = CommandLineFixture.run(null, new String[] {"completion"}).out();

    assertThat(script).startsWith("#!/usr/bin/env bash").contains("umount", "rollback", "--yes");
  }

  /// Read by a parser that others wrote.
  @Test
  void yamlSaysWhatJsonSays() throws IOException {
    ok("volume", "create", "v", "1G", "--tag", "no");
    ok("snapshot", "create", "v", "s");
    for (var command :
        List.of(
            "pool list",
            "pool show",
            "pool status",
            "volume list",
            "volume show v",
            "snapshot list",
            "snapshot show s")) {
      var words = command.split(" ", -1);
      var yaml = ok((command + " --output yaml").split(" ", -1)).out();
      var read = new Load(LoadSettings.builder().build()).loadFromString(yaml);
      assertThat(Json.read(Json.write(read))).as(command).isEqualTo(json(words));
    }
  }

  @Test
  void bashCompletesWithIt() throws IOException {
    var script =
        Files.writeString(
            directory.resolve("completion"),
            CommandLineFixture.run(null, new String[] {"completion"}).out());
    assertThat(completed(script, "lumeo vol")).containsExactly("volume");
    assertThat(completed(script, "lumeo snapshot ro")).containsExactly("rollback");
    assertThat(completed(script, "lumeo volume delete --y")).containsExactly("--yes");
  }

  /// What bash makes of it when TAB is pressed after the line.
  private static List<String> completed(Path script, String line) {
    var press =
        """
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=($2) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        "$(complete -p lumeo | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" lumeo "${COMP_WORDS[-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
        """;
    var reply = Tool.named("bash").run("-c", press, "bash", script, line).expectSuccess().stdout();
    return reply.lines().map(String::strip).toList();
  }

  @Test
  void theTicksOfTheSnapshotClockAreShownAndTheLastIsTheLast() throws IOException {
    ok("volume", "create", "v", "1G");
    ok("snapshot", "create", "v", "first");
    assertThat(ok("pool", "show").out()).containsPattern("snapshot ticks left: +16777214\n");
    new MetadataFile(directory.resolve("pool.meta"))
        .setInSuperblock(MetadataFile.SNAPSHOT_TIME, (1 << 24) - 2);

    ok("snapshot", "create", "v", "last");

    assertThat(ok("pool", "show").out()).containsPattern("snapshot ticks left: +0\n");
    fails(7, "exhausted after 16777215 snapshots", lumeo.run("snapshot", "create", "v", "more"));
    assertThat(ok("snapshot", "list").out()).doesNotContain("more");
  }

  @Test
  void onlyDebugShowsWhereInTheProgram() {
    assertThat(lumeo.run("volume", "show", "none").err()).doesNotContain("at io.lumeo");
    assertThat(lumeo.run("volume", "show", "none", "--debug").err()).contains("at io.lumeo");
  }
}
