package io.lumeo.lvm;

import io.lumeo.storage.Inventory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A close look at a host's LVM, for whoever wants to know what would bite: its inventory, and what
/// LVM and the kernel say besides that no other storage has. Sizes are bytes.
///
/// @param version of lvm2, such as `2.03.16`
/// @param groups by the uuid of the volume group
/// @param thinPools by the uuid of the thin pool
/// @param volumes by the uuid of the volume; those that LVM hides are not among them, but for
///   snapshots that are being merged
/// @param devices physical volumes, free ones too
public record Checkup(
    Inventory inventory,
    String version,
    Watching watching,
    Backups backups,
    Map<String, Group> groups,
    Map<String, ThinPool> thinPools,
    Map<String, LogicalVolume> volumes,
    List<PhysicalVolume> devices) {

  public Checkup {
    groups = Map.copyOf(groups);
    thinPools = Map.copyOf(thinPools);
    volumes = Map.copyOf(volumes);
    devices = List.copyOf(devices);
  }

  public Optional<Group> group(String uuid) {
    return Optional.ofNullable(groups.get(uuid));
  }

  public Optional<ThinPool> thinPool(String uuid) {
    return Optional.ofNullable(thinPools.get(uuid));
  }

  public Optional<LogicalVolume> volume(String uuid) {
    return Optional.ofNullable(volumes.get(uuid));
  }

  /// What LVM does by itself on this host.
  ///
  /// @param monitoring whether what is activated is registered with dmeventd
  /// @param daemonRuns whether dmeventd runs: without it LVM extends nothing
  /// @param snapshotThresholdPercent the fill at which it extends classic snapshots; 100 for never
  public record Watching(boolean monitoring, boolean daemonRuns, int snapshotThresholdPercent) {
    public boolean extendsSnapshots() {
      return snapshotThresholdPercent < 100;
    }
  }

  /// What LVM keeps of its metadata in files.
  ///
  /// @param enabled whether it writes one after each change
  /// @param folder where it keeps the newest of each group
  /// @param sequences the sequence number in the newest, by the name of the group
  /// @param archiveFolder where it keeps older ones
  /// @param archivedFiles how many those are
  public record Backups(
      boolean enabled,
      String folder,
      Map<String, Long> sequences,
      String archiveFolder,
      int archivedFiles) {

    public Backups {
      sequences = Map.copyOf(sequences);
    }

    /// The sequence number of the newest backup of the group of that name.
    public OptionalLong sequence(String group) {
      var sequence = sequences.get(group);
      return sequence == null ? OptionalLong.empty() : OptionalLong.of(sequence);
    }
  }

  /// What there is to know of a volume group besides how full it is.
  ///
  /// @param spareBytes the size of the spare that LVM repairs pool metadata into; 0 when none
  /// @param usable whether LVM may change it here: not exported, foreign, shared or partial
  /// @param moves the names of volumes in the middle of a `pvmove`
  public record Group(long spareBytes, boolean usable, List<String> moves) {
    public Group {
      moves = List.copyOf(moves);
    }
  }

  /// What there is to know of a thin pool besides how full it is.
  ///
  /// @param discards `ignore`, `nopassdown` or `passdown`; empty when LVM did not say
  /// @param monitored whether dmeventd was told to watch it
  /// @param profile the metadata profile it follows, empty for none
  /// @param reportedTransaction the transaction id in LVM's metadata
  /// @param kernelTransaction the one in the pool's own metadata, known while it is active
  /// @param metadataSnapshotHeld whether somebody has reserved a metadata snapshot
  /// @param needsCheck whether its metadata must be checked before they are written again
  /// @param active whether the kernel has it
  public record ThinPool(
      String discards,
      boolean monitored,
      String profile,
      OptionalLong reportedTransaction,
      OptionalLong kernelTransaction,
      boolean metadataSnapshotHeld,
      boolean needsCheck,
      boolean active) {}

  /// What there is to know of a volume besides how full it is.
  ///
  /// @param monitored whether dmeventd was told to watch it
  /// @param merging whether it is a snapshot that is becoming its origin, or waits to
  /// @param mergeFailed whether that went wrong
  /// @param skipsActivation whether `lvchange -ay` leaves it inactive without a word
  /// @param suspended whether all that is written to it waits
  /// @param largestStoreBytes with a store of this size a classic snapshot cannot overflow; 0 for
  ///   other volumes
  /// @param fileSystemBytes what the file system on it spans, or null when that is not known
  /// @param mountedReadOnly whether it is mounted, and not for writing
  /// @param ambivalent whether the probe saw signatures of several types on it
  /// @param trashedUntil when it may leave the trash, or null when it is not there
  public record LogicalVolume(
      boolean monitored,
      boolean merging,
      boolean mergeFailed,
      boolean skipsActivation,
      boolean suspended,
      long largestStoreBytes,
      @Nullable Long fileSystemBytes,
      boolean mountedReadOnly,
      boolean ambivalent,
      @Nullable Instant trashedUntil) {}

  /// A physical volume.
  ///
  /// @param path of its device, or LVM's word for one that is missing
  /// @param group the name of its group, empty when it belongs to none
  /// @param sizeBytes what LVM uses of the device
  /// @param deviceBytes what the device has; more than `sizeBytes` after it has grown
  /// @param allocatable whether LVM may put new extents there
  /// @param duplicate whether another device says that it is the same
  public record PhysicalVolume(
      String path,
      String group,
      long sizeBytes,
      long freeBytes,
      long deviceBytes,
      boolean allocatable,
      boolean duplicate,
      boolean missing) {}
}
