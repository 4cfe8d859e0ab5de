package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.nbd.NbdClient;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `lumeo up` and the commands as processes.
@Timeout(300)
class UpIT {
  private static final int BLOCK = 4096;

  @TempDir Path scratch;

  private Path directory;

  @BeforeEach
  void chooseADirectory() {
    directory = scratch.resolve("data");
  }

  private LumeoProcess.Outcome lumeo(String command) throws Exception {
    return LumeoProcess.run((command + " --dir " + directory).split(" "));
  }

  private void ok(String command, String output) throws Exception {
    var outcome = lumeo(command);
    assertThat(outcome.output()).contains(output);
    assertThat(outcome.exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void askedToStopItCommitsAndEndsWell(String signal) throws Exception {
    try (var up = LumeoProcess.up(directory)) {
      write(up, 5);
      assertThat(up.signal(signal)).isZero();
      assertThat(up.log()).endsWith("stopped: the pool is committed and closed\n");
    }
    assertThat(directory.resolve("server.json")).doesNotExist();
    assertThat(directory.resolve("nbd.sock")).doesNotExist();
    ok("pool check", "sound: 1 devices, 1 data blocks");
    try (var up = LumeoProcess.up(directory)) {
      assertThat(up.log()).contains("Opened the pool in " + directory + ": 64 KiB of ");
      assertThat(read(up, 0)).isEqualTo(5);
    }
  }

  /// The first thing that a newcomer types.
  @Test
  void withoutADirectoryThePoolIsInLumeoData() throws Exception {
    try (var up = LumeoProcess.upIn(scratch)) {
      assertThat(up.log()).contains("Made a pool of ", " in lumeo-data.\n");
      assertThat(scratch.resolve("lumeo-data/pool.meta")).exists();
      var list = LumeoProcess.runIn(scratch, "volume", "list");
      assertThat(list.exitCode()).isZero();
      assertThat(list.output()).containsPattern("vol0 +volume +0 +10 GiB");
      assertThat(up.signal("TERM")).isZero();
    }
    var list = LumeoProcess.runIn(scratch, "volume", "list");
    assertThat(list.exitCode()).isZero();
    assertThat(list.output()).as("without the server").contains("vol0");
  }

  @Test
  void theCommandsSpeakToItAndWorkWithoutItAllTheSame() throws Exception {
    try (var up = LumeoProcess.up(directory)) {
      write(up, 1);
      ok("snapshot create vol0 before", "snapshot 'before' taken");
      write(up, 2);
      ok("volume create more 1G", "volume 'more' of 1 GiB created");
      ok("clone before copy", "'copy' is a clone of 'before'");
      ok("snapshot rollback vol0 --to before --yes", "'vol0' is as it was at 'before'");
      assertThat(read(up, 0)).isEqualTo(1);
      ok("volume delete more --yes", "volume 'more' deleted");
      ok("volume list", "copy  clone");
      assertThat(lumeo("pool check").exitCode()).isEqualTo(5);
      assertThat(lumeo("pool check").output())
          .isEqualTo(
              "lumeo: %s is served by process %d; stop it to check the pool%n"
                  .formatted(directory, up.pid()));
      var second = LumeoProcess.run("up", directory.toString(), "--nbd", "0", "--rest", "0");
      assertThat(second.exitCode()).isEqualTo(5);
      assertThat(second.output()).contains(Long.toString(up.pid())).hasLineCount(1);
      up.signal("TERM");
    }
    ok("volume list", "copy  clone");
    ok("snapshot delete before --yes", "snapshot 'before' deleted");
    ok("pool check", "sound: 2 devices");
  }

  @Test
  void whatAKilledServerLeftIsNotInTheWay() throws Exception {
    try (var up = LumeoProcess.up(directory)) {
      write(up, 9);
      up.kill();
    }
    assertThat(directory.resolve("server.json")).exists();
    ok("volume list", "vol0");
    try (var up = LumeoProcess.up(directory)) {
      assertThat(read(up, 0)).isEqualTo(9);
    }
  }

  private static void write(LumeoProcess up, int value) throws Exception {
    try (var client = NbdClient.connect(up.socket(), "vol0");
        var arena = Arena.ofConfined()) {
      client.write(0, arena.allocate(BLOCK).fill((byte) value));
      client.flush();
    }
  }

  private static int read(LumeoProcess up, long offset) throws Exception {
    try (var client = NbdClient.connect(up.socket(), "vol0");
        var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(BLOCK);
      client.read(offset, buffer);
      return buffer.get(ValueLayout.JAVA_BYTE, 0);
    }
  }
}
