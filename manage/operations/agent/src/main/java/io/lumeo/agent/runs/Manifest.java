package io.lumeo.agent.runs;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A file of checksums, as `sha256sum` writes it.
final class Manifest {
  /// A sum, a blank, a blank or a star, a path; a backslash in front says that the path has some of
  /// its own.
  private static final Pattern LINE = Pattern.compile("(\\\\?)([0-9a-fA-F]{64}) [ *](.+)");

  private Manifest() {}

  /// Path → sum.
  ///
  /// @throws IllegalArgumentException if there is a line that is none of a manifest's, or no line
  ///   at all: what proves nothing must not pass
  static Map<String, String> read(String text) {
    var sums = new TreeMap<String, String>();
    var number = 0;
    for (var line : text.lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      var parts = LINE.matcher(line);
      if (!parts.matches()) {
        throw new IllegalArgumentException(
            "line %d is not one that sha256sum writes".formatted(number));
      }
      var path = parts.group(1).isEmpty() ? parts.group(3) : unescaped(parts.group(3));
      sums.put(path, parts.group(2));
    }
    if (sums.isEmpty()) {
      throw new IllegalArgumentException("it names no file");
    }
    return sums;
  }

  private static String unescaped(String path) {
    return path.replace("\\n", "\n").replace("\\\\", "\\");
  }
}
