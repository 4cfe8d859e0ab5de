package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.ExtentVisitor;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A block device at the other end of an NBD connection.
///
/// All methods may be called by many threads at once: their requests share the connection, and the
/// server answers them in any order. When the connection is lost, every call fails with
/// [StorageException.Failed], and the client is of no more use; it does not reconnect.
///
/// Ranges longer than the server takes are sent in pieces. What the server does not offer is done
/// without: zeroes are written, a discard does nothing, all is told to be data. A thread that is
/// interrupted waits on for its answer; if the interrupt hits it in the middle of sending, though,
/// the connection closes, as every channel does then.
public final class NbdClient implements BlockDevice {
  private static final System.Logger LOG = System.getLogger(NbdClient.class.getName());

  /// The longest range of a command without payload: what the wire can say, in whole pages.
  private static final long MAX_RANGE_BYTES = 0xffff_f000L;

  private static final int ZEROES_BYTES = 1 << 20;
  private static final MemorySegment NOTHING = MemorySegment.NULL; // of no bytes

  private final SocketChannel channel;
  private final SocketAddress address;
  private final String exportName;
  private final Agreement agreed;
  private final Map<Long, Call> calls = new ConcurrentHashMap<>();
  private final AtomicLong cookies = new AtomicLong();
  private final ReentrantLock sending = new ReentrantLock();
  private final Buffer header = new Buffer(RequestLayout.BYTES); // guarded by sending
  private final Thread receiver;
  private volatile @Nullable IOException lost;

  private NbdClient(
      SocketChannel channel, SocketAddress address, String exportName, Agreement agreed) {
    this.channel = channel;
    this.address = address;
    this.exportName = exportName;
    this.agreed = agreed;
    this.receiver = Thread.ofPlatform().daemon().name("nbd-client").unstarted(this::receive);
  }

