package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a distribution installs beside the program.
class PackagingTest {
  private static final Path UNIT =
      Path.of(System.getProperty("lumeo.root"), "packaging/systemd/lumeo-agent.service");

  @TempDir Path folder;

  @Test
  void systemdUnderstandsTheAgentsUnit() throws IOException, InterruptedException {
    var unit = folder.resolve("lumeo-agent.service");
    // The program is not where it will be; systemd looks for it.
    Files.writeString(
        unit, Files.readString(UNIT).replace("/usr/lib/lumeo/bin/lumeo", "/bin/true"));
    var verify =
        new ProcessBuilder("systemd-analyze", "verify", "--man=no", unit.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(verify.waitFor()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.contains("lumeo-agent"))).isEmpty();
  }

  @Test
  void theUnitCallsACommandThatThereIs() throws IOException {
    assertThat(Files.readString(UNIT))
        .contains("lumeo agent --config /etc/lumeo/lumeo.yaml")
        .contains("ExecReload=/bin/kill -HUP $MAINPID");
  }
}
