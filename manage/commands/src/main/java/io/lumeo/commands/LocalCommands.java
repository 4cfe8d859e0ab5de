package io.lumeo.commands;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs programs on this host. A command that does not end in time is ended with all that it
/// started: asked first, then killed.
///
/// Safe for use by several threads.
public final class LocalCommands implements Commands {
  private final boolean sudo;

  private LocalCommands(boolean sudo) {
    this.sudo = sudo;
  }

  /// With the rights of this process.
  public static LocalCommands direct() {
    return new LocalCommands(false);
  }

  /// With root's rights, through `sudo -n`: the rule must allow `env`, with any arguments and
  /// without a password.
  public static LocalCommands throughSudo() {
    return new LocalCommands(true);
  }

  @Override
  public String host() {
    return "this host";
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    Encoding.check(command.arguments());
    return sudo ? runEnclosed(command) : runDirectly(command);
  }

  private CommandResult runDirectly(Command command) throws CommandFailure, InterruptedException {
    var line = new ArrayList<>(command.arguments());
    line.set(0, find(command));
    return new ProcessRun(command, host(), command.deadline(), Ending.BY_SIGNALS)
        .run(builder(command, line));
  }

  /// Java would look through the path that it was itself started with, which may hold none of the
  /// administrator's folders.
  private String find(Command command) throws CommandFailure {
    if (command.program().contains("/")) {
      return command.program();
    }
    for (var folder : command.wholeEnvironment().getOrDefault("PATH", "").split(":", -1)) {
      var program = Path.of(folder, command.program());
      if (Files.isRegularFile(program) && Files.isExecutable(program)) {
        return program.toString();
      }
    }
    throw new CommandFailure.NotStarted(
        "%s could not be started on %s: there is no such program; install what it comes with"
            .formatted(command, host()));
  }

  private static ProcessBuilder builder(Command command, List<String> line) {
    var builder = new ProcessBuilder(line);
    builder.environment().clear();
    builder.environment().putAll(command.wholeEnvironment());
    return builder;
  }

  /// What runs as root cannot be killed from here, so it is given a deadline that root's side
  /// keeps.
  private CommandResult runEnclosed(Command command) throws CommandFailure, InterruptedException {
    var enclosure = new Enclosure(command, true);
    var run = new ProcessRun(command, host(), enclosure.outerDeadline(), Ending.BY_SIGNALS);
    return enclosure.interpret(enclosure.run(run, builder(command, enclosure.arguments())), host());
  }
}
