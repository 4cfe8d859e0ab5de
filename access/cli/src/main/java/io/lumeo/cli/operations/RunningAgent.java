package io.lumeo.cli.operations;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.OptionalLong;

/// The agent that has a state file open for writing, known by the lock beside that file.
record RunningAgent(Path stateFile, Connections connections) {

  /// The number of its process, if there is one.
  OptionalLong id() throws IOException {
    var lock = stateFile.resolveSibling(stateFile.getFileName() + ".lock");
    if (Files.notExists(lock)) {
      return OptionalLong.empty();
    }
    try (var channel = FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      // Nobody has it who has ended, however that was: the kernel gives the lock up with it.
      if (isFree(channel)) {
        return OptionalLong.empty();
      }
      var text = Files.readString(lock, StandardCharsets.US_ASCII).strip();
      return text.matches("[0-9]{1,18}")
          ? OptionalLong.of(Long.parseLong(text))
          : OptionalLong.empty();
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try (var lock = channel.tryLock()) {
      return lock != null;
    } catch (java.nio.channels.OverlappingFileLockException e) {
      return false; // this very process has it
    }
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
