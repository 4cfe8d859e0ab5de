package io.lumeo.thin;

import java.nio.file.Path;

/// Where a pool lives: its metadata and data (regular files or block devices) and the catalogue of
/// names beside them.
public record PoolFiles(Path metadata, Path data, Path catalogue) {

  /// The files of a pool that has a directory to itself.
  public static PoolFiles in(Path directory) {
    return new PoolFiles(
        directory.resolve("pool.meta"),
        directory.resolve("pool.data"),
        directory.resolve("pool.catalogue"));
  }

  /// A pool whose metadata and data lie anywhere; the catalogue is put beside the metadata.
  public static PoolFiles of(Path metadata, Path data) {
    return new PoolFiles(
        metadata, data, metadata.resolveSibling(metadata.getFileName() + ".catalogue"));
  }

  /// The same pool with its catalogue elsewhere.
  public PoolFiles withCatalogue(Path elsewhere) {
    return new PoolFiles(metadata, data, elsewhere);
  }

  /// Whether the catalogue would be made in a directory that is forgotten at the next start, as
  /// that of a block device is.
  public boolean isCatalogueVolatile() {
    return catalogue.toAbsolutePath().normalize().startsWith("/dev")
        && !catalogue.toAbsolutePath().normalize().startsWith("/dev/shm");
  }
}
