package io.lumeo.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.watch.Watch;
import io.lumeo.cli.Console;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RehearsalTest {
  @TempDir Path folder;

  @Test
  void commandsAndTheAgentFindWhatWasRecorded() throws Exception {
    var out = new StringWriter();
    var err = new StringWriter();
    var console =
        new Console(
            new BufferedReader(Reader.nullReader()),
            new PrintWriter(out),
            new PrintWriter(err),
            () -> false,
            "lumeo");
    Rehearsal.run(folder, console, Watch.factory("1"));
    assertThat(out.toString())
        .contains("no backup of the metadata of group vg0")
        .containsPattern("vg0/v0_1 .*ext4 at /srv")
        .contains("0 critical");
    assertThat(err.toString()).isEmpty();
    assertThat(Files.readString(folder.resolve("audit.jsonl")))
        .contains("agent.start")
        .contains("agent.stop");
  }
}
