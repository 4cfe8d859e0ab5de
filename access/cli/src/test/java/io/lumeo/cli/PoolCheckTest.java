package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.CommandLineFixture.Outcome;
import io.lumeo.testing.MetadataFile;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `pool check` as a command: what it says, how it ends, and what it leaves as it was.
@Timeout(60)
class PoolCheckTest {
  @TempDir Path directory;

  private CommandLineFixture lumeo;
  private MetadataFile metadata;

  @BeforeEach
  void makeAPoolWithSomethingInIt() throws IOException {
    lumeo = new CommandLineFixture(directory);
    metadata = new MetadataFile(directory.resolve("pool.meta"));
    ok("pool", "create", "--data-size", "64M");
    ok("volume", "create", "v", "1G");
    try (var volumes = Volumes.open(PoolFiles.in(directory), null);
        var device = volumes.open("v");
        var arena = Arena.ofConfined()) {
      device.write(0, arena.allocate(3 * 65536L).fill((byte) 7));
      device.flush();
    }
  }

  private String ok(String... words) {
    var outcome = lumeo.run(words);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exitCode()).isZero();
    return outcome.out();
  }

  private void refusedBecauseOfTheMark() {
    var refused = lumeo.run("volume", "create", "w", "1G");
    assertThat(refused.err()).startsWith("lumeo: ").contains("needs a check").hasLineCount(1);
    assertThat(refused.exitCode()).isEqualTo(7);
  }

  private static void assertDamaged(Outcome outcome, long block) {
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .startsWith("metadata block %d is damaged: its checksum is ".formatted(block))
        .endsWith("; what lies below it was not looked at\n")
        .hasLineCount(1);
    assertThat(outcome.exitCode()).isEqualTo(8);
  }

  @Test
  void aDamagedLeafIsFoundAndLeftAsItIs() throws Exception {
    metadata.damageFirstLeaf();
    var before = Files.readAllBytes(metadata.path());

    var leaf = metadata.firstLeaf();
    assertDamaged(lumeo.run("pool", "check"), leaf);
    assertDamaged(lumeo.run("pool", "check", "--clear-needs-check"), leaf);

    assertThat(Files.readAllBytes(metadata.path())).isEqualTo(before);
  }

  @Test
  void aMarkedPoolIsWrittenAgainOnceItIsCleared() throws Exception {
    metadata.setInSuperblock(MetadataFile.FLAGS, 1);
    refusedBecauseOfTheMark();
    assertThat(ok("pool", "check", "--output", "json")).contains("\"needsCheck\" : true");
    refusedBecauseOfTheMark();

    assertThat(ok("pool", "check", "--clear-needs-check"))
        .startsWith("sound: 1 devices, 3 data blocks");

    assertThat(ok("pool", "check", "-o", "json")).contains("\"needsCheck\" : false");
    ok("volume", "create", "w", "1G");
    assertThat(ok("pool", "check")).startsWith("sound: 2 devices, 3 data blocks");
  }

  @Test
  void theMarkOfADamagedPoolStays() throws Exception {
    metadata.setInSuperblock(MetadataFile.FLAGS, 1);
    metadata.damageFirstLeaf();
    var before = Files.readAllBytes(metadata.path());

    assertThat(lumeo.run("pool", "check", "--clear-needs-check").exitCode()).isEqualTo(8);

    assertThat(Files.readAllBytes(metadata.path())).isEqualTo(before);
  }
}
