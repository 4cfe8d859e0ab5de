package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.thin.PoolFiles;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
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

  @Mixin TwoFiles twoFiles = new TwoFiles();

  /// Whether the pool is in a directory, where a server can be found.
  boolean isDirectory() {
    return !twoFiles.areGiven();
  }

  Path directory() {
    return directory;
  }

  PoolFiles files() throws StorageException {
    return isDirectory() ? PoolFiles.in(directory) : twoFiles.files();
  }

  /// As the user would write it to name the same pool again.
  @Override
  public String toString() {
    return isDirectory() ? directory.toString() : twoFiles.toString();
  }
}
