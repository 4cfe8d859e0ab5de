package io.lumeo.commands;

import java.util.Map;
import java.util.TreeMap;

/// The variables that a command gets, here and elsewhere, and no others.
final class CleanEnvironment {
  private static final Map<String, String> FOR_ALL =
      Map.of(
          "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LC_ALL", "C",
          "TZ", "UTC",
          "LVM_SUPPRESS_FD_WARNINGS", "1");

  private CleanEnvironment() {}

  static Map<String, String> of(Command command) {
    var variables = new TreeMap<>(FOR_ALL);
    variables.putAll(command.environment());
    return variables;
  }
}
