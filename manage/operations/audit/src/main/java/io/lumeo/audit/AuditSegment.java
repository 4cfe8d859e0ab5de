package io.lumeo.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One of the files that the record lies in.
///
/// @param first the number of its first record as its name says it; empty for the current file
record AuditSegment(Path file, Optional<Long> first) {
  private static final int DIGITS = 12;

  /// The segments that are there, from the oldest to the current.
  static List<AuditSegment> all(Path current) throws IOException {
    var segments = new ArrayList<AuditSegment>();
    var folder = current.toAbsolutePath().getParent();
    if (folder != null && Files.isDirectory(folder)) {
      try (var files = Files.list(folder)) {
        files.forEach(file ->
            first(current, file)
                .ifPresent(first -> segments.add(new AuditSegment(file, Optional.of(first)))));
      }
    }
    segments.sort(Comparator.comparing(segment -> segment.first().orElse(0L)));
    if (Files.exists(current)) {
      segments.add(new AuditSegment(current, Optional.empty()));
    }
    return segments;
  }

  /// What the current file is called when it is full.
  static Path full(Path current, long first) {
    return current.resolveSibling(
        "%s.%0{n}d%s"
            .replace("{n}", String.valueOf(DIGITS))
            .formatted(stem(current), first, extension(current)));
  }

  private static Optional<Long> first(Path current, Path file) {
    var name = String.valueOf(file.getFileName());
    var begin = stem(current).length() + 1;
    if (name.length() != begin + DIGITS + extension(current).length()) {
      return Optional.empty();
    }
    var digits = name.substring(begin, begin + DIGITS);
    if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    var first = Long.parseLong(digits);
    return file.getFileName().equals(full(current, first).getFileName())
        ? Optional.of(first)
        : Optional.empty();
  }

  private static String stem(Path file) {
    var name = String.valueOf(file.getFileName());
    var dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static String extension(Path file) {
    var name = String.valueOf(file.getFileName());
    var dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot);
  }
}
