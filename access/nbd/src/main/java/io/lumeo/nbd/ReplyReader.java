package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.U16;
import static io.lumeo.nbd.Protocol.U32;
import static io.lumeo.nbd.Protocol.U64;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The client's receiving side: reads replies and gives each to the call it answers.
///
/// Used by one thread.
final class ReplyReader {
  /// Finds calls by cookie.
  interface Calls {
    /// The call of this cookie, or null if none waits.
    @Nullable Call get(long cookie);

    /// The call is answered; its cookie is free again.
    void remove(long cookie);
  }

  private static final int BUFFER_BYTES = 64 << 10;
  private static final int DESCRIPTOR_BYTES = 2 * Integer.BYTES;

  private final SocketChannel channel;
  private final Calls calls;
  private final Buffer buffer = new Buffer(BUFFER_BYTES);
  private int position;
  private int limit;

  ReplyReader(SocketChannel channel, Calls calls) {
    this.channel = channel;
    this.calls = calls;
  }

  /// Reads one message.
  ///
  /// @throws IOException if the connection is lost or the server breaks the protocol: then nothing
  ///   that follows can be understood
  void readReply() throws IOException {
    fill(Integer.BYTES);
    int magic = buffer.segment().get(U32, position);
    switch (magic) {
      case SimpleReplyLayout.MAGIC -> simpleReply();
      case ChunkLayout.MAGIC -> chunk();
      default ->
          throw new IOException("the NBD server starts a reply with 0x%08x".formatted(magic));
    }
  }

  private void simpleReply() throws IOException {
    fill(SimpleReplyLayout.BYTES);
    int error = SimpleReplyLayout.error(buffer.segment(), position);
    long cookie = SimpleReplyLayout.cookie(buffer.segment(), position);
    position += SimpleReplyLayout.BYTES;
    var call = call(cookie);
    if (error != 0) {
      call.fail(NbdError.toFailure(error, call.toString()));
    } else if (call.command == Command.READ) {
      receive(call.piece(call.offset, call.lengthBytes));
    }
    complete(cookie, call);
  }

  private void chunk() throws IOException {
    fill(ChunkLayout.BYTES);
    int flags = ChunkLayout.flags(buffer.segment(), position);
    int type = ChunkLayout.type(buffer.segment(), position);
    long cookie = ChunkLayout.cookie(buffer.segment(), position);
    long lengthBytes = ChunkLayout.lengthBytes(buffer.segment(), position);
    position += ChunkLayout.BYTES;
    var call = call(cookie);
    switch (type) {
      case Protocol.CHUNK_NONE -> require(lengthBytes == 0, type, lengthBytes);
      case Protocol.CHUNK_OFFSET_DATA -> data(call, lengthBytes);
      case Protocol.CHUNK_OFFSET_HOLE -> hole(call, lengthBytes);
      case Protocol.CHUNK_BLOCK_STATUS -> blockStatus(call, lengthBytes);
      default -> error(call, type, lengthBytes);
    }
    if ((flags & Protocol.CHUNK_FLAG_DONE) != 0) {
      complete(cookie, call);
    }
  }

  private void data(Call call, long lengthBytes) throws IOException {
    require(lengthBytes > Long.BYTES, Protocol.CHUNK_OFFSET_DATA, lengthBytes);
    fill(Long.BYTES);
    long from = buffer.segment().get(U64, position);
    position += Long.BYTES;
    receive(call.piece(from, lengthBytes - Long.BYTES));
  }

  private void hole(Call call, long lengthBytes) throws IOException {
    require(lengthBytes == Long.BYTES + Integer.BYTES, Protocol.CHUNK_OFFSET_HOLE, lengthBytes);
    fill((int) lengthBytes);
    long from = buffer.segment().get(U64, position);
    int bytes = buffer.segment().get(U32, position + Long.BYTES);
    position += (int) lengthBytes;
    call.piece(from, Integer.toUnsignedLong(bytes)).fill((byte) 0);
  }

  private void blockStatus(Call call, long lengthBytes) throws IOException {
    long descriptorBytes = lengthBytes - Integer.BYTES;
    require(
        descriptorBytes > 0 && descriptorBytes % DESCRIPTOR_BYTES == 0,
        Protocol.CHUNK_BLOCK_STATUS,
        lengthBytes);
    fill(Integer.BYTES);
    position += Integer.BYTES; // only one context was selected
    for (long left = descriptorBytes; left > 0; left -= DESCRIPTOR_BYTES) {
      fill(DESCRIPTOR_BYTES);
      int bytes = buffer.segment().get(U32, position);
      int flags = buffer.segment().get(U32, position + Integer.BYTES);
      position += DESCRIPTOR_BYTES;
      call.told(Integer.toUnsignedLong(bytes), flags);
    }
  }

  private void error(Call call, int type, long lengthBytes) throws IOException {
    int prefixBytes = Integer.BYTES + Short.BYTES;
    boolean known = (type & Protocol.CHUNK_ERROR_BIT) != 0;
    require(known && lengthBytes >= prefixBytes && lengthBytes <= BUFFER_BYTES, type, lengthBytes);
    fill((int) lengthBytes);
    int error = buffer.segment().get(U32, position);
    int messageBytes = Short.toUnsignedInt(buffer.segment().get(U16, position + Integer.BYTES));
    require(prefixBytes + messageBytes <= lengthBytes, type, lengthBytes);
    byte[] message = new byte[messageBytes];
    MemorySegment.copy(
        buffer.segment(), position + prefixBytes, MemorySegment.ofArray(message), 0, messageBytes);
    position += (int) lengthBytes;
    var what = new String(message, StandardCharsets.UTF_8);
    call.fail(
        NbdError.toFailure(error, what.isEmpty() ? call.toString() : call + " (" + what + ")"));
  }

  private Call call(long cookie) throws IOException {
    var call = calls.get(cookie);
    if (call == null) {
      throw new IOException("the NBD server answers a request that was not sent: " + cookie);
    }
    return call;
  }

  private void complete(long cookie, Call call) {
    calls.remove(cookie);
    call.complete();
  }

  /// Fills `target`, first from what was read ahead.
  private void receive(MemorySegment target) throws IOException {
    long ahead = Math.min(limit - position, target.byteSize());
    MemorySegment.copy(buffer.segment(), position, target, 0, ahead);
    position += (int) ahead;
    if (ahead < target.byteSize()) {
      var rest = target.asSlice(ahead).asByteBuffer();
      while (rest.hasRemaining()) {
        requireOpen(channel.read(rest));
      }
    }
  }

  /// Waits until `wanted` bytes are read ahead.
  private void fill(int wanted) throws IOException {
    if (position + wanted > BUFFER_BYTES) {
      MemorySegment.copy(buffer.segment(), position, buffer.segment(), 0, limit - position);
      limit -= position;
      position = 0;
    }
    while (limit - position < wanted) {
      limit += requireOpen(channel.read(bytes()));
    }
  }

  private ByteBuffer bytes() {
    return buffer.bytes(limit, BUFFER_BYTES);
  }

  private static int requireOpen(int count) throws EOFException {
    if (count < 0) {
      throw new EOFException("the NBD server hung up");
    }
    return count;
  }

  private static void require(boolean holds, int type, long lengthBytes) throws IOException {
    if (!holds) {
      throw new IOException(
          "the NBD server sends a chunk of type %d with %d bytes".formatted(type, lengthBytes));
    }
  }
}
