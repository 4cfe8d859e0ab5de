package io.lumeo.agent;

import io.lumeo.configuration.ChannelSettings;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.PolicySettings;
import io.lumeo.configuration.SecretSource;
import io.lumeo.configuration.Secrets;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The secrets that a configuration names, as texts that the record must not hold: those of a
/// configuration that comes into force, and each as it is when it is used. One that was changed
/// stays known, as an answer to it may come late. Safe for use by several threads.
public final class KnownSecrets {
  private final Secrets secrets;
  private final Set<String> texts = ConcurrentHashMap.newKeySet();

  /// Knows none yet.
  public KnownSecrets(Secrets secrets) {
    this.secrets = secrets.toldTo(secret -> texts.add(secret.reveal()));
  }

  /// What must not be written down.
  public Set<String> texts() {
    return Set.copyOf(texts);
  }

  /// The same secrets, each of which is known here from when it is read.
  public Secrets secrets() {
    return secrets;
  }

  /// Reads those that a configuration names. One that cannot be read now is none that anybody could
  /// write down.
  public void learn(Configuration configuration) {
    sources(configuration).forEach(this::read);
  }

  private void read(SecretSource source) {
    try {
      secrets.read(source);
    } catch (IOException notThere) {
      // Whoever needs it will say so, with the name of its file.
    }
  }

  private static Stream<SecretSource> sources(Configuration configuration) {
    return Stream.concat(
        configuration.policies().stream().map(PolicySettings::ping).flatMap(Optional::stream),
        configuration.channels().stream().flatMap(KnownSecrets::sources));
  }

  private static Stream<SecretSource> sources(ChannelSettings channel) {
    return switch (channel) {
      case ChannelSettings.Webhook webhook ->
          Stream.concat(Stream.of(webhook.address()), webhook.secret().stream());
      case ChannelSettings.Smtp smtp -> smtp.password().stream();
      case ChannelSettings.Alertmanager alertmanager -> alertmanager.token().stream();
      case ChannelSettings.Command _ -> Stream.of();
    };
  }
}
