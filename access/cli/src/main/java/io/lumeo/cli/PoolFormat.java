package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.thin.AutoExtension;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options with which a pool is made.
public final class PoolFormat {
  /// What a pool in a directory of its own has at least. The file is sparse: a promise, not a
  /// price.
  private static final long LEAST_DATA_BYTES = 16L << 30;

  /// Made by picocli, which then fills it.
  public PoolFormat() {}

  @Option(
      names = "--data-size",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description =
          "Size of the data (default: that of an existing file or device; else nine tenths of the"
              + " file system's free space, 16GiB at least, as a sparse file).")
  @Nullable Size dataSize;

  @Option(
      names = "--meta-size",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "Size of the metadata (default: by the size of the data).")
  @Nullable Size metadataSize;

  @Option(
      names = "--block-size",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      defaultValue = "64K",
      description = "Size of a data block: 64K to 1G in steps of 64K (default: 64K).")
  Size blockSize = new Size(64 << 10);

  @Option(
      names = "--low-water",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "Free space below which an event is raised (default: none).")
  @Nullable Size lowWater;

  @Option(
      names = "--skip-block-zeroing",
      description = "Do not zero new blocks that are only partly written.")
  boolean skipBlockZeroing;

  @Option(
      names = "--discard",
      paramLabel = "MODE",
      description = "What discards do: passdown, no-passdown or ignore (default: passdown).",
      defaultValue = "passdown")
  DiscardMode discard = DiscardMode.PASSDOWN;

  @Option(
      names = "--error-if-no-space",
      description = "Fail writes that need space at once when there is none, do not queue them.")
  boolean errorIfNoSpace;

  @Option(
      names = "--no-space-timeout",
      paramLabel = "SECONDS",
      description = "How long writes wait for space; 0 is for ever (default: 60).",
      defaultValue = "60")
  long noSpaceTimeoutSeconds = 60;

  @Option(
      names = "--auto-extend-step",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "Let the data file grow by itself in such steps (default: it does not).")
  @Nullable Size autoExtendStep;

  @Option(
      names = "--auto-extend-max",
      paramLabel = "SIZE",
      converter = Size.Converter.class,
      description = "The size that the data file never passes by growing.")
  @Nullable Size autoExtendMaximum;

  /// What to make at `data`.
  public Volumes.Format format(Path data) throws IOException {
    var blockBytes = blockSize.bytes();
    return new Volumes.Format(
        blockBytes, dataBytes(data), metadataSize == null ? 0 : metadataSize.bytes(), options());
  }

  private long dataBytes(Path data) throws IOException {
    if (dataSize != null) {
      return dataSize.bytes();
    }
    if (Files.exists(data)) {
      return existingBytes(data);
    }
    var free = Files.getFileStore(existingParent(data)).getUsableSpace();
    var generous = Math.max(LEAST_DATA_BYTES, free / 10 * 9);
    return generous - generous % blockSize.bytes();
  }

  /// The size of a file or a block device.
  private static long existingBytes(Path data) throws IOException {
    try (var channel = java.nio.channels.FileChannel.open(data)) {
      return channel.size();
    }
  }

  private static Path existingParent(Path path) throws IOException {
    for (var parent = path.toAbsolutePath().getParent();
        parent != null;
        parent = parent.getParent()) {
      if (Files.exists(parent)) {
        return parent;
      }
    }
    throw new IOException("no folder above " + path + " exists");
  }

  private PoolOptions options() throws StorageException {
    try {
      return PoolOptions.DEFAULT
          .withLowWaterBlocks(
              lowWater == null ? 0 : Math.ceilDiv(lowWater.bytes(), blockSize.bytes()))
          .withZeroNewBlocks(!skipBlockZeroing)
          .withDiscard(discard)
          .withErrorIfNoSpace(errorIfNoSpace)
          .withNoSpaceTimeout(Duration.ofSeconds(noSpaceTimeoutSeconds))
          .withAutoExtension(autoExtension());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new StorageException.InvalidArgument(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable AutoExtension autoExtension() throws StorageException {
    if ((autoExtendStep == null) != (autoExtendMaximum == null)) {
      throw new StorageException.InvalidArgument(
          "to grow by itself a pool needs both --auto-extend-step and --auto-extend-max");
    }
    return autoExtendStep == null || autoExtendMaximum == null
        ? null
        : new AutoExtension(autoExtendStep.bytes(), autoExtendMaximum.bytes());
  }
}
