package io.lumeo.cli.operations;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.state.Database;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/// The agent that has a state file open for writing, known by the lock beside that file.
record RunningAgent(Path stateFile, Connections connections) {

  /// The number of its process, if there is one.
  OptionalLong id() throws IOException {
    return Database.writerOf(stateFile);
  }

  /// Has it read its configuration again.
  void reload(long id) throws IOException {
    try {
      var result =
          connections
              .local(false)
              .run(Command.of("kill", "-HUP", Long.toString(id)).within(Duration.ofSeconds(10)));
      if (!result.succeeded()) {
        throw new IOException(
            "the agent, process %d, could not be told: %s".formatted(id, result.complaint()));
      }
    } catch (CommandFailure e) {
      throw new IOException(
          "the agent, process %d, could not be told: %s".formatted(id, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
