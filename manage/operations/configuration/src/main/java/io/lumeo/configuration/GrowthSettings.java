package io.lumeo.configuration;

import io.lumeo.policies.Amount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How something grows before it is full.
///
/// @param thresholdPercent how full it is when it grows, 1 to 99
/// @param step by how much; a share is of its present size
/// @param maximumBytes where it stops
/// @param reserve what is left free in the group whatever happens; a share is of the group
/// @param leadTime how far ahead of the foreseen end it grows, threshold or not
/// @param spareDevices what the group may be given when it is out of space
/// @param metadata how a pool's metadata grows; empty for as much as its data's, from 70 % on
public record GrowthSettings(
    String name,
    Glob host,
    Target target,
    Mode mode,
    int thresholdPercent,
    Amount step,
    Optional<Long> maximumBytes,
    Duration coolDown,
    Amount reserve,
    Duration leadTime,
    List<String> spareDevices,
    Optional<Metadata> metadata) {

  /// What grows.
  public sealed interface Target {
    Glob glob();
  }

  /// Pools: `group/pool` of LVM, or the name of a pool of Lumeo's.
  public record Pools(Glob glob) implements Target {}

  /// Volumes.
  ///
  /// @param mountPoint where the file system must be mounted for the rule to hold; empty for
  ///   anywhere
  public record Volumes(Glob glob, FileSystem fileSystem, Optional<Path> mountPoint)
      implements Target {}

  /// The stores of classic snapshots, named by the snapshot.
  public record Stores(Glob glob) implements Target {}

  /// What happens to what lies on a volume.
  public enum FileSystem {
    GROW,
    LEAVE
  }

  /// Who does it; never both.
  public enum Mode {
    /// Lumeo.
    MANAGED,
    /// LVM by its own rules; Lumeo only looks whether it does.
    DELEGATE
  }

  /// How the metadata of a pool grows.
  public record Metadata(int thresholdPercent, Amount step, Optional<Long> maximumBytes) {}
}
