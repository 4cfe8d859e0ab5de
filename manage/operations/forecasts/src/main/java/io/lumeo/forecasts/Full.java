package io.lumeo.forecasts;

/// What can be full.
public enum Full {
  /// The pool's data as large as it is now. Where something extends it, this is when the next
  /// extension must have happened.
  DATA,
  /// The pool's data after every extension that the group's free space, the cap and the reserve
  /// allow.
  DATA_WITH_GROUP,
  METADATA,
  FILE_SYSTEM,
  /// A classic snapshot's store: the snapshot is lost then.
  SNAPSHOT_STORE
}
