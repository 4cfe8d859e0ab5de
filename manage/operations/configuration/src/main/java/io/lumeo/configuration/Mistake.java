package io.lumeo.configuration;

/// Something in a configuration that is not right.
///
/// @param line from 1
/// @param column from 1, in characters
/// @param path which key, as `policies[databases].retention.daily`; empty for the file itself
/// @param message what is wrong and what to write instead, on one line, without any secret
public record Mistake(String file, int line, int column, String path, String message)
    implements Comparable<Mistake> {

  /// By file, then as one reads.
  @Override
  public int compareTo(Mistake other) {
    return java.util.Comparator.comparing(Mistake::file)
        .thenComparingInt(Mistake::line)
        .thenComparingInt(Mistake::column)
        .thenComparing(Mistake::message)
        .compare(this, other);
  }

  /// In the form that editors jump to: `lumeo.yaml:12:5: hosts[db1].kind: …`.
  @Override
  public String toString() {
    return "%s:%d:%d: %s%s"
        .formatted(file, line, column, path.isEmpty() ? "" : path + ": ", message);
  }
}
