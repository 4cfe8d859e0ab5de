package io.lumeo.alerts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// A password, a key or another text that must not be seen. It shows itself to those who ask for
/// [#reveal] and to nobody else: it never gets into a message, a log or an error by being printed.
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  public static Secret of(String value) {
    return new Secret(value);
  }

  /// The text. Hand it on to what it is for and to nothing else.
  public String reveal() {
    return value;
  }

  /// `text` without this secret, wherever it stands in it.
  String removeFrom(String text) {
    return value.isEmpty() ? text : text.replace(value, "***");
  }

  /// Takes the same time however much of the two is equal.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
  }

  /// The same for all: a hash would be a hint.
  @Override
  public int hashCode() {
    return 0;
  }

  private byte[] bytes() {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "***";
  }
}
