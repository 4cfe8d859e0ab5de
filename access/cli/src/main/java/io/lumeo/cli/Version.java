package io.lumeo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/// Which Lumeo this is.
public final class Version implements IVersionProvider {
  /// Made by picocli.
  public Version() {}

  /// The version of the build, such as `0.1.0`.
  public static String current() {
    try (var text = Version.class.getResourceAsStream("version.txt")) {
      return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8)
          .strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {"lumeo " + current()};
  }
}
