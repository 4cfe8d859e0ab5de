package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.alerts.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretTest {
  private static final String HIDDEN = "hunter2";

  private final Secrets secrets =
      new Secrets(name -> Optional.ofNullable(Map.of("SMTP", HIDDEN, "EMPTY", "").get(name)));

  @TempDir Path folder;

  @Test
  void aSecretShowsNothingOfItself() {
    var secret = Secret.of(HIDDEN);
    assertThat(secret).hasToString("***");
    assertThat(new SecretSource.Written(secret).toString()).doesNotContain(HIDDEN);
    assertThat(secret.reveal()).isEqualTo(HIDDEN);
    assertThat(secret).isEqualTo(Secret.of(HIDDEN)).hasSameHashCodeAs(Secret.of("other"));
    assertThat(secret).isNotEqualTo(Secret.of("other")).isNotEqualTo(HIDDEN);
  }

  @Test
  void aSecretIsReadFromItsFileOrVariable() throws IOException {
    var file = file(HIDDEN + "\nmore\n", "rw-r-----");
    assertThat(secrets.read(new SecretSource.InFile(file)).reveal()).isEqualTo(HIDDEN);
    assertThat(secrets.read(new SecretSource.InEnvironment("SMTP")).reveal()).isEqualTo(HIDDEN);
    assertThat(secrets.read(new SecretSource.Written(Secret.of("x"))).reveal()).isEqualTo("x");
  }

  @Test
  void aSecretThatIsNoneIsRefusedWithoutShowingIt() throws IOException {
    assertRefused(new SecretSource.InEnvironment("NONE"), "the environment has no NONE");
    assertRefused(new SecretSource.InEnvironment("EMPTY"), "the environment has no EMPTY");
    assertRefused(new SecretSource.InFile(folder), "it is not a file");
    assertRefused(new SecretSource.InFile(file(HIDDEN, "rw-r--r--")), "everybody can read");
    assertRefused(new SecretSource.InFile(file("\n" + HIDDEN, "rw-------")), "is empty");
    assertRefused(new SecretSource.InFile(file("", "rw-------")), "is empty");
    assertRefused(new SecretSource.InFile(file(HIDDEN.repeat(5000), "rw-------")), "too large");
    var latin = folder.resolve("latin");
    Files.write(latin, new byte[] {'h', (byte) 0xE4});
    Files.setPosixFilePermissions(latin, PosixFilePermissions.fromString("rw-------"));
    assertRefused(new SecretSource.InFile(latin), "not UTF-8");
  }

  private void assertRefused(SecretSource source, String why) {
    assertThatThrownBy(() -> secrets.read(source))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining(HIDDEN);
  }

  private Path file(String text, String permissions) throws IOException {
    var file = folder.resolve("secret");
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    return file;
  }

  /// Wherever somebody may have written a secret that does not belong there.
  private static final List<String> CARELESS =
      List.of(
          "channels: [{name: a, kind: smtp, server: m, user: u, password: hunter2, from: a@b.c,"
              + " to: [a@b.c]}]",
          "channels: [{name: a, kind: smtp, server: m, user: u, password: 'env:hunter2 !'}]",
          "channels: [{name: a, kind: webhook, url: 'https://u:hunter2@x', secret: hunter2}]",
          "channels: [{name: a, kind: webhook, url: 'ht tps://hunter2'}]",
          "channels: [{name: a, kind: webhook, url: 'https://x/ hunter2'}]",
          "channels: [{name: a, kind: webhook, url: 5, pasword: hunter2}]",
          "channels: [{name: a, kind: webhook, url: 'https://x', secret: [hunter2]}]",
          "channels: [{name: a, kind: alertmanager, url: 'http://x', token: {a: hunter2}}]",
          "channels: [{name: a, kind: alertmanager, url: 'http://x', token: 0x1}]",
          "policies: [{id: a, volumes: [{name: a}], schedule: '@daily', ping: 'hunter2://x'}]");

  @Test
  void noMistakeRepeatsASecret() {
    for (var yaml : CARELESS) {
      assertThat(Sample.mistakes(yaml)).as(yaml).isNotEmpty();
      assertThat(String.join("\n", Sample.mistakes(yaml))).as(yaml).doesNotContain(HIDDEN);
    }
  }

  @Test
  void whatIsShownHidesSecretsAndKeepsItsLines() {
    var yaml =
        """
        # the old password: hunter2
        channels:
          - {name: a, kind: webhook, url: "https://hooks.example.com/hunter2", secret: env:HOOK}
          - name: b
            kind: webhook
            url: https://hooks.example.com/äöü/hunter2
            secretFile: /etc/lumeo/b.secret
          - name: c
            kind: command
            command: [/bin/page, --token-file=/x] # once --token=hunter2
        policies:
          - id: p
            volumes: [{name: a}]
            schedule: '@daily'
            ping: >-
              https://ping.example.com/hunter2
            # see https://anna:hunter2@example.com
        """;
    var shown = ConfigurationDiff.show(List.of(Sample.source(yaml)));
    assertThat(shown).doesNotContain(HIDDEN);
    assertThat(shown)
        .startsWith("# lumeo.yaml\n# the old password: ***\n")
        .contains("url: ***, secret: env:HOOK}")
        .contains("secretFile: /etc/lumeo/b.secret")
        .contains("ping: ***");
    assertThat(Mask.text(Sample.source(yaml)).lines().count()).isEqualTo(yaml.lines().count());
    assertThat(Sample.valid(yaml).toString()).doesNotContain(HIDDEN);
  }

  @Test
  void aFileThatIsNotUnderstoodIsStillShownWithoutSecrets() {
    var broken = "channels: [{password: hunter2, \"api_key\": 'hunter2', token: [\n";
    assertThat(ConfigurationDiff.show(List.of(Sample.source(broken)))).doesNotContain(HIDDEN);
  }

  @Test
  void aChangedSecretIsAChangedLineAndNotSeen() {
    var old = Sample.source("channels:\n  - {name: a, kind: webhook, url: 'https://x/hunter2'}\n");
    var now = Sample.source("channels:\n  - {name: a, kind: webhook, url: 'https://x/hunter3'}\n");
    assertThat(ConfigurationDiff.between("version 1", List.of(old), "version 2", List.of(now)))
        .isEqualTo(
            """
            --- lumeo.yaml (version 1)
            +++ lumeo.yaml (version 2)
            @@ -1,2 +1,2 @@
             channels:
            -  - {name: a, kind: webhook, url: ***}
            +  - {name: a, kind: webhook, url: ***}
            """);
  }
}
