package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;

/// A host on which something happens right before a command that holds that word is run.
record RunsBefore(Commands commands, String word, Runnable event) implements Commands {

  @Override
  public String host() {
    return commands.host();
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    if (command.arguments().contains(word)) {
      event.run();
    }
    return commands.run(command);
  }
}
