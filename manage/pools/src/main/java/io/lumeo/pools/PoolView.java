package io.lumeo.pools;

import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.PoolMode;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// A pool as REST and the command line show it.
///
/// @param name the name of its metadata file without `.meta`
/// @param metadata where its metadata lies
/// @param data where its data lies
/// @param mode what it can still do
/// @param needsCheck whether it takes no writes until it has been checked
/// @param transactionId the number a volume manager sets by compare-and-swap, of 64 bits without a
///   sign
/// @param dataSizeBytes the size of the data device, in whole data blocks
/// @param lowWaterBytes free space below which an event is raised
/// @param discard what discards do
/// @param zeroNewBlocks whether a partly written new block is zeroed first
/// @param errorIfNoSpace whether writes that need space fail at once when there is none
/// @param noSpaceTimeoutSeconds how long they wait otherwise; 0 is for ever
/// @param autoExtendStepBytes by how much the data file grows by itself, or null when it does not
/// @param autoExtendMaximumBytes how far it grows by itself, or null
/// @param virtualSizeBytes the sum of the sizes of all volumes and snapshots
/// @param overProvisioning `virtualSizeBytes` over `dataSizeBytes`
/// @param overProvisioningWithoutSnapshots the same, snapshots not counted
/// @param snapshotTime the snapshot clock
/// @param snapshotTicksLeft how many more ticks the clock has
/// @param metadataSnapshotBlock the block of the metadata snapshot, or null
/// @param sequence grows when its volumes, their names, sizes or tags, its options or its own size
///   change; not when volumes are written
/// @param uuid who it is, whatever it is called
public record PoolView(
    String name,
    String metadata,
    String data,
    PoolMode mode,
    boolean needsCheck,
    BigInteger transactionId,
    long dataBlockSizeBytes,
    long dataSizeBytes,
    long dataUsedBytes,
    long dataFreeBytes,
    long metadataSizeBytes,
    long metadataUsedBytes,
    long lowWaterBytes,
    DiscardMode discard,
    boolean zeroNewBlocks,
    boolean readOnly,
    boolean errorIfNoSpace,
    long noSpaceTimeoutSeconds,
    @Nullable Long autoExtendStepBytes,
    @Nullable Long autoExtendMaximumBytes,
    int volumeCount,
    int snapshotCount,
    long virtualSizeBytes,
    double overProvisioning,
    double overProvisioningWithoutSnapshots,
    long snapshotTime,
    long snapshotTicksLeft,
    @Nullable Long metadataSnapshotBlock,
    long sequence,
    String uuid) {}
