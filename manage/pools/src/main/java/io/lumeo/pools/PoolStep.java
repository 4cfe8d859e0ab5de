package io.lumeo.pools;

import io.lumeo.storage.Plan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One step of a plan with all that running it takes.
///
/// @param undo what takes it back while it is done, or null when nothing does
record PoolStep(String title, PoolAction action, @Nullable PoolAction undo) {

  static PoolStep of(String title, PoolAction action) {
    return new PoolStep(title, action, null);
  }

  PoolStep undoneBy(PoolAction back) {
    return new PoolStep(title, action, back);
  }

  /// As others see it.
  ///
  /// @param options by which the command line names the pool
  Plan.Step shown(List<String> options) {
    return new Plan.Step(
        title,
        command(action.words(), options),
        undo == null ? List.of() : command(undo.words(), options));
  }

  private static List<String> command(List<String> words, List<String> options) {
    if (words.isEmpty()) {
      return List.of();
    }
    var command = new ArrayList<String>();
    command.add("lumeo");
    command.addAll(words);
    command.addAll(options);
    return List.copyOf(command);
  }
}
