package io.lumeo.rest;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// A body in chunks, as HTTP/1.1 sends one whose length is not known when it begins.
final class ChunkedInput extends InputStream {
  private static final int MAX_LINE_BYTES = 64;

  private final InputStream in;
  private long left;
  private boolean first = true;
  private boolean ended;

  ChunkedInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int lengthBytes) throws IOException {
    if (left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int count = in.read(target, from, (int) Math.min(left, lengthBytes));
    if (count < 0) {
      throw new EOFException("the server closed the connection within its answer");
    }
    left -= count;
    return count;
  }

  private void nextChunk() throws IOException {
    if (!first) {
      line(); // the end of the one before
    }
    first = false;
    var size = line().split(";", 2)[0].strip();
    if (!size.matches("[0-9A-Fa-f]{1,8}")) {
      throw new IOException("the server sends a chunk of '" + size + "' bytes");
    }
    left = Long.parseLong(size, 16);
    ended = left == 0;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0 || line.length() > MAX_LINE_BYTES) {
        throw new EOFException("the server closed the connection within its answer");
      }
      line.append((char) octet);
    }
    return line.toString().stripTrailing();
  }
}
