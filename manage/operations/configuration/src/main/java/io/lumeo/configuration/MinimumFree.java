package io.lumeo.configuration;

/// What must be free in a pool before a snapshot is made in it.
public record MinimumFree(Amount amount, Action action) {

  /// What happens when it is not.
  public enum Action {
    /// No snapshot is made, and that is said.
    REFUSE,
    /// The policy's oldest snapshots go first, down to `minKeep`.
    DELETE_OLDEST
  }
}
