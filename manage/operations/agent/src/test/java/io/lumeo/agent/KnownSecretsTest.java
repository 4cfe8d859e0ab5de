package io.lumeo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.configuration.ChannelSettings;
import io.lumeo.configuration.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownSecretsTest {
  @TempDir Path folder;

  /// It is read when it is used, so it can change without a reload.
  @Test
  void aChangedSecretIsKnownOnceItIsUsed() throws IOException {
    var configuration =
        Workplace.configuration(
            "channels: [{name: c, kind: webhook, url: 'https://example.com/x', secretFile: %s}]"
                .formatted(folder.resolve("key")));
    var source =
        ((ChannelSettings.Webhook) configuration.channels().getFirst()).secret().orElseThrow();
    var known = new KnownSecrets(new Secrets(_ -> Optional.empty()));

    known.learn(configuration);
    assertThat(known.texts()).as("it is not there yet").doesNotContain("sesame");
    assertThatThrownBy(() -> known.secrets().read(source)).isInstanceOf(IOException.class);
    write("sesame");
    known.learn(configuration);
    assertThat(known.texts()).contains("sesame");

    write("open");
    assertThat(known.secrets().read(source).reveal()).isEqualTo("open");
    assertThat(known.texts())
        .as("the answer to the one before may come late")
        .contains("open", "sesame");
  }

  private void write(String secret) throws IOException {
    var file = Files.writeString(folder.resolve("key"), secret);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
