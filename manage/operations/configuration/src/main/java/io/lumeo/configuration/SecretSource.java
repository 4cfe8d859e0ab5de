package io.lumeo.configuration;

import io.lumeo.alerts.Secret;
import java.nio.file.Path;

/// Where a secret is found. It is read when it is used, so that a changed password needs no reload.
public sealed interface SecretSource {
  /// A file whose first line it is.
  record InFile(Path file) implements SecretSource {}

  /// A variable of the process's environment.
  record InEnvironment(String name) implements SecretSource {}

  /// In the configuration itself; only for addresses, which are not always secret.
  record Written(Secret secret) implements SecretSource {}
}
