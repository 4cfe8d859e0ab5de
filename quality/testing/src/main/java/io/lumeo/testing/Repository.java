package io.lumeo.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/// The checkout that the tests run from.
public final class Repository {
  private Repository() {}

  /// The top folder: what the build says, else the nearest folder upwards that has our rig.
  public static Path root() {
    String told = System.getProperty("lumeo.root", "");
    if (!told.isBlank() && Files.isDirectory(Path.of(told, "quality", "rig"))) {
      return Path.of(told);
    }
    for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("quality").resolve("rig"))) {
        return folder;
      }
    }
    throw new AssertionError("the tests do not run inside the repository");
  }

  /// The file or folder at `relative` in the repository.
  public static Path path(Path relative) {
    return root().resolve(relative);
  }
}
