package io.lumeo.agent;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import java.time.Duration;

/// Gives every command that asks for nothing else as long as the host's settings say.
record Patient(Commands commands, Duration deadline) implements Commands {
  @Override
  public String host() {
    return commands.host();
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    return commands.run(
        command.deadline().equals(Command.DEFAULT_DEADLINE) ? command.within(deadline) : command);
  }
}
