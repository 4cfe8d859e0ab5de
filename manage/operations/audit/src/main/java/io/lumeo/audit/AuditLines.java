package io.lumeo.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The lines of a file as bytes, bounded: a line longer than any we write ends after that much.
/// They are read in blocks.
final class AuditLines implements AutoCloseable {
  private static final int BLOCK_BYTES = 64 << 10;

  private final InputStream in;
  private final byte[] block = new byte[BLOCK_BYTES];
  private long offset;

  /// What of the block was not taken yet.
  private int next;

  private int end;

  /// A line.
  static final class Line {
    private final byte[] bytes;
    private final boolean ended;
    private final long offset;

    private Line(byte[] bytes, boolean ended, long offset) {
      this.bytes = bytes;
      this.ended = ended;
      this.offset = offset;
    }

    /// What is in it, without its end.
    byte[] bytes() {
      return bytes;
    }

    /// Whether it has an end.
    boolean ended() {
      return ended;
    }

    /// Where it begins, in bytes.
    long offset() {
      return offset;
    }
  }

  /// Those from the beginning.
  AuditLines(Path file) throws IOException {
    this(file, 0);
  }

  /// Those from a byte on. If that is inside a line, the first is what is left of it.
  AuditLines(Path file, long from) throws IOException {
    in = Channels.newInputStream(FileChannel.open(file).position(from));
    offset = from;
  }

  /// Where the last of the records begins that have at most this number; 0 if that is not to be
  /// found. It is looked for from the end, since what is wanted is behind it: no more is read than
  /// twice what follows it, and a block.
  static long lastUpTo(Path file, long sequence) throws IOException {
    var size = Files.size(file);
    for (long back = BLOCK_BYTES; back < size; back *= 2) {
      try (var lines = new AuditLines(file, size - back)) {
        lines.next(); // it may have begun before
        var line = lines.next();
        var link = line.ended() ? AuditLine.link(line.bytes()) : Optional.<AuditLine.Link>empty();
        if (link.isPresent() && link.get().sequence() <= sequence) {
          return line.offset();
        }
      }
    }
    return 0;
  }

  /// The next line; one that is empty and has no end is the end of the file.
  Line next() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var begin = offset;
    while (bytes.size() <= AuditLine.MAX_BYTES && hasMore()) {
      var most = Math.min(end, next + AuditLine.MAX_BYTES + 1 - bytes.size());
      var upTo = next;
      while (upTo < most && block[upTo] != '\n') {
        upTo++;
      }
      bytes.write(block, next, upTo - next);
      offset += upTo - next;
      next = upTo;
      if (upTo < most) {
        next++;
        offset++;
        return new Line(bytes.toByteArray(), true, begin);
      }
    }
    return new Line(bytes.toByteArray(), false, begin);
  }

  private boolean hasMore() throws IOException {
    if (next == end) {
      next = 0;
      end = Math.max(0, in.read(block));
    }
    return next < end;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
