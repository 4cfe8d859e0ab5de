package io.lumeo.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The lines of a file as bytes, bounded: a line longer than any we write ends after that much.
final class AuditLines implements AutoCloseable {
  private final InputStream in;
  private long offset;

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

  AuditLines(Path file) throws IOException {
    in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }

  /// The next line; one that is empty and has no end is the end of the file.
  Line next() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var begin = offset;
    for (int read; bytes.size() <= AuditLine.MAX_BYTES && (read = in.read()) >= 0; ) {
      offset++;
      if (read == '\n') {
        return new Line(bytes.toByteArray(), true, begin);
      }
      bytes.write(read);
    }
    return new Line(bytes.toByteArray(), false, begin);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
