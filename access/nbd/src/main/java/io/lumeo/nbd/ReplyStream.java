package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/// What the server sends in the transmission phase, gathered so that many replies go out with one
/// write to the socket. Each reply is whole: the lock is held from its first byte to its last.
///
/// **Who sends.** While the connection's reader works through requests ([#gather]), replies only
/// gather; it sends them all before it waits for the socket ([#release]). At other times whoever
/// adds a reply sends it, unless another thread already waits to add one: then that one sends both.
///
/// After a failure of the socket everything is dropped: nobody is there to receive it.
final class ReplyStream {
  /// Up to here a reply is copied to the others; a larger one is sent from where it is.
  private static final int COPY_BYTES = 32 << 10;

  private static final System.Logger LOG = System.getLogger(ReplyStream.class.getName());

  private final SocketChannel channel;
  private final BufferPool pool;
  private final boolean structured;
  private final Buffer buffer;
  private final Stall stall = new Stall();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean gathering;
  private int end; // guarded by lock, as are the buffer and `broken`
  private boolean broken;

  ReplyStream(SocketChannel channel, BufferPool pool, int bufferBytes, boolean structured) {
    this.channel = channel;
    this.pool = pool;
    this.structured = structured;
    this.buffer = pool.take(bufferBytes);
  }

  /// How long the client leaves replies untaken.
  Stall stall() {
    return stall;
  }

  /// Lets replies gather until [#release].
  void gather() {
    gathering = true;
  }

  /// Sends what has gathered.
  void release() {
    lock.lock();
    try {
      gathering = false;
      sendGathered();
    } finally {
      lock.unlock();
    }
  }

  /// Reads from `device` straight to where the reply's payload belongs, if that can be done at
  /// once. Returns false, having added nothing, if it cannot.
  boolean tryRead(BlockDevice device, long cookie, long offset, int lengthBytes)
      throws IOException {
    lock.lock();
    try {
      int prefixBytes = readPrefixBytes();
      if (!makeRoom(prefixBytes + lengthBytes)) {
        return false;
      }
      if (!device.tryRead(offset, buffer.slice(end + prefixBytes, lengthBytes))) {
        return false;
      }
      writeReadPrefix(buffer.segment(), end, cookie, offset, lengthBytes);
      end += prefixBytes + lengthBytes;
      sendUnlessOthersWill();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Says that a command other than READ succeeded, or a READ of nothing.
  void success(Command command, long cookie) {
    lock.lock();
    try {
      makeRoom(ChunkLayout.BYTES);
      if (structured && command == Command.READ) {
        ChunkLayout.write(
            buffer.segment(), end, Protocol.CHUNK_FLAG_DONE, Protocol.CHUNK_NONE, cookie, 0);
        end += ChunkLayout.BYTES;
      } else {
        SimpleReplyLayout.write(buffer.segment(), end, 0, cookie);
        end += SimpleReplyLayout.BYTES;
      }
      sendUnlessOthersWill();
    } finally {
      lock.unlock();
    }
  }

  /// Says that a command failed; why, if the client can be told.
  void failure(long cookie, NbdError error, String message) {
    byte[] text = structured ? Utf8.truncated(message) : new byte[0];
    lock.lock();
    try {
      makeRoom(ChunkLayout.ERROR_PREFIX_BYTES + text.length);
      if (structured) {
        ChunkLayout.writeErrorPrefix(
            buffer.segment(), end, Protocol.CHUNK_FLAG_DONE, cookie, error.code(), text.length);
        end += ChunkLayout.ERROR_PREFIX_BYTES;
        MemorySegment.copy(MemorySegment.ofArray(text), 0, buffer.segment(), end, text.length);
        end += text.length;
      } else {
        SimpleReplyLayout.write(buffer.segment(), end, error.code(), cookie);
        end += SimpleReplyLayout.BYTES;
      }
      sendUnlessOthersWill();
    } finally {
      lock.unlock();
    }
  }

  /// Sends a whole reply that stands in the first `lengthBytes` of `reply`.
  void send(Buffer reply, int lengthBytes) {
    lock.lock();
    try {
      if (lengthBytes > COPY_BYTES || !makeRoom(lengthBytes)) {
        transmit(buffer.bytes(0, end), reply.bytes(0, lengthBytes));
        end = 0;
        return;
      }
      MemorySegment.copy(reply.segment(), 0, buffer.segment(), end, lengthBytes);
      end += lengthBytes;
      sendUnlessOthersWill();
    } finally {
      lock.unlock();
    }
  }

  /// The bytes before the payload of a READ answered in one piece.
  int readPrefixBytes() {
    return structured ? ChunkLayout.DATA_PREFIX_BYTES : SimpleReplyLayout.BYTES;
  }

  void writeReadPrefix(MemorySegment at, long from, long cookie, long offset, long lengthBytes) {
    if (structured) {
      ChunkLayout.writeDataPrefix(at, from, Protocol.CHUNK_FLAG_DONE, cookie, offset, lengthBytes);
    } else {
      SimpleReplyLayout.write(at, from, 0, cookie);
    }
  }

  /// Gives the buffer back. Nobody may add replies any more.
  void close() {
    pool.give(buffer);
  }

  private boolean makeRoom(int lengthBytes) {
    if (end + lengthBytes > buffer.sizeBytes()) {
      sendGathered();
    }
    return lengthBytes <= buffer.sizeBytes();
  }

  private void sendUnlessOthersWill() {
    if (!gathering && !lock.hasQueuedThreads()) {
      sendGathered();
    }
  }

  private void sendGathered() {
    if (end > 0) {
      transmit(buffer.bytes(0, end));
      end = 0;
    }
  }

  private void transmit(ByteBuffer... pieces) {
    if (broken) {
      return;
    }
    stall.begin();
    try {
      var last = pieces[pieces.length - 1];
      while (last.hasRemaining()) {
        if (pieces.length == 1) {
          channel.write(last);
        } else {
          channel.write(pieces);
        }
        stall.begin();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A client is gone before its replies", e);
      broken = true;
    } finally {
      stall.end();
    }
  }
}
