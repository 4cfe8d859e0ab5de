package io.lumeo.configuration;

import io.lumeo.policies.Amount;
import java.util.Optional;

/// How snapshots are made.
///
/// @param store how large the store of a classic snapshot is made; empty for a size that follows
///   the change rate seen
/// @param storeMaximum what it never exceeds, of the origin or in bytes
/// @param perOrigin how many classic snapshots one origin may have: each costs every write
public record SnapshotSettings(
    Kind kind,
    Optional<Amount> store,
    Optional<Amount> storeMaximum,
    int perOrigin,
    boolean active,
    boolean readOnly) {

  /// Which kind of snapshot.
  public enum Kind {
    /// Thin of thin volumes, classic of others.
    AUTO,
    THIN,
    CLASSIC
  }
}
