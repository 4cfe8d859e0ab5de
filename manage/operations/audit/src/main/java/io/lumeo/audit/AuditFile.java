package io.lumeo.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;

/// The file that the record is written to now: lines are added durably, or not at all.
///
/// Other processes may add to it, and go on in a new file of its name: who is about to add asks
/// first whether the file is still [as it was left][#isAsLeft].
final class AuditFile implements AutoCloseable {
  private final Path file;
  private FileChannel channel;
  private long sizeBytes;
  private Object identity;

  AuditFile(Path file) throws IOException {
    this.file = file;
    this.channel = openChannel(file);
    this.sizeBytes = channel.size();
    this.identity = identity(file);
  }

  /// Which file of the file system has that name now.
  private static Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /// Whether nobody else has added anything, nor begun a new file.
  boolean isAsLeft() throws IOException {
    try {
      return identity.equals(identity(file)) && channel.size() == sizeBytes;
    } catch (NoSuchFileException e) {
      return false; // somebody has taken it away, and whoever adds begins a new one
    }
  }

  /// Opens what has the name now.
  void reopen() throws IOException {
    channel.close();
    channel = openChannel(file);
    sizeBytes = channel.size();
    identity = identity(file);
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /// Adds a line and its end. When that fails, what was written of it is taken back, so that the
  /// next one begins on a line of its own.
  void add(byte[] line) throws IOException {
    var bytes = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes, sizeBytes + bytes.position());
      }
      channel.force(true);
    } catch (IOException e) {
      try {
        channel.truncate(sizeBytes);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
    sizeBytes += line.length + 1;
  }

  /// Keeps what follows `offset` in a file of its own and cuts it off here.
  ///
  /// @return where it is now
  Path cutOff(long offset, long sequence) throws IOException {
    var rest = ByteBuffer.allocate(Math.toIntExact(Math.min(sizeBytes - offset, 16 << 20)));
    while (rest.hasRemaining() && channel.read(rest, offset + rest.position()) >= 0) {
      // goes on where the last read ended
    }
    var kept = file.resolveSibling("%s.torn-%d".formatted(file.getFileName(), sequence));
    Files.write(kept, java.util.Arrays.copyOf(rest.array(), rest.position()));
    try (var made = FileChannel.open(kept, StandardOpenOption.WRITE)) {
      made.force(true);
    }
    channel.truncate(offset);
    channel.force(true);
    sizeBytes = offset;
    return kept;
  }

  /// Goes on in a new file; this one gets the name `full`. A crash between the two leaves no
  /// current file, which is the same as an empty one.
  void rotate(Path full) throws IOException {
    channel.close();
    try {
      Files.move(file, full);
    } finally {
      reopen();
    }
  }

  private static FileChannel openChannel(Path file) throws IOException {
    var folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    var channel =
        FileChannel.open(
            file,
            EnumSet.of(
                StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    if (folder != null) {
      try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
    return channel;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
