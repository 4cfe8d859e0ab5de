package io.lumeo.thin;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a pool behaves: the kernel's table features and what Lumeo adds. Nothing of it is in the
/// pool's metadata; as with the kernel, whoever opens the pool says it ([Volumes] keeps it in the
/// catalogue).
///
/// @param lowWaterBlocks free data blocks below which an event is raised, once per crossing
/// @param zeroNewBlocks whether a partly written new block is zeroed first (the kernel's
///   `skip_block_zeroing` is the opposite)
/// @param discard what discards do
/// @param readOnly open without ever writing
/// @param errorIfNoSpace fail writes that need space at once instead of queueing them
/// @param noSpaceTimeout how long a write waits for space before it fails; zero waits for ever
/// @param autoExtension how the data file grows by itself, or null when it does not
/// @param metadataCacheBytes bound of the cache of clean metadata blocks
public record PoolOptions(
    long lowWaterBlocks,
    boolean zeroNewBlocks,
    DiscardMode discard,
    boolean readOnly,
    boolean errorIfNoSpace,
    Duration noSpaceTimeout,
    @Nullable AutoExtension autoExtension,
    long metadataCacheBytes) {

  /// The kernel's defaults: zeroing on, discards passed down, queue for 60 seconds when space is
  /// out.
  public static final PoolOptions DEFAULT =
      new PoolOptions(
          0, true, DiscardMode.PASSDOWN, false, false, Duration.ofSeconds(60), null, 64L << 20);

  public PoolOptions {
    if (lowWaterBlocks < 0 || metadataCacheBytes < 0 || noSpaceTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "negative pool option: low water %d, cache %d, timeout %s"
              .formatted(lowWaterBlocks, metadataCacheBytes, noSpaceTimeout));
    }
  }

  public PoolOptions withLowWaterBlocks(long blocks) {
    return new PoolOptions(
        blocks,
        zeroNewBlocks,
        discard,
        readOnly,
        errorIfNoSpace,
        noSpaceTimeout,
        autoExtension,
        metadataCacheBytes);
  }

  public PoolOptions withZeroNewBlocks(boolean zero) {
    return new PoolOptions(
        lowWaterBlocks,
        zero,
        discard,
        readOnly,
        errorIfNoSpace,
        noSpaceTimeout,
        autoExtension,
        metadataCacheBytes);
  }

  public PoolOptions withDiscard(DiscardMode mode) {
    return new PoolOptions(
        lowWaterBlocks,
        zeroNewBlocks,
        mode,
        readOnly,
        errorIfNoSpace,
        noSpaceTimeout,
        autoExtension,
        metadataCacheBytes);
  }

  public PoolOptions withReadOnly(boolean only) {
    return new PoolOptions(
        lowWaterBlocks,
        zeroNewBlocks,
        discard,
        only,
        errorIfNoSpace,
        noSpaceTimeout,
        autoExtension,
        metadataCacheBytes);
  }

  public PoolOptions withErrorIfNoSpace(boolean error) {
    return new PoolOptions(
        lowWaterBlocks,
        zeroNewBlocks,
        discard,
        readOnly,
        error,
        noSpaceTimeout,
        autoExtension,
        metadataCacheBytes);
  }

  public PoolOptions withNoSpaceTimeout(Duration timeout) {
    return new PoolOptions(
        lowWaterBlocks,
        zeroNewBlocks,
        discard,
        readOnly,
        errorIfNoSpace,
        timeout,
        autoExtension,
        metadataCacheBytes);
  }

  public PoolOptions withAutoExtension(@Nullable AutoExtension extension) {
    return new PoolOptions(
        lowWaterBlocks,
        zeroNewBlocks,
        discard,
        readOnly,
        errorIfNoSpace,
        noSpaceTimeout,
        extension,
        metadataCacheBytes);
  }

  public PoolOptions withMetadataCacheBytes(long bytes) {
    return new PoolOptions(
        lowWaterBlocks,
        zeroNewBlocks,
        discard,
        readOnly,
        errorIfNoSpace,
        noSpaceTimeout,
        autoExtension,
        bytes);
  }
}
