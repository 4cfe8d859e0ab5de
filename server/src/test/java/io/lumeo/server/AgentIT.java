package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `lumeo agent` as a process: it starts, hears its signals, and lets no second one beside it.
@Timeout(240)
class AgentIT {
  private static final int SECONDS = 60;

  @TempDir Path folder;

  private Path write(String pollInterval) throws Exception {
    var file = folder.resolve("lumeo.yaml");
    Files.writeString(
        file,
        """
        state: %1$s/state
        audit:
          file: %1$s/audit.jsonl
        metrics:
          port: 0
        monitors:
          pollInterval: %2$s
        """
            .formatted(folder, pollInterval));
    return file;
  }

  @Test
  void itReloadsOnHangupAndStopsOnTermination() throws Exception {
    var file = write("15s");
    try (var agent = LumeoProcess.agent(file, folder.resolve("agent.log"))) {
      awaitRecord("agent.start", agent);

      var second = LumeoProcess.run("agent", "--config", file.toString());
      assertThat(second.exitCode()).as(second.output()).isEqualTo(5);
      assertThat(second.output()).contains("process " + agent.pid());

      write("20s");
      var applied = LumeoProcess.run("config", "apply", "--config", file.toString());
      assertThat(applied.output()).as(agent.log()).isEqualTo("version 2 is in force\n");

      Files.writeString(file, "pollInterval: wrong\n");
      new ProcessBuilder("kill", "-HUP", Long.toString(agent.pid())).start().waitFor();
      awaitRecord("\"refused\"", agent);

      assertThat(agent.signal("TERM")).as(agent.log()).isZero();
    }
    assertThat(Files.readString(folder.resolve("audit.jsonl"))).contains("agent.stop");
    write("20s");
    var verified = LumeoProcess.run("audit", "verify", "--config", file.toString());
    assertThat(verified.output()).contains("are as they were written");
  }

  private void awaitRecord(String text, LumeoProcess agent) throws Exception {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    var record = folder.resolve("audit.jsonl");
    while (!Files.exists(record) || !Files.readString(record).contains(text)) {
      agent.expectRunning();
      assertThat(System.nanoTime()).as(agent.log()).isLessThan(deadline);
    }
  }
}
