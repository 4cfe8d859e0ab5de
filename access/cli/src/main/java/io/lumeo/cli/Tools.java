package io.lumeo.cli;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Runs the programs of the system.
class Tools {
  /// How a program ended.
  record Outcome(int exitCode, String output) {}

  /// Runs a program to its end; what it says, to either stream, is the output.
  ///
  /// @param debianPackage what to install when it is missing
  Outcome run(String debianPackage, List<String> command) throws IOException {
    var process = start(debianPackage, new ProcessBuilder(command).redirectErrorStream(true));
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(await(process), output.strip());
  }

  /// Runs a program that has to succeed.
  String require(String debianPackage, List<String> command) throws IOException {
    var outcome = run(debianPackage, command);
    if (outcome.exitCode() != 0) {
      throw new IOException(
          "'%s' failed: %s".formatted(String.join(" ", command), firstLine(outcome)));
    }
    return outcome.output();
  }

  /// Starts a program that goes on by itself.
  Process start(String debianPackage, ProcessBuilder builder) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new StorageException.Unsupported(
          "%s cannot be run; install the package %s"
              .formatted(builder.command().getFirst(), debianPackage));
    }
  }

  private static int await(Process process) throws InterruptedIOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static String firstLine(Outcome outcome) {
    return outcome.output().lines().findFirst().orElse("exit code " + outcome.exitCode());
  }
}
