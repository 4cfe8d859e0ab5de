package io.lumeo.commands;

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
    var builder = new ProcessBuilder(command.arguments());
    builder.environment().clear();
    builder.environment().putAll(CleanEnvironment.of(command));
    return new ProcessRun(command, host(), command.deadline(), Ending.BY_SIGNALS).run(builder);
  }

  /// What runs as root cannot be killed from here, so it is given a deadline that root's side
  /// keeps.
  private CommandResult runEnclosed(Command command) throws CommandFailure, InterruptedException {
    var enclosure = new Enclosure(command, true);
    var builder = new ProcessBuilder(enclosure.arguments());
    builder.environment().clear();
    builder.environment().putAll(CleanEnvironment.of(command));
    return enclosure.interpret(
        new ProcessRun(command, host(), enclosure.outerDeadline(), Ending.BY_SIGNALS).run(builder),
        host());
  }
}
