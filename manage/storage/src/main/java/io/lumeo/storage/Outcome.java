package io.lumeo.storage;

import java.util.List;

/// What came of a plan.
///
/// @param volumes the uuids of volumes that were made or changed
/// @param effects what is different now, in words with figures
/// @param pending what will only happen later, and what brings it about; empty when all is done
public record Outcome(
    String plan, Result result, List<String> volumes, List<String> effects, List<String> pending) {

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
