package io.lumeo.configuration;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A way to tell somebody.
public sealed interface ChannelSettings {
  /// What alerts and reports call it.
  String name();

  /// An HTTP POST.
  ///
  /// @param secret signs what is sent
  /// @param allowPrivate whether the address may be one of a private network
  /// @param retries how often it is tried again
  record Webhook(
      String name,
      SecretSource address,
      Optional<SecretSource> secret,
      Template template,
      boolean allowPrivate,
      Duration timeout,
      int retries)
      implements ChannelSettings {}

  /// What a webhook expects.
  enum Template {
    GENERIC,
    NTFY,
    SLACK,
    DISCORD
  }

  /// Mail.
  record Smtp(
      String name,
      String server,
      int port,
      Security security,
      Optional<String> user,
      Optional<SecretSource> password,
      String from,
      List<String> to,
      Duration timeout,
      int retries)
      implements ChannelSettings {}

  /// How the connection to a mail server is protected.
  enum Security {
    /// Begins in clear and must become TLS.
    STARTTLS,
    TLS,
    /// Not at all; refused together with a password.
    NONE
  }

  /// Prometheus Alertmanager, API version 2.
  record Alertmanager(
      String name, URI address, Optional<SecretSource> token, Duration timeout, int retries)
      implements ChannelSettings {}

  /// A command that is given the alert as JSON.
  record Command(String name, Hook hook) implements ChannelSettings {}
}
