package io.lumeo.configuration;

import java.nio.file.Path;
import java.time.Duration;

/// Storage to be looked after.
///
/// @param name what the other sections call it
public record HostSettings(String name, Location location) {

  /// What it is and how it is reached.
  public sealed interface Location {}

  /// The volume groups of this machine.
  ///
  /// @param deadline how long one command may take
  public record LocalLvm(Duration deadline) implements Location {}

  /// The volume groups of a machine that `ssh` reaches.
  ///
  /// @param destination as one gives it to ssh; never begins with `-`
  /// @param deadline how long one command may take
  public record RemoteLvm(String destination, Duration deadline) implements Location {}

  /// A pool of Lumeo's own.
  ///
  /// @param folder where its files are
  public record LumeoPool(Path folder) implements Location {}
}
