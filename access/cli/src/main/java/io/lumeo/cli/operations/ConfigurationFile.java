package io.lumeo.cli.operations;

import io.lumeo.block.StorageException;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ConfigurationFolder;
import io.lumeo.configuration.ConfigurationReader;
import io.lumeo.configuration.ReadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The configuration that a command is about: the file that was named, else the one that the
/// environment names, else the usual one.
record ConfigurationFile(Path path) {
  private static final Path NONE = Path.of("none");

  /// The file, whether it is there or not.
  static ConfigurationFile of(@Nullable Path named, Surroundings surroundings) {
    return new ConfigurationFile(
        named != null
            ? named
            : surroundings
                .environment()
                .apply("LUMEO_CONFIG")
                .map(Path::of)
                .orElse(surroundings.usualConfiguration()));
  }

  /// The configuration, if there is to be one: it may be named `none`, and the usual one may not be
  /// there.
  ///
  /// @throws StorageException.InvalidArgument if it has mistakes
  static Optional<Configuration> ifThere(@Nullable Path named, Surroundings surroundings)
      throws IOException {
    var file = of(named, surroundings);
    var optional = file.path.equals(surroundings.usualConfiguration());
    if (file.path.equals(NONE) || (optional && Files.notExists(file.path))) {
      return Optional.empty();
    }
    return Optional.of(file.read());
  }

  /// The folder of a file that has to be there.
  ///
  /// @throws StorageException.NotFound if it is not
  ConfigurationFolder folder() throws StorageException {
    if (Files.notExists(path)) {
      throw new StorageException.NotFound(
          "there is no configuration %s; name the right file with --config".formatted(path));
    }
    return new ConfigurationFolder(path);
  }

  /// Reads it.
  ///
  /// @throws StorageException.InvalidArgument if it has mistakes, with the first of them
  Configuration read() throws IOException {
    return switch (reader().read(folder().read())) {
      case ReadResult.Valid(var configuration) -> configuration;
      case ReadResult.Refused(var mistakes) ->
          throw new StorageException.InvalidArgument(
              "%s; 'lumeo config check --config %s' shows all of %d"
                  .formatted(mistakes.getFirst(), path, mistakes.size()));
    };
  }

  static ConfigurationReader reader() {
    return new ConfigurationReader();
  }
}
