package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.thin.PoolFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which pool a command is about: a directory that `lumeo up` serves or could serve, or two files.
public class Where {
  static final String DEFAULT_DIRECTORY = "lumeo-data";

  /// Made by picocli, which then fills it.
  protected Where() {}

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "The pool's directory (default: $LUMEO_DIR, else ./" + DEFAULT_DIRECTORY + ").",
      defaultValue = "${env:LUMEO_DIR:-" + DEFAULT_DIRECTORY + "}")
  Path directory = Path.of(DEFAULT_DIRECTORY);

  @Option(
      names = "--meta",
      paramLabel = "FILE",
      description = "The metadata of a pool outside a directory: a file or block device.")
  @Nullable Path metadata;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "The data of a pool outside a directory: a file or block device.")
  @Nullable Path data;

  @Option(
      names = "--catalogue",
      paramLabel = "FILE",
      description = {
        "Where names, sizes and options are kept of a pool outside a directory",
        "(default: beside the metadata; to be given when that is a block device)."
      })
  @Nullable Path catalogue;

  /// Whether the pool is in a directory, where a server can be found.
  boolean isDirectory() {
    return metadata == null && data == null;
  }

  Path directory() {
    return directory;
  }

  PoolFiles files() throws StorageException {
    if (isDirectory()) {
      return PoolFiles.in(directory);
    }
    if (metadata == null || data == null) {
      throw new StorageException.InvalidArgument(
          "a pool outside a directory is two files; give both --meta and --data");
    }
    var files = PoolFiles.of(metadata, data);
    if (catalogue != null) {
      return files.withCatalogue(catalogue);
    }
    if (files.isCatalogueVolatile()) {
      throw new StorageException.InvalidArgument(
          "names cannot be kept beside %s, which is gone after a restart; say where with --catalogue FILE"
              .formatted(metadata));
    }
    return files;
  }

  /// As the user would write it to name the same pool again.
  @Override
  public String toString() {
    return isDirectory() ? directory.toString() : metadata + " and " + data;
  }
}
