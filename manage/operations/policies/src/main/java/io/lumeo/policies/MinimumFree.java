package io.lumeo.policies;

/// What must be free in a pool before a snapshot is made in it.
///
/// @param free how much; a percentage is of the pool's size
/// @param action what to do when it is not
public record MinimumFree(Amount free, Action action) {

  /// What to do when too little is free.
  public enum Action {
    /// Make no snapshot.
    REFUSE,
    /// Delete the policy's own oldest snapshots until there is, down to its minimum.
    DELETE_OLDEST
  }
}
