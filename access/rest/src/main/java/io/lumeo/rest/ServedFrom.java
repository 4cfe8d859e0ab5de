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

  /// Says that the pool is served from `directory`, by this run of a server.
  public static void write(PoolFiles files, Path directory, RunningServer server)
      throws IOException {
    Files.writeString(note(files), server.instance() + "\n" + directory.toAbsolutePath() + "\n");
  }

  /// Takes the word back.
  public static void remove(PoolFiles files) throws IOException {
    Files.deleteIfExists(note(files));
  }

  /// The directory whose running server has the pool, of which it is known that somebody has it.
  public static Optional<Path> find(PoolFiles files) throws IOException {
    var noted = noted(files);
    if (noted.isPresent()) {
      return noted;
    }
    var own = own(files);
    return own.isPresent() && RunningServer.find(own.get()).isPresent() ? own : Optional.empty();
  }

  /// What a killed server left behind is not believed: the directory may have another pool's server
  /// by now. Nor is a note that a power cut left empty or full of zeroes.
  private static Optional<Path> noted(PoolFiles files) throws IOException {
    try {
      var lines = Files.readAllLines(note(files));
      if (lines.size() != 2) {
        return Optional.empty();
      }
      var directory = Path.of(lines.getLast());
      return RunningServer.find(directory)
          .filter(server -> server.instance().equals(lines.getFirst()))
          .map(_ -> directory);
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
