package io.lumeo.configuration;

import io.lumeo.alerts.Secret;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Reads secrets from where the configuration says they are. Safe for use by several threads.
public final class Secrets {
  private static final int MAX_BYTES = 16 << 10;

  private final Function<String, Optional<String>> environment;
  private final Consumer<Secret> hearer;

  /// Secrets of a process.
  ///
  /// @param environment the value of a variable, if it is set
  public Secrets(Function<String, Optional<String>> environment) {
    this(environment, _ -> {});
  }

  private Secrets(Function<String, Optional<String>> environment, Consumer<Secret> hearer) {
    this.environment = environment;
    this.hearer = hearer;
  }

  /// The same secrets, of which `other` hears before whoever reads one: so that it can keep them
  /// out of what is written down.
  public Secrets toldTo(Consumer<Secret> other) {
    return new Secrets(environment, hearer.andThen(other));
  }

  /// Reads a secret.
  ///
  /// @throws IOException if it is not there, is empty, or can be read by everybody; never with any
  ///   part of it in the message
  public Secret read(SecretSource source) throws IOException {
    var secret = find(source);
    hearer.accept(secret);
    return secret;
  }

  private Secret find(SecretSource source) throws IOException {
    return switch (source) {
      case SecretSource.Written(var secret) -> secret;
      case SecretSource.InEnvironment(var name) ->
          Secret.of(
              environment
                  .apply(name)
                  .filter(text -> !text.isEmpty())
                  .orElseThrow(() ->
                      new IOException(
                          "the environment has no %s; set it for the agent, or use a file"
                              .formatted(name))));
      case SecretSource.InFile(var file) -> fromFile(file);
    };
  }

  private static Secret fromFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("there is no secret in %s: it is not a file".formatted(file));
    }
    if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
      throw new IOException("everybody can read the secret in %s; chmod o= it".formatted(file));
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("%s is too large for a secret".formatted(file));
    }
    try {
      return firstLine(file, Files.readString(file, StandardCharsets.UTF_8));
    } catch (CharacterCodingException e) {
      // The cause is left out: it would be harmless, but nobody should have to check.
      throw new IOException("%s is not UTF-8 text".formatted(file));
    }
  }

  private static Secret firstLine(Path file, String text) throws IOException {
    return Secret.of(
        text.lines()
            .findFirst()
            .filter(line -> !line.isEmpty())
            .orElseThrow(() -> new IOException("the first line of %s is empty".formatted(file))));
  }
}
