package io.lumeo.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.lvm.HostFixture;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.ConfigurationFolder;
import io.lumeo.configuration.ConfigurationHistory;
import io.lumeo.configuration.ConfigurationSource;
import io.lumeo.state.Database;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lumeo config …`, without an agent and beside one.
class ConfigurationCommandsTest {
  @TempDir Path folder;

  private final List<String> ran = new ArrayList<>();
  private Runnable onSignal = () -> {};
  private final Commands host =
      ScriptedCommands.answering(command -> {
        ran.add(command.toString());
        onSignal.run();
        return ScriptedCommands.success("");
      });
  private HostFixture lumeo;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    lumeo = new HostFixture(folder, host);
    file = folder.resolve("lumeo.yaml");
    write("7");
  }

  private void write(String daily) throws IOException {
    Files.writeString(
        file,
        """
        state: %s
        hosts:
          - name: here
            kind: lvm
        policies:
          - id: homes
            volumes:
              - name: home
            schedule: "@daily"
            retention:
              daily: %s
        channels:
          - name: chat
            kind: webhook
            url: https://chat.example.com/hook/very-secret
        """
            .formatted(folder.resolve("state"), daily));
  }

  @Test
  void aRightConfigurationIsCounted() throws IOException {
    assertThat(lumeo.ok("config check"))
        .isEqualTo(
            "%s is right: 1 hosts, 1 policies, 0 growth rules, 1 channels, 0 reports\n"
                .formatted(file));
    assertThat(lumeo.fields("config check"))
        .containsEntry("hosts", 1L)
        .containsEntry("policies", 1L);
  }

  @Test
  void everyMistakeIsListedWithItsPlace() throws IOException {
    Files.writeString(file, "hots: []\npolicies:\n  - id: A\n    schedule: 61 * * * *\n");
    var checked = lumeo.run("config", "check");
    assertThat(checked.exitCode()).isEqualTo(2);
    assertThat(checked.out()).contains("lumeo.yaml:1:1").contains("lumeo.yaml:4:");
    assertThat(checked.err().lines()).hasSize(1);
    assertThat(checked.err()).contains("is refused for ").contains("the first is lumeo.yaml:1:1");
    lumeo.fails(2, "is refused", "config apply");
    assertThat(folder.resolve("state")).doesNotExist();
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    lumeo.fails(3, "there is no", "config check --config " + folder.resolve("other.yaml"));
    lumeo.environment.put("LUMEO_CONFIG", folder.resolve("third.yaml").toString());
    lumeo.fails(3, "third.yaml", "config check");
  }

  @Test
  void versionsAreKeptComparedAndGoneBackTo() throws IOException {
    assertThat(lumeo.json("config history")).isEqualTo(List.of());
    lumeo.fails(3, "there is no version yet", "config diff");
    lumeo.fails(3, "there is no version yet", "config rollback 1 --yes");
    assertThat(lumeo.ok("config apply --dry-run")).startsWith("would put ");
    assertThat(folder.resolve("state")).doesNotExist();
    assertThat(lumeo.ok("config apply --reason first")).isEqualTo("version 1 is in force\n");
    assertThat(lumeo.ok("config apply")).isEqualTo("version 1 is in force\n");
    write("14");
    assertThat(lumeo.ok("config diff")).contains("-      daily: 7").contains("+      daily: 14");
    lumeo.ok("config apply --reason longer");
    assertThat(lumeo.ok("config diff")).isEmpty();
    assertThat(lumeo.ok("config diff 1 2"))
        .contains("-      daily: 7")
        .doesNotContain("very-secret");
    assertThat(lumeo.ok("config history")).contains("longer").contains("first");

    lumeo.fails(2, "say --yes", "config rollback 1");
    lumeo.fails(3, "there is no version 9", "config rollback 9 --yes");
    assertThat(lumeo.ok("config rollback 1 --dry-run")).contains("would go back to version 1");
    assertThat(lumeo.ok("config rollback 1 --yes")).isEqualTo("version 3 is in force\n");
    assertThat(Files.readString(file)).contains("daily: 7");
    assertThat(ran).isEmpty();
  }

  @Test
  void anAgentIsToldAndHeard() throws IOException {
    var state = folder.resolve("state");
    Files.createDirectories(state);
    try (var database = Database.open(state.resolve("state.db"))) {
      var agent =
          new ConfigurationSource(
              new ConfigurationFolder(file),
              ConfigurationFile.reader(),
              ConfigurationHistory.open(database, InstantSource.system()));
      agent.reload("agent", "start");
      onSignal = () -> agent.reload("agent", "told");
      write("14");
      assertThat(lumeo.ok("config apply")).isEqualTo("version 2 is in force\n");
      assertThat(ran).containsExactly("kill -HUP " + ProcessHandle.current().pid());

      assertThat(lumeo.ok("config rollback 1 --yes")).isEqualTo("version 3 is in force\n");
      assertThat(Files.readString(file)).contains("daily: 7");

      write("30");
      lumeo.fails(5, "'lumeo config apply' first", "config rollback 1 --yes");
      onSignal = () -> {};
      lumeo.fails(9, "was told and has not put the files in force", "config apply");
    }
  }

  @Test
  void whatIsShownHidesItsSecrets() {
    assertThat(lumeo.ok("config show")).contains("name: chat").doesNotContain("very-secret");
    assertThat(lumeo.ok("config schema")).startsWith("{\n").contains("json-schema.org");
  }

  @Test
  void aFileOfAnAutoscalerBecomesOne() throws IOException {
    var old = folder.resolve("old.json");
    Files.writeString(
        old,
        """
        [{"lv_path": "/dev/vg0/home", "mount_point": "/home", "threshold_percent": 80,
          "increment_gb": 5, "interval_seconds": 60}]
        """);
    var yaml = lumeo.ok("config import " + old);
    Files.writeString(folder.resolve("new.yaml"), yaml);
    assertThat(lumeo.ok("config check --config " + folder.resolve("new.yaml")))
        .contains("1 growth rules");

    Files.writeString(old, "[{\"lv_path\": \"nowhere\"}]");
    var half = lumeo.run("config", "import", old.toString());
    assertThat(half.exitCode()).isEqualTo(2);
    assertThat(half.err()).contains("old.json:1:");
    lumeo.fails(3, "there is no", "config import " + folder.resolve("nothing"));
  }
}
