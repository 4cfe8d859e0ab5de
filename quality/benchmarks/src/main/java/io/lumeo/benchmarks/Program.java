package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A program of the machine: run to its end, or kept running while something is measured.
final class Program implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// A server that ends makes all that was written durable, and a slow disk may have gigabytes of
  /// scattered blocks before it.
  private static final Duration UNTIL_DURABLE = Duration.ofMinutes(5);

  private final Process process;
  private final Path log;

  private Program(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /// Runs a command to its end and returns what it printed.
  ///
  /// @throws IOException if it fails; the message holds what it said
  static String run(String... command) throws IOException, InterruptedException {
    return run(List.of(command));
  }

  /// Runs a command to its end and returns what it printed.
  ///
  /// @throws IOException if it fails; the message holds what it said
  static String run(List<String> command) throws IOException, InterruptedException {
    return run(Set.of(0), command);
  }

  /// Runs a command to its end and returns what it printed.
  ///
  /// @param fine the statuses that are no failure
  /// @throws IOException if it fails; the message holds what it said
  static String run(Set<Integer> fine, List<String> command)
      throws IOException, InterruptedException {
    var errors = Files.createTempFile("benchmark", ".err");
    try {
      var process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!fine.contains(process.waitFor())) {
        throw new IOException(
            "%s failed with %d: %s%s"
                .formatted(
                    String.join(" ", command),
                    process.exitValue(),
                    output,
                    Files.readString(errors)));
      }
      return output;
    } finally {
      Files.delete(errors);
    }
  }

  /// Starts a command and returns when `ready` exists.
  static Program start(Path ready, Path log, List<String> command)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    var program = new Program(process, log);
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(ready)) {
      if (process.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        program.close();
        throw new IOException(
            "%s did not get ready: %s".formatted(String.join(" ", command), Files.readString(log)));
      }
    }
    return program;
  }

  long pid() {
    return process.pid();
  }

  /// Lets it run for a while.
  ///
  /// @throws IOException if it ends meanwhile; the message holds what it said
  void runFor(Duration span) throws IOException, InterruptedException {
    if (process.waitFor(span)) {
      throw new IOException("it has ended by itself: " + Files.readString(log));
    }
  }

  /// Asks the program to end, as Ctrl-C or a service manager would, and waits until it has. What it
  /// leaves running, as an `sshd` does its sessions, ends too.
  @Override
  public void close() throws IOException {
    var started = process.descendants().toList();
    try {
      end();
    } finally {
      started.forEach(ProcessHandle::destroy);
    }
  }

  private void end() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(UNTIL_DURABLE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("did not end when asked to; it said: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
