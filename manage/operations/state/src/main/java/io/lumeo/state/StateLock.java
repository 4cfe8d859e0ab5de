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
import org.jspecify.annotations.Nullable;

/// The right to write a state file: a lock on a file beside it that holds the number of the process
/// that has it. The kernel drops the lock when that process ends, however it ends.
final class StateLock implements AutoCloseable {
  private final @Nullable FileChannel channel;

  private StateLock(@Nullable FileChannel channel) {
    this.channel = channel;
  }

  static StateLock none() {
    return new StateLock(null);
  }

  static StateLock take(Path state) throws StateException {
    var file = state.resolveSibling(state.getFileName() + ".lock");
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
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // another part of this process has it
    }
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
