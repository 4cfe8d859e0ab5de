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
    return PoolFiles.of(metadata, data);
  }

  /// As the user would write it to name the same pool again.
  @Override
  public String toString() {
    return isDirectory() ? directory.toString() : metadata + " and " + data;
  }
}
