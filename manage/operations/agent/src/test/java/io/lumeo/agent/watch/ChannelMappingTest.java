package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.alerts.Alerting;
import io.lumeo.alerts.Delivery;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Secrets;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelMappingTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private ScriptedCommands programs =
      ScriptedCommands.answering(command -> ScriptedCommands.success(""));

  @Test
  void aWebhookIsSignedWithTheSecretAsItIsNow() throws IOException {
    try (var receiver = Pings.open()) {
      var key = folder.resolve("key");
      var configuration =
          channel(
              "kind: webhook, urlFile: %s, secretFile: %s, allowPrivate: true"
                  .formatted(secret("url", receiver.address()), key));
      assertThat(test(configuration).reason())
          .as("a missing secret keeps nothing from starting")
          .contains("channel c: there is no secret in " + key);
      secret("key", "sesame");
      assertThat(test(configuration).result()).isEqualTo(Delivery.Result.DELIVERED);
      secret("key", "open sesame");
      assertThat(test(configuration).result()).isEqualTo(Delivery.Result.DELIVERED);
      assertThat(receiver.signatures).hasSize(2).doesNotHaveDuplicates();
      assertThat(receiver.bodies.getFirst()).contains("This is a test of channel c");
    }
  }

  @Test
  void aPrivateAddressMustBeMeant() throws IOException {
    try (var receiver = Pings.open()) {
      for (var template : new String[] {"generic", "ntfy", "slack", "discord"}) {
        var configuration =
            channel(
                "kind: webhook, url: '%s', template: %s".formatted(receiver.address(), template));
        assertThat(test(configuration).reason()).contains("allow private addresses");
      }
      assertThat(receiver.paths).isEmpty();
    }
  }

  @Test
  void anAddressThatIsNoneIsNotRepeated() {
    environment.put("URL", "hunter2 hunter2");
    assertThat(test(channel("kind: webhook, url: env:URL")).reason())
        .contains("what is configured as its address is none")
        .doesNotContain("hunter2");
  }

  @Test
  void anAlertmanagerGetsItsToken() throws IOException {
    environment.put("TOKEN", "t0ken");
    try (var receiver = Pings.open()) {
      var configuration =
          channel("kind: alertmanager, token: env:TOKEN, url: '%s'".formatted(receiver.address()));
      assertThat(test(configuration).result()).isEqualTo(Delivery.Result.DELIVERED);
      assertThat(receiver.paths).containsExactly("/secret/api/v2/alerts");
      var route = mapping().routes(configuration).getFirst();
      assertThat(route.channel().wantsWhatStands()).isTrue();
      assertThat(route.retries().attempts()).isEqualTo(12);
    }
  }

  @Test
  void mailWithoutItsPasswordFailsAndSaysWhy() {
    for (var security : new String[] {"tls", "starttls"}) {
      var configuration =
          channel(
              "kind: smtp, server: 127.0.0.1, port: 1, security: "
                  + security
                  + ", user: u, passwordFile: /nowhere, from: a@example.com, to: [b@example.com]");
      assertThat(test(configuration).reason()).contains("there is no secret in /nowhere");
      assertThat(mapping().routes(configuration).getFirst().retries().attempts()).isEqualTo(12);
    }
  }

  @Test
  void aProgramGetsTheMessageAndItsEndCounts() {
    var configuration = channel("kind: command, command: [/bin/page, storage]");
    assertThat(test(configuration).result()).isEqualTo(Delivery.Result.DELIVERED);
    assertThat(programs.ran().getFirst().arguments()).containsExactly("/bin/page", "storage");
    programs = ScriptedCommands.answering(command -> ScriptedCommands.failure(4, "busy"));
    assertThat(test(configuration).reason()).contains("ended with 4: busy");
    programs = ScriptedCommands.answering(ChannelMappingTest::hang);
    assertThat(test(configuration).reason()).contains("could not be run: it hangs");
    programs =
        ScriptedCommands.answering(command -> {
          throw new InterruptedException("stop");
        });
    assertThat(test(configuration).reason()).contains("was interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  private static CommandResult hang(Command command) throws CommandFailure {
    throw new CommandFailure.TimedOut("it hangs");
  }

  @Test
  void aChannelThatIsNotThereIsNamedWithThoseThatAre() {
    var configuration = channel("kind: command, command: [/bin/page]");
    assertThat(OnDemand.test(configuration, "c", secrets(), programs, () -> NOW).result())
        .isEqualTo(Delivery.Result.DELIVERED);
    assertThatThrownBy(() -> OnDemand.test(configuration, "d", secrets(), programs, () -> NOW))
        .hasMessage("there is no channel 'd'; there are: c");
  }

  private static Configuration channel(String settings) {
    return Configured.with("channels: [{name: c, %s}]\n".formatted(settings));
  }

  private Delivery test(Configuration configuration) {
    return Alerting.test(mapping().channel(configuration.channels().getFirst()), NOW);
  }

  private ChannelMapping mapping() {
    return new ChannelMapping(secrets(), new Programs(programs), () -> NOW);
  }

  private Secrets secrets() {
    return new Secrets(name -> Optional.ofNullable(environment.get(name)));
  }

  private Path secret(String name, String text) throws IOException {
    var file = folder.resolve(name);
    Files.writeString(file, text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }
}
