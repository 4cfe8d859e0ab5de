package io.lumeo.pools;

import io.lumeo.block.StorageException;
import io.lumeo.thin.AutoExtension;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.PoolOptions;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What to change of a pool; what is null stays.
///
/// @param dataSizeBytes the new size of the data device; it only grows
/// @param metadataSizeBytes the new size of the metadata device; it only grows
/// @param readOnly whether the pool is never to be written, from the next opening on
/// @param autoExtendStepBytes by how much the data file grows by itself; 0 turns it off
/// @param autoExtendMaximumBytes how far it grows by itself
public record PoolChange(
    @Nullable Long dataSizeBytes,
    @Nullable Long metadataSizeBytes,
    @Nullable Long lowWaterBytes,
    @Nullable DiscardMode discard,
    @Nullable Boolean zeroNewBlocks,
    @Nullable Boolean readOnly,
    @Nullable Boolean errorIfNoSpace,
    @Nullable Long noSpaceTimeoutSeconds,
    @Nullable Long autoExtendStepBytes,
    @Nullable Long autoExtendMaximumBytes) {

  /// Only a new size for data or metadata.
  public static PoolChange extension(
      @Nullable Long dataSizeBytes, @Nullable Long metadataSizeBytes) {
    return new PoolChange(
        dataSizeBytes, metadataSizeBytes, null, null, null, null, null, null, null, null);
  }

  /// Whether it changes nothing.
  public boolean isEmpty() {
    return dataSizeBytes == null && metadataSizeBytes == null && !changesOptions();
  }

  boolean changesOptions() {
    return lowWaterBytes != null
        || discard != null
        || zeroNewBlocks != null
        || readOnly != null
        || errorIfNoSpace != null
        || noSpaceTimeoutSeconds != null
        || autoExtendStepBytes != null
        || autoExtendMaximumBytes != null;
  }

  /// The options as they are to be, starting from those that are.
  ///
  /// @param dataBlockBytes the pool's data block size, of which the low-water mark is a multiple
  /// @throws StorageException.InvalidArgument if a value is not possible
  public PoolOptions applyTo(PoolOptions now, long dataBlockBytes) throws StorageException {
    var options = now;
    try {
      if (lowWaterBytes != null) {
        options = options.withLowWaterBlocks(lowWaterBlocks(lowWaterBytes, dataBlockBytes));
      }
      if (discard != null) {
        options = options.withDiscard(discard);
      }
      if (zeroNewBlocks != null) {
        options = options.withZeroNewBlocks(zeroNewBlocks);
      }
      if (readOnly != null) {
        options = options.withReadOnly(readOnly);
      }
      if (errorIfNoSpace != null) {
        options = options.withErrorIfNoSpace(errorIfNoSpace);
      }
      if (noSpaceTimeoutSeconds != null) {
        options = options.withNoSpaceTimeout(Duration.ofSeconds(noSpaceTimeoutSeconds));
      }
      if (autoExtendStepBytes != null || autoExtendMaximumBytes != null) {
        options = options.withAutoExtension(autoExtension(options.autoExtension()));
      }
      return options;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new StorageException.InvalidArgument(String.valueOf(e.getMessage()));
    }
  }

  /// Rounded up; what is less than nothing would be rounded to nothing.
  private static long lowWaterBlocks(long bytes, long dataBlockBytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "a low-water mark of %d bytes is not possible; give 0 for none".formatted(bytes));
    }
    return Math.ceilDiv(bytes, dataBlockBytes);
  }

  /// Refuses a new maximum for growth that the data has passed already: it would never grow, and
  /// somebody expects it to.
  ///
  /// @param dataBytes the size of the data now, or after what else is asked for
  /// @throws StorageException.InvalidArgument if the maximum is smaller
  public void requireRoomToGrow(long dataBytes) throws StorageException {
    if (autoExtendMaximumBytes != null
        && autoExtendMaximumBytes < dataBytes
        && !Objects.equals(autoExtendStepBytes, 0L)) {
      throw new StorageException.InvalidArgument(
          "the data has %d bytes already and cannot grow by itself up to %d; give a larger maximum"
              .formatted(dataBytes, autoExtendMaximumBytes));
    }
  }

  private @Nullable AutoExtension autoExtension(@Nullable AutoExtension now)
      throws StorageException {
    var step = autoExtendStepBytes;
    if (step == null && now != null) {
      step = now.stepBytes();
    }
    if (step == null || step == 0) {
      if (autoExtendMaximumBytes != null) {
        throw new StorageException.InvalidArgument(
            "a maximum to grow to needs a step to grow by; give both");
      }
      return null;
    }
    var maximum = autoExtendMaximumBytes;
    if (maximum == null && now != null) {
      maximum = now.maximumBytes();
    }
    if (maximum == null) {
      throw new StorageException.InvalidArgument(
          "a step to grow by needs a maximum to grow to; give both");
    }
    return new AutoExtension(step, maximum);
  }
}
