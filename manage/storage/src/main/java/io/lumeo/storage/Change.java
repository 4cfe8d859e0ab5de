package io.lumeo.storage;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// A change that somebody wants. Volumes and pools are named by uuid. All sizes are bytes, rounded
/// up to the pool's unit by the plan, which says so.
public sealed interface Change {
  /// Which kind of change it is, as people read it: `extend-volume`.
  default String kind() {
    return getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(Locale.ROOT);
  }

  /// A snapshot of a volume.
  ///
  /// @param store the size of a classic snapshot's store; null for thin snapshots
  /// @param active whether it can be read at once
  record CreateSnapshot(
      String volume,
      String name,
      @Nullable StoreSize store,
      boolean active,
      boolean readOnly,
      SortedSet<String> tags)
      implements Change {}

  /// How large a classic snapshot's store is to be.
  sealed interface StoreSize {
    record Bytes(long bytes) implements StoreSize {}

    /// A share of the origin.
    ///
    /// @param percent of the origin's size, 1 to 100; room for the exception table comes on top
    record OfOrigin(int percent) implements StoreSize {}
  }

  /// A writable volume that begins as a copy of a snapshot or volume and shares its blocks.
  record CreateClone(String source, String name, boolean active, SortedSet<String> tags)
      implements Change {}

  /// An empty volume.
  ///
  /// @param pool a thin pool's uuid for a thin volume, a volume group's for a thick one
  record CreateVolume(String pool, String name, long sizeBytes, SortedSet<String> tags)
      implements Change {}

  /// A thin pool in a volume group.
  ///
  /// @param dataDevices where the data is to lie, or empty for the system's choice
  /// @param metadataDevices where the metadata is to lie, or empty for the system's choice
  /// @param profile a metadata profile of LVM's, or null
  record CreateThinPool(
      String group,
      String name,
      long dataBytes,
      @Nullable Long metadataBytes,
      @Nullable Long chunkBytes,
      List<String> dataDevices,
      List<String> metadataDevices,
      @Nullable String profile,
      SortedSet<String> tags)
      implements Change {}

  /// Makes a volume larger.
  ///
  /// @param sizeBytes what it is to be afterwards
  /// @param fileSystem what is to happen to what lies on it
  record ExtendVolume(String volume, long sizeBytes, WithFileSystem fileSystem) implements Change {}

  enum WithFileSystem {
    /// Grow the file system too; refused when it is of a type that cannot be grown safely.
    GROW,
    /// Only the volume, whatever lies on it.
    LEAVE
  }

  /// Lets a file system fill the volume it lies on: the second half of an extension that was cut.
  record GrowFileSystem(String volume) implements Change {}

  /// Extends the store of a classic snapshot.
  record ExtendSnapshotStore(String snapshot, long sizeBytes) implements Change {}

  record ExtendPoolData(String pool, long sizeBytes) implements Change {}

  record ExtendPoolMetadata(String pool, long sizeBytes) implements Change {}

  /// Rebuilds a thin pool's metadata after damage, and keeps what was there before. Refused a
  /// second time: what the first has not mended needs a person.
  record RepairPoolMetadata(String pool) implements Change {}

  record AddDevices(String pool, List<String> devices) implements Change {}

  /// Makes `volume` what `snapshot` is.
  ///
  /// @param keepSnapshot whether the snapshot is still wanted afterwards
  /// @param safetySnapshot the name of a snapshot of the present content to take first, or null
  record RollBack(
      String volume, String snapshot, boolean keepSnapshot, @Nullable String safetySnapshot)
      implements Change {}

  /// Returns what the file system on a volume has freed to its pool.
  record Trim(String volume) implements Change {}

  /// Says what becomes of a discard.
  ///
  /// @param mode `ignore`, `nopassdown` or `passdown`
  record SetDiscards(String pool, String mode) implements Change {}

  record Activate(String volume, boolean active) implements Change {}

  record Rename(String volume, String newName) implements Change {}

  record SetTags(String volume, SortedSet<String> add, SortedSet<String> remove)
      implements Change {}

  /// Removes a volume that Lumeo made, for good after `timeToLive`; until then it can be restored.
  record Trash(String volume, Duration timeToLive) implements Change {}

  record RestoreFromTrash(String volume) implements Change {}

  /// Removes for good what is in the trash and past its time.
  record Purge(String volume) implements Change {}

  /// Sets or clears what the system does by itself when a pool fills; null turns it off.
  record SetSelfExtension(String pool, Pool.@Nullable SelfExtension rule) implements Change {}

  /// Puts a volume group's metadata back as a backup has it.
  ///
  /// @param backup the name of the backup in our own store
  record RestoreGroupMetadata(String group, String backup) implements Change {}
}
