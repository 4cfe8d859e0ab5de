package io.lumeo.commands;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/// One process from its start to its end.
///
/// @param deadline after which it is ended; the command's own, or longer where somebody closer to
///   it keeps that
record ProcessRun(Command command, String host, Duration deadline, Ending ending) {

  /// How long a process may take to heed a signal, and its output to be read after its end.
  private static final Duration GRACE = Duration.ofSeconds(2);

  CommandResult run(ProcessBuilder builder) throws CommandFailure, InterruptedException {
    long began = System.nanoTime();
    var process = start(builder);
    var stdout = BoundedOutput.of(process.getInputStream(), command.outputLimitBytes());
    var stderr = BoundedOutput.of(process.getErrorStream(), command.outputLimitBytes());
    try {
      feed(process);
      if (!process.waitFor(deadline)) {
        throw overdue(process);
      }
      // What it left running may hold its outputs open for as long as it likes.
      stdout.awaitEnd(GRACE);
      stderr.awaitEnd(GRACE);
    } catch (InterruptedException interrupted) {
      end(process);
      throw interrupted;
    }
    return new CommandResult(
        process.exitValue(),
        new String(stdout.bytes(), UTF_8),
        new String(stderr.bytes(), UTF_8),
        Duration.ofNanos(System.nanoTime() - began),
        stdout.isTruncated() || stderr.isTruncated());
  }

  private Process start(ProcessBuilder builder) throws CommandFailure {
    if (command.input() == null) {
      builder.redirectInput(new File("/dev/null"));
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new CommandFailure.NotStarted(
          "%s could not be started on %s: %s".formatted(command, host, e.getMessage()), e);
    }
  }

  /// Writes the input beside everything else: a program may answer before it has read all.
  private void feed(Process process) {
    ByteBuffer input = command.input();
    if (input != null) {
      Thread.ofPlatform()
          .daemon()
          .name("input of " + command.program())
          .start(() -> write(input.duplicate(), process));
    }
  }

  private static void write(ByteBuffer input, Process process) {
    try (var channel = Channels.newChannel(process.getOutputStream())) {
      while (input.hasRemaining()) {
        channel.write(input);
      }
    } catch (IOException closed) {
      // It did not want to read all of it, which is its own business.
      return;
    }
  }

  private CommandFailure overdue(Process process) {
    return end(process)
        ? new CommandFailure.TimedOut(
            "%s on %s was ended after %s; look what it did before trying again"
                .formatted(command, host, inWords(deadline)))
        : new CommandFailure.Stuck(
            ("%s on %s did not end in %s and cannot be killed (process %d waits in the kernel); "
                    + "look for a suspended or missing device, and change nothing there until then")
                .formatted(command, host, inWords(deadline), process.pid()));
  }

  private static String inWords(Duration duration) {
    return duration.compareTo(Duration.ofSeconds(1)) < 0
        ? duration.toMillis() + " ms"
        : duration.toSeconds() + " s";
  }

  /// Ends a process and all that it started, and says whether that succeeded.
  private boolean end(Process process) {
    var tree = new LinkedHashSet<ProcessHandle>();
    gather(process, tree);
    tree.forEach(ending::ask);
    if (!areGone(tree)) {
      // Those that are left may have started more, and their children may have lost their parents.
      gather(process, tree);
      tree.forEach(ending::kill);
    }
    return areGone(tree);
  }

  private static void gather(Process process, Set<ProcessHandle> tree) {
    tree.add(process.toHandle());
    for (var known : Set.copyOf(tree)) {
      known.descendants().forEach(tree::add);
    }
  }

  /// Waits for a while. A second interruption ends the waiting, not the process' end.
  private static boolean areGone(Set<ProcessHandle> tree) {
    long end = System.nanoTime() + GRACE.toNanos();
    for (var process : tree) {
      if (!ProcessState.awaitGone(process, Duration.ofNanos(end - System.nanoTime()))) {
        return false;
      }
    }
    return true;
  }
}
