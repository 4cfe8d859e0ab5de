package io.lumeo.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lumeo.storage.StorageFailure.Busy;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.CommandFailed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// One writer per pool or volume group: in this process who comes later waits its turn, another
/// process is refused. The kernel drops the lock on the file when its process ends, however it
/// ends, so no lock is ever left behind.
///
/// Safe for use by several threads.
public final class ChangeLocks {
  private final Path folder;
  private final Map<String, ReentrantLock> queues = new ConcurrentHashMap<>();

  /// Locks that are files of a folder.
  ///
  /// @param folder where they are; made when it is first needed
  public ChangeLocks(Path folder) {
    this.folder = folder;
  }

  /// The right to change one pool or group, given up by closing it.
  public record Held(ReentrantLock queue, FileChannel channel) implements AutoCloseable {
    @Override
    public void close() throws CommandFailed {
      try {
        channel.close();
      } catch (IOException e) {
        throw new CommandFailed("a lock could not be given up: " + e.getMessage(), e);
      } finally {
        queue.unlock();
      }
    }
  }

  /// Waits until nobody in this process changes it, and takes the right to.
  ///
  /// @param uuid of the pool or group
  /// @param what it is, for people: `group vg`
  /// @throws Busy if another process is changing it
  public Held take(String uuid, String what) throws StorageFailure {
    var queue = queues.computeIfAbsent(uuid, _ -> new ReentrantLock(true));
    try {
      queue.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled("interrupted while waiting for %s".formatted(what));
    }
    try {
      return new Held(queue, lockFile(uuid, what));
    } catch (StorageFailure e) {
      queue.unlock();
      throw e;
    }
  }

  private FileChannel lockFile(String uuid, String what) throws StorageFailure {
    var file = folder.resolve(uuid + ".lock");
    try {
      Files.createDirectories(folder);
      var channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!holds(channel)) {
        channel.close();
        throw new Busy(
            "%s is being changed by process %s; wait until it has finished"
                .formatted(what, Words.printable(Files.readString(file, US_ASCII).strip())));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII)));
      return channel;
    } catch (IOException e) {
      throw new CommandFailed(
          "cannot lock %s by %s: %s; check that the state folder is there and writable"
              .formatted(what, file, e.getMessage()),
          e);
    }
  }

  private static boolean holds(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // another system of this process has the same state folder
    }
  }
}
