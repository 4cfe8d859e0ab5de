package io.lumeo.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.SocketChannel;

/// What the client sends in the transmission phase, read ahead into one buffer so that one read
/// from the socket brings many requests.
///
/// A payload is used where it arrived. So that large ones do not have to be moved to make room, a
/// large request is read to its end and not beyond: the buffer is empty after it and starts anew.
///
/// Used by one thread at a time, the one that reads the connection ([Transmission] says which).
final class RequestStream {
  private static final int LARGE_BYTES = 32 << 10;

  private final SocketChannel channel;
  private final BufferPool pool;
  private final Stall stall = new Stall();
  private Buffer buffer;
  private int position;
  private int limit;

  RequestStream(SocketChannel channel, BufferPool pool, int bufferBytes) {
    this.channel = channel;
    this.pool = pool;
    this.buffer = pool.take(bufferBytes);
  }

  /// How long the client leaves a begun request unfinished.
  Stall stall() {
    return stall;
  }

  Buffer buffer() {
    return buffer;
  }

  MemorySegment segment() {
    return buffer.segment();
  }

  int position() {
    return position;
  }

  int available() {
    return limit - position;
  }

  /// Passes over bytes that are available.
  void consume(int lengthBytes) {
    position += lengthBytes;
    if (position == limit) {
      position = 0;
      limit = 0;
    }
  }

  /// Waits until `wanted` bytes of a request's header are available. Returns false if the client
  /// hung up between two requests.
  ///
  /// @throws EOFException if it hung up within one
  boolean fillHeader(int wanted) throws IOException {
    makeRoom(wanted);
    while (available() < wanted) {
      boolean begun = available() > 0;
      int count = receive(buffer, limit, buffer.sizeBytes(), begun);
      if (count < 0 && !begun) {
        return false;
      }
      limit += requireOpen(count);
    }
    return true;
  }

  /// Waits until `wanted` bytes of payload are available, at most the buffer's size.
  void fillPayload(int wanted) throws IOException {
    makeRoom(wanted);
    int to = wanted < LARGE_BYTES ? buffer.sizeBytes() : position + wanted;
    while (available() < wanted) {
      limit += requireOpen(receive(buffer, limit, to, true));
    }
  }

  /// Moves `lengthBytes` of payload into `target`.
  void read(Buffer target, int lengthBytes) throws IOException {
    int done = Math.min(available(), lengthBytes);
    MemorySegment.copy(buffer.segment(), position, target.segment(), 0, done);
    consume(done);
    while (done < lengthBytes) {
      done += requireOpen(receive(target, done, lengthBytes, true));
    }
  }

  /// Passes over `lengthBytes` of payload, however many.
  void skip(long lengthBytes) throws IOException {
    long left = lengthBytes;
    while (left > available()) {
      left -= available();
      position = 0;
      limit = 0;
      limit = requireOpen(receive(buffer, 0, buffer.sizeBytes(), true));
    }
    consume((int) left);
  }

  /// Leaves the buffer to whoever still uses a payload in it and goes on in `next`.
  void moveTo(Buffer next) {
    MemorySegment.copy(buffer.segment(), position, next.segment(), 0, available());
    limit -= position;
    position = 0;
    buffer = next;
  }

  void close() {
    pool.give(buffer);
  }

  private void makeRoom(int wanted) {
    if (position + wanted > buffer.sizeBytes()) {
      MemorySegment.copy(buffer.segment(), position, buffer.segment(), 0, available());
      limit -= position;
      position = 0;
    }
  }

  private int receive(Buffer into, int from, int to, boolean begun) throws IOException {
    if (!begun) {
      return channel.read(into.bytes(from, to));
    }
    stall.begin();
    try {
      return channel.read(into.bytes(from, to));
    } finally {
      stall.end();
    }
  }

  private static int requireOpen(int count) throws EOFException {
    if (count < 0) {
      throw new EOFException("the client hung up within a request");
    }
    return count;
  }
}
