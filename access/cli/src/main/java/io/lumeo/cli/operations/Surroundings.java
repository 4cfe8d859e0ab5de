package io.lumeo.cli.operations;

import io.lumeo.agent.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// What the process finds around it: its environment, time, chance, and ways to hosts.
///
/// @param environment the value of a variable, if it is set
/// @param usualConfiguration where the configuration is when nobody says
/// @param usualState where the state is when nobody says
public record Surroundings(
    Function<String, Optional<String>> environment,
    Path usualConfiguration,
    Path usualState,
    Connections connections,
    TimeSource time,
    RandomGenerator random) {

  /// Those of this process, on a host that keeps to the filesystem hierarchy standard.
  public static Surroundings real() {
    Function<String, Optional<String>> environment =
        name -> Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    return new Surroundings(
        environment,
        Path.of("/etc/lumeo/lumeo.yaml"),
        Path.of("/var/lib/lumeo"),
        Connections.real(runtimeFolder(environment)),
        TimeSource.system(),
        RandomGenerator.getDefault());
  }

  /// Who gives the command, as the record calls people: `uid:0`.
  String actor() throws IOException {
    return "uid:" + Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /// Who gives the command, by name.
  String author() {
    return environment
        .apply("SUDO_USER")
        .or(() -> Optional.ofNullable(System.getProperty("user.name")))
        .orElse("unknown");
  }

  /// A folder that only its owner can put anything in.
  private static Path runtimeFolder(Function<String, Optional<String>> environment) {
    var ofSystem = Path.of("/run");
    if (Files.isWritable(ofSystem)) {
      return ofSystem.resolve("lumeo");
    }
    return environment
        .apply("XDG_RUNTIME_DIR")
        .map(folder -> Path.of(folder, "lumeo"))
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "lumeo"));
  }
}
