package io.lumeo.cli;

import java.util.function.Supplier;

/// A command: its name, a line about it, and how it is made.
///
/// A command is made only when it is called: to look at the annotations of two dozen of them takes
/// longer than most of them run.
///
/// @param name of the first level, or behind the name of such a one: `snapshot hold`
/// @param command makes the object with picocli's annotations, or a `CommandSpec`
public record Entry(String name, String description, Supplier<Object> command) {

  /// The command of the first level that it is or belongs to.
  String parent() {
    var space = name.indexOf(' ');
    return space < 0 ? name : name.substring(0, space);
  }

  /// Its name among its siblings.
  String ownName() {
    return name.substring(name.indexOf(' ') + 1);
  }
}
