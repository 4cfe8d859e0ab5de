package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.rest.ServedFrom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Tells who names a pool by its files, and finds it in use, from which directory it is served.
final class ServedElsewhere {
  private ServedElsewhere() {}

  /// Something that needs a pool nobody else has.
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  /// Does it.
  ///
  /// @throws StorageException.Busy if another has the pool; naming the directory if a server has
  static <T> T orSaid(Where where, Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (StorageException.Busy e) {
      var directory = where.isDirectory() ? Optional.<Path>empty() : directory(where, e);
      if (directory.isEmpty()) {
        throw e;
      }
      throw new StorageException.Busy(
          "the pool in %s is served from %s; name it with --dir %s in place of its files"
              .formatted(where, directory.get(), directory.get()));
    }
  }

  /// What goes wrong on the way to a better answer leaves the first one.
  private static Optional<Path> directory(Where where, StorageException.Busy answer) {
    try {
      return ServedFrom.find(where.files());
    } catch (IOException e) {
      answer.addSuppressed(e);
      return Optional.empty();
    }
  }
}
