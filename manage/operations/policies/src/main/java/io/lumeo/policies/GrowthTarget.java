package io.lumeo.policies;

/// What can be made larger before it is full.
public enum GrowthTarget {
  POOL_DATA,
  /// LVM keeps a spare of the same size for repairs, which grows with it.
  POOL_METADATA,
  /// The store of a classic snapshot: when it is full, the snapshot is lost.
  SNAPSHOT_STORE,
  /// A volume with a file system on it, whose fill is the file system's.
  FILE_SYSTEM
}
