package io.lumeo.commands;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Whether a process still runs.
final class ProcessState {
  private ProcessState() {}

  /// Waits until it does not, at most so long.
  static boolean awaitGone(ProcessHandle process, Duration atMost) {
    boolean interrupted = Thread.interrupted();
    try {
      process.onExit().get(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS);
      return true;
    } catch (InterruptedException again) {
      interrupted = true;
      return isGone(process);
    } catch (ExecutionException | TimeoutException stillThere) {
      return isGone(process);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// One that has ended and that its parent has not asked about is gone as far as we care.
  private static boolean isGone(ProcessHandle process) {
    return !process.isAlive() || isZombie(process.pid());
  }

  /// From proc(5): the state follows the name, which is in parentheses and may hold any of them.
  private static boolean isZombie(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      return stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("Z");
    } catch (IOException gone) {
      return true;
    }
  }
}
