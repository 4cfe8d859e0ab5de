package io.lumeo.alerts;

/// A password or key. It shows itself to those who ask for [#reveal] and to nobody else: it never
/// gets into a message, a log or an error by being printed.
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  public static Secret of(String value) {
    return new Secret(value);
  }

  String reveal() {
    return value;
  }

  /// `text` without this secret, wherever it stands in it.
  String removeFrom(String text) {
    return value.isEmpty() ? text : text.replace(value, "***");
  }

  @Override
  public String toString() {
    return "***";
  }
}
