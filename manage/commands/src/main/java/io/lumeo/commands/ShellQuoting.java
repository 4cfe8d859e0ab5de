package io.lumeo.commands;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// An argument vector as one line that a POSIX shell splits into the same vector again. `ssh` hands
/// its command to the remote user's shell and there is no way around that; this is the only place
/// that knows it.
final class ShellQuoting {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+:,./=-]+");

  private ShellQuoting() {}

  /// The line. Between single quotes a shell changes nothing, and all but a single quote may stand
  /// there; it is put between double ones.
  static String line(List<String> arguments) {
    return arguments.stream().map(ShellQuoting::word).collect(Collectors.joining(" "));
  }

  private static String word(String argument) {
    return "'" + argument.replace("'", "'\"'\"'") + "'";
  }

  /// As [#line] does, but left alone where a person would leave it.
  static String readable(String argument) {
    return PLAIN.matcher(argument).matches() ? argument : word(argument);
  }
}
