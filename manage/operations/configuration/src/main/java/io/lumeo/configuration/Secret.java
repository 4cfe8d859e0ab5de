package io.lumeo.configuration;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// A text that must not be seen. It shows itself as `***` wherever it is printed by accident; who
/// needs it says [#reveal].
public final class Secret {
  private final String text;

  public Secret(String text) {
    this.text = text;
  }

  /// The text. Hand it on to what it is for and to nothing else.
  public String reveal() {
    return text;
  }

  /// Takes the same time however much of the two is equal.
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
  }

  /// The same for all: a hash would be a hint.
  @Override
  public int hashCode() {
    return 0;
  }

  private byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "***";
  }
}
