package io.lumeo.cli;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// nbdfuse, started in a session of its own, so that it outlives the command that started it and
/// its terminal.
///
/// What it says while it starts, and that it has started, it writes into files that are named to
/// it. They lie in a new folder that nobody else can reach into: in the pool's directory, which may
/// be somebody else's, a file opened by its name could be any file there is. They are gone when it
/// has started.
final class FuseProgram {
  private static final int WAIT_SECONDS = 10;
  private static final long POLL_MILLIS = 20;

  private FuseProgram() {}

  /// Told of the process as soon as there is one.
  @FunctionalInterface
  interface Started {
    void as(long pid) throws IOException;
  }

  /// Starts it and waits until what it shows can be used. Returns its process number.
  static long start(Tools tools, List<String> arguments, Started started) throws IOException {
    // `setsid` would only say that it could not run it.
    tools.run("libnbd-bin", List.of("nbdfuse", "--version"));
    var own = Files.createTempDirectory("lumeo-mount-");
    var pidFile = own.resolve("pid");
    var log = own.resolve("log");
    try {
      var command = new ArrayList<>(List.of("setsid", "nbdfuse", "-P", pidFile.toString()));
      command.addAll(arguments);
      var process =
          tools.start(
              "util-linux",
              new ProcessBuilder(command)
                  .redirectInput(new File("/dev/null"))
                  .redirectErrorStream(true)
                  .redirectOutput(log.toFile()));
      // `setsid` becomes nbdfuse and keeps its process number.
      started.as(process.pid());
      awaitReady(process, pidFile, log);
      return process.pid();
    } finally {
      Files.deleteIfExists(pidFile);
      Files.deleteIfExists(log);
      Files.deleteIfExists(own);
    }
  }

  /// nbdfuse writes its pid when the file can be used, or ends.
  private static void awaitReady(Process process, Path pidFile, Path log) throws IOException {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    try {
      while (!Files.exists(pidFile)) {
        if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          throw new IOException(
              "nbdfuse ended: " + Files.readString(log).lines().findFirst().orElse("no reason"));
        }
        if (System.nanoTime() > deadline) {
          throw new IOException("nbdfuse is not ready after " + WAIT_SECONDS + " seconds");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
