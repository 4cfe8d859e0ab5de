package io.lumeo.agent;

import io.lumeo.configuration.ChannelSettings;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.PolicySettings;
import io.lumeo.configuration.SecretSource;
import io.lumeo.configuration.Secrets;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The secrets that a configuration names, as texts that the record must not hold. Read when a
/// configuration comes into force. Safe for use by several threads.
public final class KnownSecrets {
  private final Secrets secrets;
  private volatile List<String> texts = List.of();

  /// Knows none yet.
  public KnownSecrets(Secrets secrets) {
    this.secrets = secrets;
  }

  /// What must not be written down.
  public List<String> texts() {
    return texts;
  }

  /// Reads them anew. One that cannot be read now is none that anybody could write down.
  public void learn(Configuration configuration) {
    texts = sources(configuration).flatMap(this::read).toList();
  }

  private Stream<String> read(SecretSource source) {
    try {
      return Stream.of(secrets.read(source).reveal());
    } catch (IOException notThere) {
      // Whoever needs it will say so, with the name of its file.
      return Stream.of();
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