  /// Connects to the export of this name; the empty name is the server's default export.
  ///
  /// @throws StorageException.NotFound if the server has no such export
  public static NbdClient connect(SocketAddress address, String exportName) throws IOException {
    var channel = open(address);
    try {
      var agreed = ClientHandshake.choose(channel, exportName);
      var client = new NbdClient(channel, address, exportName, agreed);
      client.receiver.start();
      return client;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /// Asks a server what it exports.
  public static List<ExportInfo> list(SocketAddress address) throws IOException {
    try (var channel = open(address)) {
      return ClientHandshake.list(channel);
    }
  }

  private static SocketChannel open(SocketAddress address) throws IOException {
    if (address instanceof InetSocketAddress internet && internet.isUnresolved()) {
      throw new StorageException.NotFound(
          "there is no host \"%s\"; check its name".formatted(internet.getHostString()));
    }
    var channel = SocketChannel.open(address);
    if (address instanceof InetSocketAddress) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    return channel;
  }

  /// The size when the connection was made.
  @Override
  public long sizeBytes() {
    return agreed.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return agreed.has(Protocol.FLAG_READ_ONLY);
  }

  @Override
  public long preferredBlockBytes() {
    return agreed.preferredBytes();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    checkRange(offset, target.byteSize());
    inPieces(
        target.byteSize(),
        agreed.maxPayloadBytes(),
        (done, bytes) -> readPiece(offset + done, target.asSlice(done, bytes)));
  }

  /// The receiving thread fills the target itself, unless the target is only for its owner.
  private void readPiece(long offset, MemorySegment target) throws IOException {
    if (target.isAccessibleBy(receiver)) {
      send(Command.READ, 0, offset, target.byteSize(), target, NOTHING).await();
      return;
    }
    try (var arena = Arena.ofShared()) {
      var between = arena.allocate(target.byteSize());
      send(Command.READ, 0, offset, target.byteSize(), between, NOTHING).await();
      target.copyFrom(between);
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    write(offset, source, 0);
  }

  @Override
  public void writeThrough(long offset, MemorySegment source) throws IOException {
    if (agreed.has(Protocol.FLAG_SEND_FUA)) {
      write(offset, source, Protocol.CMD_FLAG_FUA);
    } else {
      write(offset, source);
      flush();
    }
  }

  private void write(long offset, MemorySegment source, int flags) throws IOException {
    checkWritable(offset, source.byteSize());
    inPieces(
        source.byteSize(),
        agreed.maxPayloadBytes(),
        (done, bytes) ->
            send(Command.WRITE, flags, offset + done, bytes, NOTHING, source.asSlice(done, bytes))
                .await());
  }

  @Override
  public void flush() throws IOException {
    if (agreed.has(Protocol.FLAG_SEND_FLUSH)) {
      send(Command.FLUSH, 0, 0, 0, NOTHING, NOTHING).await();
    }
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    checkWritable(offset, lengthBytes);
    if (agreed.has(Protocol.FLAG_SEND_TRIM)) {
      ask(Command.TRIM, 0, offset, lengthBytes);
    }
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    checkWritable(offset, lengthBytes);
    if (agreed.has(Protocol.FLAG_SEND_WRITE_ZEROES)) {
      int flags = mode == ZeroMode.KEEP_ALLOCATED ? Protocol.CMD_FLAG_NO_HOLE : 0;
      ask(Command.WRITE_ZEROES, flags, offset, lengthBytes);
      return;
    }
    try (var arena = Arena.ofConfined()) {
      var zeroes = arena.allocate(Math.min(lengthBytes, ZEROES_BYTES));
      inPieces(
          lengthBytes,
          ZEROES_BYTES,
          (done, bytes) -> write(offset + done, zeroes.asSlice(0, bytes)));
    }
  }

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    checkRange(offset, lengthBytes);
    if (!agreed.allocation()) {
      if (lengthBytes > 0) {
        visitor.extent(offset, lengthBytes, ExtentState.DATA);
      }
      return;
    }
    long end = offset + lengthBytes;
    long at = offset;
    while (at < end) {
      long asked = Math.min(end - at, MAX_RANGE_BYTES);
      var call = send(Command.BLOCK_STATUS, 0, at, asked, NOTHING, NOTHING);
      call.await();
      long from = at;
      for (var told : call.extents()) {
        long bytes = Math.min(told.lengthBytes(), end - at); // the last may reach beyond
        if (bytes > 0 && !visitor.extent(at, bytes, told.state())) {
          return;
        }
        at += bytes;
      }
      if (at == from) {
        throw new IOException("the NBD server tells no status in reply to " + call);
      }
    }
  }

  /// Ends the connection; calls that wait fail. Does not flush.
  @Override
  public void close() throws IOException {
    var closed =
        note(new StorageException.Failed("the connection to %s is closed".formatted(this)));
    if (channel.isOpen()) {
      try {
        transmit(Command.DISCONNECT, 0, 0, 0, 0, NOTHING);
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "The server is gone before it was told", e);
      }
    }
    lose(closed);
  }

  @Override
  public String toString() {
    return "NBD export \"%s\" at %s".formatted(exportName, address);
  }

  private void checkWritable(long offset, long lengthBytes) throws IOException {
    checkRange(offset, lengthBytes);
    if (isReadOnly()) {
      throw new StorageException.ReadOnly("%s is read-only".formatted(this));
    }
  }

  private void ask(Command command, int flags, long offset, long lengthBytes) throws IOException {
    inPieces(
        lengthBytes,
        MAX_RANGE_BYTES,
        (done, bytes) -> send(command, flags, offset + done, bytes, NOTHING, NOTHING).await());
  }

  private interface Piece {
    void take(long done, long bytes) throws IOException;
  }

  private static void inPieces(long lengthBytes, long pieceBytes, Piece action) throws IOException {
    for (long done = 0; done < lengthBytes; done += pieceBytes) {
      action.take(done, Math.min(pieceBytes, lengthBytes - done));
    }
  }

  private Call send(
      Command command,
      int flags,
      long offset,
      long lengthBytes,
      MemorySegment target,
      MemorySegment payload)
      throws IOException {
    long cookie = cookies.incrementAndGet();
    var call = new Call(command, offset, lengthBytes, target);
    calls.put(cookie, call);
    try {
      transmit(command, flags, cookie, offset, lengthBytes, payload);
    } catch (IOException e) {
      throw lose(e);
    }
    var failure = lost;
    if (failure != null) {
      throw lose(failure); // lost since the call was entered, perhaps too late to be told
    }
    return call;
  }

  private void transmit(
      Command command, int flags, long cookie, long offset, long lengthBytes, MemorySegment payload)
      throws IOException {
    boolean interrupted = Thread.interrupted(); // it would close the channel for everyone
    sending.lock();
    try {
      RequestLayout.write(header.segment(), 0, flags, command.type(), cookie, offset, lengthBytes);
      var request = header.bytes(0, RequestLayout.BYTES);
      if (payload.byteSize() == 0) {
        writeFully(request);
      } else {
        writeFully(request, payload.asByteBuffer());
      }
    } finally {
      sending.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void writeFully(ByteBuffer... pieces) throws IOException {
    var last = pieces[pieces.length - 1];
    while (last.hasRemaining()) {
      channel.write(pieces);
    }
  }

  private void receive() {
    var replies =
        new ReplyReader(
            channel,
            new ReplyReader.Calls() {
              @Override
              public @Nullable Call get(long cookie) {
                return calls.get(cookie);
              }

              @Override
              public void remove(long cookie) {
                calls.remove(cookie);
              }
            });
    try {
      while (lost == null) {
        replies.readReply();
      }
    } catch (IOException | RuntimeException e) {
      lose(e);
    }
  }

  /// The connection is of no more use. The first reason is everyone's.
  private IOException lose(Exception cause) {
    var failure = note(cause);
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "Closing the connection to " + this + " failed", e);
    }
    calls.forEach((cookie, call) -> {
      if (calls.remove(cookie, call)) {
        call.fail(failure);
        call.complete();
      }
    });
    return failure;
  }

  private synchronized IOException note(Exception cause) {
    var known = lost;
    var failure = known == null ? failure(cause) : known;
    lost = failure;
    return failure;
  }

  private IOException failure(Exception cause) {
    return cause instanceof StorageException.Failed failed
        ? failed
        : new StorageException.Failed(
            "the connection to %s is lost: %s; connect again".formatted(this, cause.getMessage()),
            cause);
  }
}
