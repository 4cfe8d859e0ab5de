package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.StorageFailure;

/// A host's commands with failures as whoever looks after storage knows them.
public record HostCommands(Commands commands) {

  /// Runs it; any exit status is an answer.
  public CommandResult run(Command command) throws StorageFailure {
    try {
      return commands.run(command);
    } catch (CommandFailure e) {
      throw switch (e) {
        case CommandFailure.NotStarted notStarted ->
            new StorageFailure.CommandFailed(message(e), notStarted);
        case CommandFailure.TimedOut _, CommandFailure.Stuck _ ->
            new StorageFailure.TimedOut(message(e));
        case CommandFailure.Unreachable unreachable ->
            new StorageFailure.Unreachable(message(e), unreachable);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageFailure.Cancelled(
          "%s on %s was interrupted".formatted(command, commands.host()));
    }
  }

  /// Runs it and gives its output; another status than 0, or more output than allowed, is a
  /// failure.
  public String expectSuccess(Command command) throws StorageFailure {
    var result = run(command);
    if (!result.succeeded()) {
      throw failed(command, result);
    }
    if (result.truncated()) {
      throw new StorageFailure.CommandFailed(
          "%s on %s wrote more than %d bytes"
              .formatted(command.program(), commands.host(), command.outputLimitBytes()));
    }
    return result.stdout();
  }

  /// What to fail with when a command has ended with a status that is a failure.
  public StorageFailure failed(Command command, CommandResult result) {
    return new StorageFailure.CommandFailed(
        "%s on %s ended with status %d: %s"
            .formatted(command, commands.host(), result.exit(), result.complaint()));
  }

  private static String message(CommandFailure failure) {
    return String.valueOf(failure.getMessage());
  }

  /// The host, for messages.
  public String host() {
    return commands.host();
  }
}
