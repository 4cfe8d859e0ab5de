package io.lumeo.storage;

/// What can be done with a pool or a volume.
public enum Capability {
  /// Snapshots that share blocks with their origin and need no size.
  THIN_SNAPSHOT,
  /// Snapshots with a copy-on-write store of their own, which can overflow.
  CLASSIC_SNAPSHOT,
  /// The volume can grow while in use.
  EXTEND_ONLINE,
  /// The pool's data can grow.
  EXTEND_DATA,
  /// The pool's metadata can grow.
  EXTEND_METADATA,
  /// Devices can be added to the pool.
  ADD_DEVICES,
  /// A snapshot can replace its origin's content.
  ROLL_BACK,
  /// A snapshot can become a new writable volume.
  CLONE,
  /// Blocks that a file system has freed return to the pool.
  TRIM,
  /// What is removed is kept for a while.
  TRASH,
  /// The system can extend the pool itself, by its own rules.
  EXTENDS_ITSELF
}
