package io.lumeo.commands;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A command where this process cannot end it: on another host, or with rights that it does not
/// have. There `timeout` keeps the deadline, `env` gives the environment, and `sudo` the rights.
///
/// ```
/// sudo -n -- env -i LC_ALL=C … timeout -k 2 60 lvm lvs
/// ```
record Enclosure(Command command, boolean sudo) {
  private static final int KILL_AFTER_SECONDS = 2;
  private static final int TIMED_OUT = 124;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int KILLED = 137;

  /// How much longer this side waits: what was killed there in time is reported as timed out, and
  /// what then still runs is stuck. Longer than a connection takes to be found dead.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  Enclosure {
    if (command.program().contains("=") || command.program().startsWith("-")) {
      throw new IllegalArgumentException("not the name of a program: " + command.program());
    }
  }

  List<String> arguments() {
    var all = new ArrayList<String>();
    if (sudo) {
      all.addAll(List.of("sudo", "-n", "--"));
    }
    all.addAll(List.of("env", "-i"));
    command.wholeEnvironment().forEach((name, value) -> all.add(name + "=" + value));
    all.addAll(
        List.of("timeout", "-k", String.valueOf(KILL_AFTER_SECONDS), String.valueOf(seconds())));
    all.addAll(command.arguments());
    return all;
  }

  /// Whole seconds, rounded up: older `timeout`s know no others.
  private long seconds() {
    return command.deadline().plusNanos(999_999_999).toSeconds();
  }

  Duration outerDeadline() {
    return Duration.ofSeconds(seconds()).plus(PATIENCE);
  }

  /// Runs what encloses the command. When that has to be ended from here, `timeout` has failed to
  /// do it there, where nothing but the kernel could have kept it.
  CommandResult run(ProcessRun run, ProcessBuilder builder)
      throws CommandFailure, InterruptedException {
    try {
      return run.run(builder);
    } catch (CommandFailure.TimedOut stillThere) {
      throw new CommandFailure.Stuck(
          ("%s on %s was not ended by its deadline of %d s and cannot be killed; look for a"
                  + " suspended or missing device, and change nothing there until then")
              .formatted(command, run.host(), seconds()));
    }
  }

  /// Tells what `timeout`, `env` and `sudo` say from what the command says.
  CommandResult interpret(CommandResult result, String host) throws CommandFailure {
    boolean overdue = result.duration().compareTo(Duration.ofSeconds(seconds())) >= 0;
    if (overdue && (result.exit() == TIMED_OUT || result.exit() == KILLED)) {
      throw new CommandFailure.TimedOut(
          "%s on %s was ended after %d s; look what it did before trying again"
              .formatted(command, host, seconds()));
    }
    if (isNotStarted(result)) {
      throw new CommandFailure.NotStarted(
          "%s could not be started on %s: %s".formatted(command, host, result.complaint()));
    }
    return result;
  }

  private boolean isNotStarted(CommandResult result) {
    var said = result.stderr();
    return switch (result.exit()) {
      case NOT_FOUND, NOT_EXECUTABLE ->
          said.contains("timeout: ") || said.contains("env: ") || (sudo && said.contains("sudo: "));
      case 1 -> sudo && said.startsWith("sudo: ");
      default -> false;
    };
  }
}
