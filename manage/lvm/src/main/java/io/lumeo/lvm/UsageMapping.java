package io.lumeo.lvm;

import io.lumeo.storage.Usage;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// How full a volume is: to the block where the kernel says it, else from LVM's percentages, which
/// have two decimals.
final class UsageMapping {
  private UsageMapping() {}

  /// Of a pool its data, of a thin volume what it has mapped, of a classic snapshot its store; null
  /// for what has no such thing, or when nobody says.
  static @Nullable Usage data(VolumeRow volume, @Nullable TargetStatus status) {
    return switch (status) {
      case TargetStatus.ThinPool pool when chunkBytes(volume) > 0 ->
          usage(pool.dataChunks() * chunkBytes(volume), pool.dataUsedChunks() * chunkBytes(volume));
      case TargetStatus.Thin thin -> usage(volume.sizeBytes(), thin.mappedBytes());
      case TargetStatus.Snapshot snapshot -> usage(snapshot.storeBytes(), snapshot.usedBytes());
      case TargetStatus.InvalidSnapshot _ -> usage(volume.sizeBytes(), volume.sizeBytes());
      case null, default -> share(volume.sizeBytes(), volume.dataPercent());
    };
  }

  /// Of a pool its metadata; null for what has none, or when nobody says.
  static @Nullable Usage metadata(VolumeRow volume, @Nullable TargetStatus status) {
    if (status instanceof TargetStatus.ThinPool pool) {
      return usage(
          pool.metadataBlocks() * TargetStatus.ThinPool.METADATA_BLOCK_BYTES,
          pool.metadataUsedBlocks() * TargetStatus.ThinPool.METADATA_BLOCK_BYTES);
    }
    return volume.metadataBytes() == 0
        ? null
        : share(volume.metadataBytes(), volume.metadataPercent());
  }

  static long chunkBytes(VolumeRow pool) {
    return pool.segments().isEmpty() ? 0 : pool.segments().getFirst().chunkBytes();
  }

  private static @Nullable Usage share(long sizeBytes, OptionalDouble percent) {
    return percent.isPresent()
        ? usage(sizeBytes, (long) Math.ceil(sizeBytes * percent.getAsDouble() / 100))
        : null;
  }

  /// A snapshot's store can be fuller than full before the kernel gives it up.
  private static Usage usage(long sizeBytes, long usedBytes) {
    return new Usage(sizeBytes, Math.clamp(usedBytes, 0, sizeBytes));
  }
}
