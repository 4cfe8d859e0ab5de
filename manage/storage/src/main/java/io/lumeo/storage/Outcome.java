package io.lumeo.storage;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of a plan.
///
/// @param volumes the uuids of volumes that were made or changed
/// @param effects what is different now, in words with figures
/// @param pending what will only happen later, and what brings it about; empty when all is done
/// @param backup the file, on the host itself, in which the pool's metadata was kept before
///   anything was changed; null when none was made
public record Outcome(
    String plan,
    Result result,
    List<String> volumes,
    List<String> effects,
    List<String> pending,
    @Nullable String backup) {

  /// What came of a plan that makes no backup.
  public Outcome(
      String plan,
      Result result,
      List<String> volumes,
      List<String> effects,
      List<String> pending) {
    this(plan, result, volumes, effects, pending, null);
  }

  /// The same, with one more thing that is different now.
  public Outcome alsoWith(String effect) {
    var all = new ArrayList<>(effects);
    all.add(effect);
    return new Outcome(plan, result, volumes, all, pending, backup);
  }

  public enum Result {
    DONE,
    /// It was so already.
    UNCHANGED,
    /// Done as far as can be: the rest waits for something in `pending`.
    DELAYED,
    /// Begun, could not be finished, and taken back.
    UNDONE
  }
}
