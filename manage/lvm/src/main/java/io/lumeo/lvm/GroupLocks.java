package io.lumeo.lvm;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lumeo.storage.StorageFailure;
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

/// One writer per volume group: in this process who comes later waits its turn, another process is
/// refused. The kernel drops the lock on the file when its process ends, however it ends, so no
/// lock is ever left behind.
///
/// Safe for use by several threads.
final class GroupLocks {
  private final Path folder;
  private final Map<String, ReentrantLock> queues = new ConcurrentHashMap<>();

  /// @param folder where the lock files are; made when it is first needed
  GroupLocks(Path folder) {
    this.folder = folder;
  }

  /// The right to change one group, given up by closing it.
  record Held(ReentrantLock queue, FileChannel channel) implements AutoCloseable {
    @Override
    public void close() throws CommandFailed {
      try {
        channel.close();
      } catch (IOException e) {
        throw new CommandFailed("the lock of a group could not be given up: " + e.getMessage(), e);
      } finally {
        queue.unlock();
      }
    }
  }

  /// Waits until nobody in this process changes the group, and takes it.
  ///
  /// @throws Busy if another process is changing it
  Held take(String groupUuid, String groupName) throws StorageFailure {
    var queue = queues.computeIfAbsent(groupUuid, uuid -> new ReentrantLock(true));
    try {
      queue.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled("interrupted while waiting for the group %s".formatted(groupName));
    }
    try {
      return new Held(queue, lockFile(groupUuid, groupName));
    } catch (StorageFailure e) {
      queue.unlock();
      throw e;
    }
  }

  private FileChannel lockFile(String groupUuid, String groupName) throws StorageFailure {
    var file = folder.resolve(groupUuid + ".lock");
    try {
      Files.createDirectories(folder);
      var channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!holds(channel)) {
        channel.close();
        throw new Busy(
            "group %s is being changed by process %s; wait until it has finished"
                .formatted(groupName, Words.printable(Files.readString(file, US_ASCII).strip())));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII)));
      return channel;
    } catch (IOException e) {
      throw new CommandFailed(
          "cannot lock group %s by %s: %s; check that the state folder is there and writable"
              .formatted(groupName, file, e.getMessage()),
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
