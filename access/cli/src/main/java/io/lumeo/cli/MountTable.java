package io.lumeo.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// What is mounted where, as the kernel says in `/proc/self/mountinfo`.
record MountTable(List<Entry> entries) {
  /// One mount: the device (or whatever the source is called) and the directory.
  record Entry(String directory, String source) {}

  static MountTable now() throws IOException {
    return parse(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8));
  }

  /// Lines of `id parent major:minor root directory options… - type source options`.
  static MountTable parse(String text) {
    var entries = new ArrayList<Entry>();
    for (var line : text.lines().toList()) {
      var fields = List.of(line.split(" "));
      int separator = fields.indexOf("-");
      if (separator > 4 && fields.size() > separator + 2) {
        entries.add(new Entry(unescape(fields.get(4)), unescape(fields.get(separator + 2))));
      }
    }
    return new MountTable(entries);
  }

  /// What covers the directory: of several mounts the last.
  Optional<Entry> at(String directory) {
    var newestFirst = new ArrayList<>(entries);
    Collections.reverse(newestFirst);
    return newestFirst.stream().filter(entry -> entry.directory().equals(directory)).findFirst();
  }

  /// Spaces and the like are written as `\040`.
  private static String unescape(String field) {
    var text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && i + 3 < field.length()) {
        text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(field.charAt(i));
      }
    }
    return text.toString();
  }
}
