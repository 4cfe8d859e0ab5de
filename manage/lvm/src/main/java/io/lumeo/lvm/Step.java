package io.lumeo.lvm;

import io.lumeo.storage.Plan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One step of a plan with all that running it takes.
///
/// @param title what it does, for people: `extend vg/data to 1 GiB`
/// @param arguments the exact argument vector
/// @param input what the command reads; empty for nothing
/// @param undo the argument vector that takes it back, run only while `done` holds; empty when
///   nothing takes it back
/// @param requires what must be so right before the command
/// @param done what is so afterwards. A command that said it succeeded has not until this holds,
///   and one that said it failed has not failed when it does
/// @param harmless whether nothing need be taken back of it: a backup, a check
/// @param goodExits which exit statuses are a success
/// @param deadline how long the command may take
record Step(
    String title,
    List<String> arguments,
    String input,
    List<String> undo,
    List<Condition> requires,
    Condition done,
    boolean harmless,
    List<Integer> goodExits,
    Duration deadline) {

  private static final String BACK_UP = "vgcfgbackup";

  static final Duration SHORT = Duration.ofMinutes(5);

  /// For what goes through all of a volume: a merge, a check, a trim, a file system's growth.
  static final Duration LONG = Duration.ofHours(12);

  Step {
    arguments = List.copyOf(arguments);
    undo = List.copyOf(undo);
    requires = List.copyOf(requires);
    goodExits = List.copyOf(goodExits);
  }

  static Step of(String title, List<String> arguments, Condition done) {
    return new Step(title, arguments, "", List.of(), List.of(), done, false, List.of(0), SHORT);
  }

  /// A step that changes nothing of value.
  static Step harmless(String title, List<String> arguments) {
    return new Step(
        title,
        arguments,
        "",
        List.of(),
        List.of(),
        new Condition.Repeated(),
        true,
        List.of(0),
        SHORT);
  }

  /// Keeps a group's metadata in a file.
  static Step backUp(String groupName, String file) {
    return harmless(
        "back up the metadata of %s".formatted(groupName),
        LvmCommand.of(BACK_UP, "-f", file, groupName));
  }

  /// The file in which it keeps a group's metadata, if that is what it does.
  Optional<String> backup() {
    return arguments.contains(BACK_UP)
        ? Optional.of(arguments.get(arguments.indexOf("-f") + 1))
        : Optional.empty();
  }

  Step undoneBy(List<String> newUndo) {
    return new Step(
        title, arguments, input, newUndo, requires, done, harmless, goodExits, deadline);
  }

  Step requiring(Condition... conditions) {
    return new Step(
        title, arguments, input, undo, List.of(conditions), done, harmless, goodExits, deadline);
  }

  Step reading(String newInput) {
    return new Step(
        title, arguments, newInput, undo, requires, done, harmless, goodExits, deadline);
  }

  Step within(Duration newDeadline) {
    return new Step(
        title, arguments, input, undo, requires, done, harmless, goodExits, newDeadline);
  }

  Step acceptingExits(Integer... exits) {
    return new Step(
        title, arguments, input, undo, requires, done, harmless, List.of(exits), deadline);
  }

  /// Whether it is run again, whatever the state is, when a plan that had come so far is finished.
  boolean isRepeated() {
    return done instanceof Condition.Repeated || done instanceof Condition.FileSystemFills;
  }

  /// As others see it.
  Plan.Step shown() {
    return new Plan.Step(title, arguments, undo);
  }
}
