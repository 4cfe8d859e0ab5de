package io.lumeo.rest;

import io.lumeo.thin.PoolFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// A note beside the catalogue of a pool that is served from a directory elsewhere. Who names the
/// pool by its files learns from it where its server can be found.
public final class ServedFrom {
  private ServedFrom() {}

  private static Path note(PoolFiles files) {
    var catalogue = files.catalogue();
    return catalogue.resolveSibling(catalogue.getFileName() + ".served");
  }

  /// Says that the pool is served from `directory`.
  public static void write(PoolFiles files, Path directory) throws IOException {
    Files.writeString(note(files), directory.toAbsolutePath() + "\n");
  }

  /// Takes the word back.
  public static void remove(PoolFiles files) throws IOException {
    Files.deleteIfExists(note(files));
  }

  /// The directory whose running server has the pool, of which it is known that somebody has it.
  public static Optional<Path> find(PoolFiles files) throws IOException {
    var directory = noted(files).or(() -> own(files));
    return directory.isPresent() && RunningServer.find(directory.get()).isPresent()
        ? directory
        : Optional.empty();
  }

  private static Optional<Path> noted(PoolFiles files) throws IOException {
    try {
      return Optional.of(Path.of(Files.readString(note(files)).strip()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /// A pool that has a directory to itself is served from there.
  private static Optional<Path> own(PoolFiles files) {
    var parent = files.metadata().toAbsolutePath().getParent();
    return parent != null
            && PoolFiles.in(parent).metadata().equals(files.metadata().toAbsolutePath())
        ? Optional.of(parent)
        : Optional.empty();
  }
}
