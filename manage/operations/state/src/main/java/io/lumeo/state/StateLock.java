package io.lumeo.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The right to write a state file: a lock on a file beside it that holds the number of the process
/// that has it. The kernel drops the lock when that process ends, however it ends.
///
/// It is on two bytes. Who wants the right takes the second one, or is refused. Who has it writes
/// its number and takes the first one too, which shows others that it is there: these try to share
/// the first byte for a moment. So nobody who looks stands in the way of somebody who begins, nor
/// of others who look, and the number is right whenever the byte is taken.
final class StateLock implements AutoCloseable {
  private static final int SHOWN = 0;
  private static final int RIGHT = 1;

  private final @Nullable FileChannel channel;

  private StateLock(@Nullable FileChannel channel) {
    this.channel = channel;
  }

  static StateLock none() {
    return new StateLock(null);
  }

  static StateLock take(Path state) throws StateException {
    var file = lockOf(state);
    try {
      var channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!holds(channel)) {
        channel.close();
        throw new StateException(
            "%s is in use by process %s; stop that one first, or give this one another state folder"
                .formatted(state, Files.readString(file).strip()));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
          0);
      show(channel);
      return new StateLock(channel);
    } catch (StateException e) {
      throw e;
    } catch (IOException e) {
      throw new StateException(
          "cannot lock %s: %s; check that its folder exists and is yours"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static boolean holds(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(RIGHT, 1, false) != null;
    } catch (OverlappingFileLockException e) {
      return false; // another part of this process has it
    }
  }

  /// Waits for those who look at this moment, and for nobody else.
  private static void show(FileChannel channel) throws IOException {
    for (var isShown = false; !isShown; ) {
      try {
        isShown = channel.lock(SHOWN, 1, false).isValid();
      } catch (OverlappingFileLockException e) {
        Thread.onSpinWait(); // somebody in this very process looks
      }
    }
  }

  /// Whether a process has the right to write the state file at `state`, and which.
  static OptionalLong holder(Path state) throws IOException {
    var file = lockOf(state);
    if (Files.notExists(file)) {
      return OptionalLong.empty();
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (isFree(channel)) {
        return OptionalLong.empty();
      }
      var text = Files.readString(file, StandardCharsets.US_ASCII).strip();
      return text.matches("[0-9]{1,18}")
          ? OptionalLong.of(Long.parseLong(text))
          : OptionalLong.empty();
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try (var lock = channel.tryLock(SHOWN, 1, true)) {
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // this very process has it
    }
  }

  private static Path lockOf(Path state) {
    return state.resolveSibling(state.getFileName() + ".lock");
  }

  @Override
  public void close() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
