package io.lumeo.storage;

import java.util.List;

/// How a change would be made: everything that is going to happen, in order, before anything does.
///
/// @param id unique, and sorts by time
/// @param pool the uuid of the pool (a volume group for LVM) whose sequence the plan holds for
/// @param sequence the pool's sequence when the plan was made
/// @param preconditions what was found to be true and is looked at again before the first step, in
///   words
/// @param expected what will be different afterwards, in words with figures
/// @param notes what a person should know: rounding, what cannot be undone, when it takes effect
public record Plan(
    String id,
    String system,
    Change change,
    String pool,
    long sequence,
    List<String> preconditions,
    List<Step> steps,
    List<String> expected,
    List<String> notes) {

  /// One step.
  ///
  /// @param title what it does, for people
  /// @param arguments the exact argument vector; empty when the step is not a command
  /// @param undo the argument vector that takes it back; empty when nothing does
  public record Step(String title, List<String> arguments, List<String> undo) {}

  /// True when there is nothing to do: what is wanted is so already.
  public boolean isEmpty() {
    return steps.isEmpty();
  }
}
