package io.lumeo.cli.operations;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// What the process finds around it: its environment, the time and its passing, chance, and ways to
/// hosts.
///
/// @param environment the value of a variable, if it is set
/// @param usualConfiguration where the configuration is when nobody says
/// @param usualState where the state is when nobody says
public record Surroundings(
    Function<String, Optional<String>> environment,
    Path usualConfiguration,
    Path usualState,
    Connections connections,
    InstantSource clock,
    Pause pause,
    RandomGenerator random) {

  /// Lets a while pass.
  @FunctionalInterface
  public interface Pause {
    void let(Duration pass) throws InterruptedException;
  }

  /// Those of this process, on a host that keeps to the filesystem hierarchy standard.
  public static Surroundings real() {
    Function<String, Optional<String>> environment =
        name -> Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    return new Surroundings(
        environment,
        Path.of("/etc/lumeo/lumeo.yaml"),
        Path.of("/var/lib/lumeo"),
        Connections.real(runtimeFolder(environment)),
        InstantSource.system(),
        Surroundings::pass,
        RandomGenerator.getDefault());
  }

  private static void pass(Duration time) throws InterruptedException {
    var never = new CountDownLatch(1);
    if (never.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("nobody counts it down");
    }
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
