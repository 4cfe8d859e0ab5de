package io.lumeo.lvm;

import java.util.Set;

/// What the kernel says of one device-mapper device, from `dmsetup status`: how full it is, without
/// LVM's locks.
sealed interface TargetStatus {

  /// A thin pool that works.
  ///
  /// @param transactionId must be what LVM's metadata say
  /// @param metadataUsedBlocks of 4 KiB
  /// @param dataUsedChunks of the pool's chunk size
  /// @param metadataSnapshotHeld whether a metadata snapshot is reserved: only one can be
  /// @param mode what it can do now
  /// @param needsCheck whether its metadata must be checked before they are written again
  record ThinPool(
      long transactionId,
      long metadataUsedBlocks,
      long metadataBlocks,
      long dataUsedChunks,
      long dataChunks,
      boolean metadataSnapshotHeld,
      Mode mode,
      boolean errorsWhenFull,
      boolean needsCheck,
      Set<String> flags)
      implements TargetStatus {

    static final int METADATA_BLOCK_BYTES = 4096;

    enum Mode {
      WRITE,
      OUT_OF_DATA_SPACE,
      READ_ONLY
    }
  }

  /// A thin volume that works.
  ///
  /// @param mappedBytes what it has of its pool
  record Thin(long mappedBytes) implements TargetStatus {}

  /// A classic snapshot that works.
  ///
  /// @param usedBytes of its store, exception table included
  record Snapshot(long usedBytes, long storeBytes, long metadataBytes) implements TargetStatus {}

  /// A classic snapshot whose content is lost.
  record InvalidSnapshot(String word) implements TargetStatus {}

  /// A device that the kernel has given up, with its word for it: `Fail` or `Error`.
  record Failed(String word) implements TargetStatus {}

  /// A device of another kind, or one whose status has a form that is not known.
  record Other(String target, String text) implements TargetStatus {}
}
