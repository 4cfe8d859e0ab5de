package io.lumeo.thin;

import org.jspecify.annotations.Nullable;

/// The state of a pool at one moment. Counts are blocks: metadata blocks of 4 KiB, data blocks of
/// [#dataBlockBytes].
///
/// @param transactionId a number of 64 bits without a sign
/// @param heldRoot the block of the metadata snapshot, or null when there is none
/// @param snapshotTicksLeft how many more snapshots (or batches of them) the 24-bit snapshot clock
///   allows
public record PoolStatus(
    PoolMode mode,
    boolean needsCheck,
    long transactionId,
    long dataBlockBytes,
    long metadataUsedBlocks,
    long metadataTotalBlocks,
    long metadataLowWaterBlocks,
    long dataUsedBlocks,
    long dataTotalBlocks,
    @Nullable Long heldRoot,
    DiscardMode discard,
    boolean errorIfNoSpace,
    long snapshotTime,
    long snapshotTicksLeft,
    int deviceCount) {

  public long dataUsedBytes() {
    return dataUsedBlocks * dataBlockBytes;
  }

  public long dataTotalBytes() {
    return dataTotalBlocks * dataBlockBytes;
  }

  public long dataFreeBytes() {
    return (dataTotalBlocks - dataUsedBlocks) * dataBlockBytes;
  }

  public long metadataUsedBytes() {
    return metadataUsedBlocks * 4096;
  }

  public long metadataTotalBytes() {
    return metadataTotalBlocks * 4096;
  }

  /// The parameters of the kernel's `dmsetup status` line for a `thin-pool` target, exactly as the
  /// kernel prints them.
  public String kernelLine() {
    if (mode == PoolMode.FAIL) {
      return mode.kernelName();
    }
    return "%s %d/%d %d/%d %s %s %s %s %s %d"
        .formatted(
            Long.toUnsignedString(transactionId),
            metadataUsedBlocks,
            metadataTotalBlocks,
            dataUsedBlocks,
            dataTotalBlocks,
            heldRoot == null ? "-" : heldRoot,
            mode.kernelName(),
            discard.kernelName(),
            errorIfNoSpace ? "error_if_no_space" : "queue_if_no_space",
            needsCheck ? "needs_check" : "-",
            metadataLowWaterBlocks);
  }
}
