package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.thin.PoolFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that name a pool outside a directory of its own: two files or block devices, and
/// where its names are kept.
public final class TwoFiles {
  @Option(
      names = {"--meta", "--metadata"},
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

  /// Made by picocli, which then fills it.
  public TwoFiles() {}

  /// Whether they name a pool at all.
  public boolean areGiven() {
    return metadata != null || data != null || catalogue != null;
  }

  /// The pool they name.
  ///
  /// @throws StorageException.InvalidArgument if one is missing
  public PoolFiles files() throws StorageException {
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
    return metadata + " and " + data;
  }
}
