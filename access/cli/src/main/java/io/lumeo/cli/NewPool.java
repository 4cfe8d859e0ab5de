package io.lumeo.cli;

import io.lumeo.block.FileDevice;
import io.lumeo.block.StorageException;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// A pool that is to be made: whether it can be, and what making it would do. Looking changes
/// nothing.
final class NewPool {
  private static final int SUPERBLOCK_BYTES = 4096;

  private final PoolFiles files;
  private final Volumes.Format format;

  NewPool(PoolFiles files, Volumes.Format format) {
    this.files = files;
    this.format = format;
  }

  /// Refuses what would fail or harm: a pool that is there, files that are in use, places that
  /// cannot be written or are too small.
  void check() throws IOException {
    if (Files.exists(files.catalogue()) && Files.size(files.catalogue()) > 0) {
      throw new StorageException.AlreadyExists(
          "there is a catalogue at %s already; open that pool or choose another place"
              .formatted(files.catalogue()));
    }
    requirePlace(files.catalogue());
    checkMetadata();
    checkData();
  }

  private void checkMetadata() throws IOException {
    if (Files.notExists(files.metadata())) {
      requirePlace(files.metadata());
      requireSpace(files.metadata(), metadataBytes());
      return;
    }
    try (var metadata = open(files.metadata())) {
      var start = new byte[(int) Math.min(SUPERBLOCK_BYTES, metadata.sizeBytes())];
      metadata.read(0, MemorySegment.ofArray(start));
      if (!Arrays.equals(start, new byte[start.length])) {
        throw new StorageException.AlreadyExists(
            "%s has something in it already; open it as a pool, or zero its first 4 KiB to make a"
                    .formatted(files.metadata())
                + " new one");
      }
    }
  }

  private void checkData() throws IOException {
    if (Files.notExists(files.data())) {
      requirePlace(files.data());
    } else {
      open(files.data()).close();
    }
    if (dataBytes() < format.dataBlockBytes()) {
      throw new StorageException.InvalidArgument(
          "data of %s holds no data block of %s; make it larger or the blocks smaller"
              .formatted(Size.human(dataBytes()), Size.human(format.dataBlockBytes())));
    }
  }

  private static FileDevice open(Path path) throws IOException {
    var device = FileDevice.open(path, FileDevice.Access.READ_WRITE);
    try {
      device.lockExclusively();
      return device;
    } catch (IOException | RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /// A new file needs a folder that can be written, or can be made.
  private static void requirePlace(Path path) throws IOException {
    var folder = existingFolder(path);
    if (!Files.isDirectory(folder)) {
      throw new StorageException.InvalidArgument(
          "%s cannot be made: %s is not a folder".formatted(path, folder));
    }
    if (Files.notExists(path) && !Files.isWritable(folder)) {
      throw new AccessDeniedException(folder.toString());
    }
  }

  /// The metadata is written whole, the data is sparse.
  private static void requireSpace(Path path, long sizeBytes) throws IOException {
    var free = Files.getFileStore(existingFolder(path)).getUsableSpace();
    if (free < sizeBytes) {
      throw new StorageException.OutOfSpace(
          "%s of metadata does not fit beside %s: %s are free there; choose another place or a smaller --meta-size"
              .formatted(Size.human(sizeBytes), path, Size.human(free)));
    }
  }

  private static Path existingFolder(Path path) throws IOException {
    for (var folder = path.toAbsolutePath().getParent();
        folder != null;
        folder = folder.getParent()) {
      if (Files.exists(folder)) {
        return folder;
      }
    }
    throw new IOException("no folder above " + path + " exists");
  }

  /// As an order: "create a pool of … in …".
  ///
  /// @param where as the user wrote it
  String describe(String where) throws IOException {
    return "create a pool of %s in blocks of %s in %s: %s of metadata in %s, data in %s"
        .formatted(
            Size.human(dataBytes()),
            Size.human(format.dataBlockBytes()),
            where,
            Size.human(metadataBytes()),
            file(files.metadata()),
            file(files.data()));
  }

  private static String file(Path path) {
    return path + (Files.exists(path) ? " (there already)" : " (new)");
  }

  private long metadataBytes() throws IOException {
    return Math.max(sizeBytes(files.metadata()), Volumes.metadataBytes(format, dataBytes()));
  }

  private long dataBytes() throws IOException {
    return Math.max(sizeBytes(files.data()), format.dataBytes());
  }

  private static long sizeBytes(Path path) throws IOException {
    if (Files.notExists(path)) {
      return 0;
    }
    try (var device = FileDevice.open(path, FileDevice.Access.READ_ONLY)) {
      return device.sizeBytes();
    }
  }
}
