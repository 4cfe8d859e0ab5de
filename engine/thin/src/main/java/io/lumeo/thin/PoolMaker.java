package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Makes the files of a new pool. When it fails, files it made are gone again, and what was there
/// is as it was.
final class PoolMaker {
  private static final long MIN_METADATA_BYTES = 16L << 20;
  private static final long METADATA_BYTES_PER_DATA_BLOCK = 64;

  private PoolMaker() {}

  static void make(PoolFiles files, Volumes.Format format, Instant now) throws IOException {
    DataBlocks.sectorsOf(format.dataBlockBytes());
    if (Files.exists(files.catalogue()) && Files.size(files.catalogue()) > 0) {
      throw new StorageException.AlreadyExists(
          "there is a catalogue at %s already; open that pool or choose another place"
              .formatted(files.catalogue()));
    }
    var made = new ArrayList<Path>();
    try {
      try (var data = openOrMake(files.data(), format.dataBytes(), "data", made);
          var metadata =
              openOrMake(
                  files.metadata(), metadataBytes(format, data.sizeBytes()), "metadata", made)) {
        data.lockExclusively();
        metadata.lockExclusively();
        requireUnformatted(metadata, files.metadata());
        grow(data, format.dataBytes());
        grow(metadata, Math.min(format.metadataBytes(), PoolMetadata.maxBytes()));
        if (made.contains(files.metadata())) {
          metadata.writeZeroes(0, metadata.sizeBytes(), ZeroMode.KEEP_ALLOCATED);
        }
        Pool.format(metadata, data, format.dataBlockBytes());
      }
      if (!Files.exists(files.catalogue())) {
        made.add(files.catalogue());
      }
      try (var catalogue = Catalogue.open(files.catalogue())) {
        catalogue.begin(format.options(), now);
      }
    } catch (IOException | RuntimeException e) {
      for (var path : made) {
        Files.deleteIfExists(path);
      }
      throw e;
    }
  }

  private static FileDevice openOrMake(Path path, long sizeBytes, String what, List<Path> made)
      throws IOException {
    if (Files.exists(path)) {
      return FileDevice.open(path, FileDevice.Access.READ_WRITE);
    }
    if (sizeBytes <= 0) {
      throw new StorageException.InvalidArgument(
          "there is no %s file %s and no size for a new one; give a size".formatted(what, path));
    }
    var device = FileDevice.create(path, sizeBytes);
    made.add(path);
    return device;
  }

  /// What was there already grows only after it was found to be no pool of somebody else's.
  private static void grow(FileDevice device, long sizeBytes) throws IOException {
    if (device.sizeBytes() < sizeBytes) {
      device.extend(sizeBytes);
    }
  }

  static long metadataBytes(Volumes.Format format, long dataDeviceBytes) {
    if (format.metadataBytes() != 0) {
      return Math.min(format.metadataBytes(), PoolMetadata.maxBytes());
    }
    long dataBytes = Math.max(dataDeviceBytes, format.dataBytes());
    var extension = format.options().autoExtension();
    long largest = extension == null ? dataBytes : Math.max(dataBytes, extension.maximumBytes());
    long wanted = largest / format.dataBlockBytes() * METADATA_BYTES_PER_DATA_BLOCK;
    long rounded = Math.ceilDiv(wanted, Superblock.BLOCK_BYTES) * Superblock.BLOCK_BYTES;
    return Math.clamp(rounded, MIN_METADATA_BYTES, PoolMetadata.maxBytes());
  }

  private static void requireUnformatted(BlockDevice metadata, Path path) throws IOException {
    if (PoolMetadata.isFormatted(metadata)) {
      throw new StorageException.AlreadyExists(
          "%s has something in it already; open it as a pool, or zero its first 4 KiB to make a new one"
              .formatted(path));
    }
  }
}
