package io.lumeo.audit;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// The turn to add to a record, of one process at a time: a lock on a file beside it, which the
/// kernel drops when its process ends, however it ends.
///
/// Turns are short. Who waits long for one gives up and says who has it: something is wrong there,
/// and nothing may be done that cannot be recorded.
final class AuditTurn implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long PROCESS = ProcessHandle.current().pid();
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(2);

  /// The kernel's lock is one of the process as a whole: it does not keep the threads of one apart,
  /// and is gone as soon as any of them closes the file.
  private static final Map<Path, ReentrantLock> WITHIN_THE_PROCESS = new ConcurrentHashMap<>();

  private final ReentrantLock queue;
  private final FileChannel channel;

  private AuditTurn(ReentrantLock queue, FileChannel channel) {
    this.queue = queue;
    this.channel = channel;
  }

  /// Waits for the turn.
  ///
  /// @param record the file that is written to now
  /// @throws IOException if another process does not give it up, or the lock cannot be had
  static AuditTurn take(Path record) throws IOException {
    var file = record.toAbsolutePath().resolveSibling(record.getFileName() + ".lock");
    var queue = WITHIN_THE_PROCESS.computeIfAbsent(file, _ -> new ReentrantLock(true));
    queue.lock();
    try {
      return new AuditTurn(queue, locked(file));
    } catch (IOException | RuntimeException e) {
      queue.unlock();
      throw e;
    }
  }

  private static FileChannel locked(Path file) throws IOException {
    var folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      await(channel, file);
      sign(channel);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /// Writes whose turn it is, where that is news: most turns are of one process.
  private static void sign(FileChannel channel) throws IOException {
    var name = ByteBuffer.wrap("%-20d".formatted(PROCESS).getBytes(StandardCharsets.US_ASCII));
    var last = ByteBuffer.allocate(name.capacity());
    channel.read(last, 0);
    if (!last.flip().equals(name)) {
      channel.write(name, 0);
    }
  }

  /// There is no waiting for a lock that ends by itself.
  private static void await(FileChannel channel, Path file) throws IOException {
    var began = System.nanoTime();
    while (channel.tryLock() == null) {
      if (System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new IOException(
            "process %s has been writing there for %d seconds; see what keeps it, or end it"
                .formatted(
                    Files.readString(file, StandardCharsets.US_ASCII).strip(),
                    PATIENCE.toSeconds()));
      }
      LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while another process was writing there");
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      queue.unlock();
    }
  }
}
