package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options with which a pool is made.
public final class PoolFormat {
  /// What a pool in a directory of its own has at least. The file is sparse: a promise, not a
  /// price.
  private static final long LEAST_DATA_BYTES = 16L << 30;

  private static final long LEAST_BLOCK_BYTES = 64 << 10;
  private static final long MOST_BLOCK_BYTES = 1 << 30;

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
      names = "--skip-block-zeroing",
      description = "The kernel's word for --zero-new-blocks false.")
  boolean skipBlockZeroing;

  @Mixin PoolSettings settings = new PoolSettings();

  /// Whether the pool is asked to be read-only.
  public boolean isReadOnly() {
    return settings.isReadOnly();
  }

  /// What to make at `data`.
  public Volumes.Format format(Path data) throws IOException {
    var blockBytes = blockSize.bytes();
    if (blockBytes < LEAST_BLOCK_BYTES
        || blockBytes > MOST_BLOCK_BYTES
        || blockBytes % LEAST_BLOCK_BYTES != 0) {
      throw new StorageException.InvalidArgument(
          "a data block of %s is not possible; choose 64 KiB to 1 GiB in steps of 64 KiB"
              .formatted(blockSize));
    }
    var dataBytes = dataBytes(data);
    settings.change().requireRoomToGrow(dataBytes);
    return new Volumes.Format(
        blockBytes, dataBytes, metadataSize == null ? 0 : metadataSize.bytes(), options());
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
    return settings
        .change()
        .applyTo(PoolOptions.DEFAULT.withZeroNewBlocks(!skipBlockZeroing), blockSize.bytes());
  }
}
