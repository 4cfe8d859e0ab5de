package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The transmission phase of one connection: takes requests, has the device do them, answers them
/// in the order in which they are done.
///
/// **The reader.** At any time one thread reads the connection and does in place whatever can be
/// done at once: bytes go between socket buffers and what the device has in memory without a copy
/// or another thread.
///
/// What may wait goes one of two ways:
///
/// - Reads from a disk, flushes and writes through go to the [Workers], where they wait together.
/// - Writes, discards and the like usually take microseconds, less than waking another thread, and
///   sometimes a minute (when a pool waits for space, or the kernel holds back who writes too
///   fast). The reader does them in place, too, but under [Watch]: if one lasts longer than
///   [#PATIENCE_NANOS], reading is given to another thread, and the old one becomes the worker of
///   that request. `slowSince` decides who reads: both sides swap it to 0, and who succeeds has the
///   role.
///
/// ```
///            begin slow work           done first: swap to 0
///   READING ----------------> SLOW ----------------------------> READING
///                              |  watch first: swap to 0
///                              +----> another thread is READING; this one answers and ends
/// ```
///
/// **Memory.** Requests that wait, and every buffer that is held for a request, are counted by
/// [InFlight] before the buffer is taken; at the limit the reader stops reading, and the client's
/// own socket buffer fills. Nobody waits for memory while holding some, except to be relieved,
/// which is only tried.
final class Transmission {
  /// How long a reader may be away before another takes its place.
  static final long PATIENCE_NANOS = Duration.ofMillis(1).toNanos();

  /// From here on a READ looks for holes, so that they need not be sent. Below, asking costs more
  /// than it can save.
  static final int SPARSE_BYTES = 64 << 10;

  private static final int CACHE_PIECE_BYTES = 1 << 20;

  /// Written where a device cannot zero by itself.
  private static final MemorySegment ZEROES = Arena.global().allocate(64 << 10, 4096).asReadOnly();

  private static final Refusal SHUTTING_DOWN =
      new Refusal(NbdError.ESHUTDOWN, "The server is shutting down");
  private static final System.Logger LOG = System.getLogger(Transmission.class.getName());

  private final Session session;
  private final BlockDevice device;
  private final boolean readOnly;
  private final Admission admission;
  private final Resources resources;
  private final ExportCounters counters;
  private final Runnable afterEnd;
  private final int streamBytes;
  private final RequestStream requests;
  private final ReplyStream replies;
  private final InFlight inFlight;
  private final HoleSearch holeSearch = new HoleSearch(); // used by the reader only
  private final ReadPace readPace = new ReadPace();
  private final AtomicLong slowSince = new AtomicLong();

  /// Whether a thread is on its way to relieve the reader.
  private final AtomicBoolean relieving = new AtomicBoolean();

  private volatile @Nullable Thread reader;
  private volatile boolean draining;

  /// Something to be done with the device that may wait. Returns the reply, or null for "done".
  private interface Operation {
    @Nullable Payload run() throws IOException;
  }

  /// A whole reply, in the first bytes of a buffer of the pool.
  record Payload(Buffer buffer, int lengthBytes) {}

  /// @param afterEnd called once, when the last request is answered and nothing more will be read
  Transmission(
      SocketChannel channel,
      Session session,
      Resources resources,
      ExportCounters counters,
      Runnable afterEnd) {
    this.session = session;
    this.device = session.export().device();
    this.readOnly = session.export().readOnly();
    this.admission = new Admission(session, resources.limits().payloadBytes());
    this.resources = resources;
    this.counters = counters;
    this.afterEnd = afterEnd;
    this.streamBytes = resources.takeStreams();
    try {
      this.requests = new RequestStream(channel, resources.pool(), streamBytes);
    } catch (RuntimeException | Error e) {
      resources.giveStreams(streamBytes);
      throw e;
    }
    try {
      this.replies =
          new ReplyStream(channel, resources.pool(), streamBytes, session.structuredReplies());
    } catch (RuntimeException | Error e) {
      requests.close();
      resources.giveStreams(streamBytes);
      throw e;
    }
    var limits = resources.limits();
    this.inFlight =
        new InFlight(
            limits.requestsPerConnection(),
            Math.max(limits.bytesPerConnection(), Resources.largestBuffer(limits)),
            resources.budget());
  }

  /// Serves requests until the client ends, or until another thread has taken over.
  void run() {
    try {
      if (!serve()) {
        return; // another thread reads now
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A client of export \"{0}\" is dropped: {1}", session.exportName(), e);
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the threads of a connection", e);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "A client of export \"" + session.exportName() + "\" is dropped", e);
      if (!Thread.currentThread().equals(reader)) {
        return; // the connection ends when its reader does
      }
    }
    end();
  }

  /// From now on answers new requests with ESHUTDOWN.
  void drain() {
    draining = true;
  }

  /// Waits until no request is in flight. Returns whether that came within `timeout`.
  boolean awaitDrained(Duration timeout) throws InterruptedException {
    return inFlight.awaitNone(timeout);
  }

  /// Whether the client has kept the connection waiting in the middle of a message for too long.
  boolean isStalled(long nowNanos) {
    long limitNanos = resources.limits().stall().toNanos();
    return requests.stall().exceeds(limitNanos, nowNanos)
        || replies.stall().exceeds(limitNanos, nowNanos);
  }

  /// Gives the reading to another thread if the reader has been away for too long. Called by the
  /// watch.
  ///
  /// The role changes hands in the other thread: when none can be had, the reader still has it.
  void relieveReader(long nowNanos) {
    long since = slowSince.get();
    if (since == 0 || nowNanos - since < PATIENCE_NANOS || !relieving.compareAndSet(false, true)) {
      return;
    }
    int heldBytes = reliefBytes();
    if (!inFlight.tryEnter(heldBytes)) {
      relieving.set(false);
      return;
    }
    try {
      var next = takeCounted(streamBytes);
      try {
        resources.readers().execute(() -> takeOver(since, next));
      } catch (RuntimeException | Error e) {
        giveBack(next);
        throw e;
      }
    } catch (OutOfMemoryError _) {
      relieving.set(false); // the reader waits longer: the next look tries again
    } catch (RuntimeException | Error e) {
      relieving.set(false);
      throw e;
    }
  }

  /// Reads from here on, if the reader has not come back meanwhile.
  private void takeOver(long since, Buffer next) {
    boolean won;
    synchronized (requests) { // who is relieved keeps the buffer until the rest of it is moved
      won = slowSince.compareAndSet(since, 0);
      if (won) {
        reader = Thread.currentThread();
        requests.moveTo(next);
      }
    }
    relieving.set(false);
    if (won) {
      run();
    } else {
      giveBack(next);
    }
  }

  /// What it takes to relieve a reader: who is relieved keeps its buffer.
  private int reliefBytes() {
    return BufferPool.sizeBytes(streamBytes);
  }

  /// Returns true when the client has ended, false when another thread has taken over.
  private boolean serve() throws IOException, InterruptedException {
    reader = Thread.currentThread();
    replies.gather();
    while (true) {
      if (requests.available() < RequestLayout.BYTES) {
        replies.release();
        if (!requests.fillHeader(RequestLayout.BYTES)) {
          return true;
        }
        replies.gather();
      }
      var segment = requests.segment();
      int at = requests.position();
      int magic = RequestLayout.magic(segment, at);
      if (magic != RequestLayout.MAGIC) {
        throw new IOException("a request starts with 0x%08x".formatted(magic));
      }
      int flags = RequestLayout.flags(segment, at);
      var command = Command.of(RequestLayout.type(segment, at));
      long cookie = RequestLayout.cookie(segment, at);
      long offset = RequestLayout.offset(segment, at);
      long lengthBytes = RequestLayout.lengthBytes(segment, at);
      requests.consume(RequestLayout.BYTES);
      if (command == Command.DISCONNECT) {
        return true;
      }
      if (!serve(command, flags, cookie, offset, lengthBytes)) {
        return false;
      }
    }
  }

  /// Serves one request. Returns whether this thread still reads.
  private boolean serve(
      @Nullable Command command, int flags, long cookie, long offset, long lengthBytes)
      throws IOException, InterruptedException {
    if (command == null) {
      replies.failure(cookie, NbdError.EINVAL, "The command is unknown");
      return true;
    }
    var refusal = refusal(command, flags, offset, lengthBytes);
    if (refusal != null) {
      return refuse(command, cookie, lengthBytes, refusal);
    }
    return switch (command) {
      case READ -> read(flags, cookie, offset, (int) lengthBytes);
      case WRITE -> write(flags, cookie, offset, (int) lengthBytes);
      case FLUSH -> later(command, cookie, 0, 0, this::flush);
      case TRIM -> inPlace(command, cookie, lengthBytes, () -> trim(flags, offset, lengthBytes));
      case CACHE ->
          inPlace(
              command,
              cookie,
              lengthBytes,
              BufferPool.sizeBytes(CACHE_PIECE_BYTES),
              () -> cache(offset, lengthBytes));
      case WRITE_ZEROES ->
          inPlace(command, cookie, lengthBytes, () -> writeZeroes(flags, offset, lengthBytes));
      case BLOCK_STATUS ->
          inPlace(
              command,
              cookie,
              lengthBytes,
              BufferPool.sizeBytes(BlockStatus.MAX_REPLY_BYTES),
              () -> blockStatus(flags, cookie, offset, lengthBytes));
      case DISCONNECT -> throw new AssertionError("a disconnect has no reply");
    };
  }

  private @Nullable Refusal refusal(Command command, int flags, long offset, long lengthBytes) {
    return draining ? SHUTTING_DOWN : admission.refusal(command, flags, offset, lengthBytes);
  }

  private boolean refuse(Command command, long cookie, long lengthBytes, Refusal refusal)
      throws IOException {
    counters.failed(command);
    replies.failure(cookie, refusal.error(), refusal.message());
    if (command == Command.WRITE) {
      replies.release();
      requests.skip(lengthBytes);
      replies.gather();
    }
    return true;
  }

  // The commands.

  private boolean read(int flags, long cookie, long offset, int lengthBytes)
      throws InterruptedException {
    if (lengthBytes == 0) {
      answer(Command.READ, cookie, 0, null);
      return true;
    }
    boolean mayFragment = (flags & Protocol.CMD_FLAG_DF) == 0 && session.structuredReplies();
    if (mayFragment && lengthBytes >= SPARSE_BYTES && holeSearch.isDue()) {
      return readSparse(cookie, offset, lengthBytes);
    }
    return readDense(cookie, offset, lengthBytes);
  }

  private boolean readDense(long cookie, long offset, int lengthBytes) throws InterruptedException {
    try {
      if (replies.tryRead(device, cookie, offset, lengthBytes)) {
        counters.succeeded(Command.READ, lengthBytes);
        return true;
      }
    } catch (IOException | RuntimeException | Error e) {
      fail(Command.READ, cookie, e);
      return true;
    }
    Operation operation = () -> read(cookie, offset, lengthBytes);
    return readPace.isFast()
        ? inPlace(Command.READ, cookie, lengthBytes, readBytes(lengthBytes), operation)
        : later(Command.READ, cookie, lengthBytes, readBytes(lengthBytes), operation);
  }

  /// What a READ holds that is answered in one piece.
  private int readBytes(int lengthBytes) {
    return BufferPool.sizeBytes(replies.readPrefixBytes() + lengthBytes);
  }

  private Payload read(long cookie, long offset, int lengthBytes) throws IOException {
    int prefixBytes = replies.readPrefixBytes();
    var buffer = resources.pool().take(prefixBytes + lengthBytes);
    try {
      long start = System.nanoTime();
      device.read(offset, buffer.slice(prefixBytes, lengthBytes));
      readPace.took(System.nanoTime() - start);
    } catch (IOException | RuntimeException | Error e) {
      resources.pool().give(buffer);
      throw e;
    }
    replies.writeReadPrefix(buffer.segment(), 0, cookie, offset, lengthBytes);
    return new Payload(buffer, prefixBytes + lengthBytes);
  }

  /// Reads what is data and tells the rest as holes.
  private boolean readSparse(long cookie, long offset, int lengthBytes)
      throws InterruptedException {
    int heldBytes = readBytes(lengthBytes);
    enter(heldBytes);
    var used = requests.buffer();
    long since = beginSlow();
    var map = SparseMap.of(device, offset, lengthBytes);
    boolean stillReads = endSlow(since);
    if (stillReads && !map.hasHoles()) {
      inFlight.leave(heldBytes);
      return readDense(cookie, offset, lengthBytes);
    }
    Operation operation =
        map.hasHoles()
            ? () -> map.read(device, cookie, resources.pool())
            : () -> read(cookie, offset, lengthBytes);
    if (stillReads) {
      holeSearch.found();
      int neededBytes = BufferPool.sizeBytes(map.replyBytes());
      inFlight.reduce(heldBytes - neededBytes);
      execute(Command.READ, cookie, lengthBytes, () -> inFlight.leave(neededBytes), operation);
      return true;
    }
    try {
      perform(Command.READ, cookie, lengthBytes, operation);
    } finally {
      retire(used);
      inFlight.leave(heldBytes);
    }
    return false;
  }

  private boolean write(int flags, long cookie, long offset, int lengthBytes)
      throws IOException, InterruptedException {
    if (lengthBytes > requests.buffer().sizeBytes()) {
      return writeLarge(flags, cookie, offset, lengthBytes);
    }
    if (requests.available() < lengthBytes) {
      replies.release();
      requests.fillPayload(lengthBytes);
      replies.gather();
    }
    var payload = requests.buffer().slice(requests.position(), lengthBytes);
    if ((flags & Protocol.CMD_FLAG_FUA) != 0) {
      return writeThrough(cookie, offset, payload);
    }
    requests.consume(lengthBytes);
    return inPlace(Command.WRITE, cookie, lengthBytes, () -> write(offset, payload));
  }

  private @Nullable Payload write(long offset, MemorySegment payload) throws IOException {
    device.write(offset, payload);
    return null;
  }

  /// A write of more than the request buffer holds goes into a buffer of its own.
  private boolean writeLarge(int flags, long cookie, long offset, int lengthBytes)
      throws IOException, InterruptedException {
    replies.release();
    inFlight.enter(BufferPool.sizeBytes(lengthBytes));
    Buffer buffer;
    try {
      buffer = takeCounted(lengthBytes);
    } catch (OutOfMemoryError e) {
      fail(Command.WRITE, cookie, e);
      requests.skip(lengthBytes);
      replies.gather();
      return true;
    }
    try {
      requests.read(buffer, lengthBytes);
      replies.gather();
      var payload = buffer.slice(0, lengthBytes);
      Operation operation =
          (flags & Protocol.CMD_FLAG_FUA) != 0
              ? () -> writeThrough(offset, payload)
              : () -> write(offset, payload);
      return inPlace(Command.WRITE, cookie, lengthBytes, operation);
    } finally {
      giveBack(buffer);
    }
  }

  /// A buffer for a request that is counted already. Without one, it is not counted any more.
  private Buffer takeCounted(int lengthBytes) {
    try {
      return resources.pool().take(lengthBytes);
    } catch (RuntimeException | Error e) {
      inFlight.leave(BufferPool.sizeBytes(lengthBytes));
      throw e;
    }
  }

  private void giveBack(Buffer buffer) {
    resources.pool().give(buffer);
    inFlight.leave(buffer.sizeBytes());
  }

  private boolean writeThrough(long cookie, long offset, MemorySegment payload)
      throws InterruptedException {
    int lengthBytes = (int) payload.byteSize();
    enter(BufferPool.sizeBytes(lengthBytes));
    Buffer copy;
    try {
      copy = takeCounted(lengthBytes);
    } catch (OutOfMemoryError e) {
      requests.consume(lengthBytes);
      fail(Command.WRITE, cookie, e);
      return true;
    }
    MemorySegment.copy(payload, 0, copy.segment(), 0, lengthBytes);
    requests.consume(lengthBytes);
    execute(
        Command.WRITE,
        cookie,
        lengthBytes,
        () -> giveBack(copy),
        () -> writeThrough(offset, copy.slice(0, lengthBytes)));
    return true;
  }

  private @Nullable Payload writeThrough(long offset, MemorySegment payload) throws IOException {
    device.writeThrough(offset, payload);
    return null;
  }

  private @Nullable Payload flush() throws IOException {
    device.flush();
    return null;
  }

  private @Nullable Payload trim(int flags, long offset, long lengthBytes) throws IOException {
    device.discard(offset, lengthBytes);
    return flushIfAsked(flags);
  }

  /// Only FAST_ZERO may be told that a device cannot do it: for all others zeroes are written.
  private @Nullable Payload writeZeroes(int flags, long offset, long lengthBytes)
      throws IOException {
    var mode =
        (flags & Protocol.CMD_FLAG_NO_HOLE) == 0 ? ZeroMode.MAY_PUNCH : ZeroMode.KEEP_ALLOCATED;
    try {
      device.writeZeroes(offset, lengthBytes, mode);
    } catch (StorageException.Unsupported e) {
      if ((flags & Protocol.CMD_FLAG_FAST_ZERO) != 0) {
        throw e;
      }
      writeZeroesOut(offset, lengthBytes);
    }
    return flushIfAsked(flags);
  }

  private void writeZeroesOut(long offset, long lengthBytes) throws IOException {
    long end = offset + lengthBytes;
    for (long at = offset; at < end; at += ZEROES.byteSize()) {
      device.write(at, ZEROES.asSlice(0, Math.min(ZEROES.byteSize(), end - at)));
    }
  }

  private @Nullable Payload flushIfAsked(int flags) throws IOException {
    if ((flags & Protocol.CMD_FLAG_FUA) != 0) {
      device.flush();
    }
    return null;
  }

  /// Reading is what brings bytes into memory.
  private @Nullable Payload cache(long offset, long lengthBytes) throws IOException {
    var buffer = resources.pool().take(CACHE_PIECE_BYTES);
    try {
      long end = offset + lengthBytes;
      for (long at = offset; at < end; at += CACHE_PIECE_BYTES) {
        device.read(at, buffer.slice(0, Math.min(CACHE_PIECE_BYTES, end - at)));
      }
    } finally {
      resources.pool().give(buffer);
    }
    return null;
  }

  private Payload blockStatus(int flags, long cookie, long offset, long lengthBytes)
      throws IOException {
    boolean one = (flags & Protocol.CMD_FLAG_REQ_ONE) != 0;
    return BlockStatus.of(device, readOnly, offset, lengthBytes, one)
        .encode(cookie, resources.pool());
  }

  // The two ways of doing what may wait.

  /// Has the reader itself do it, which holds `heldBytes` meanwhile.
  private boolean inPlace(
      Command command, long cookie, long lengthBytes, long heldBytes, Operation operation)
      throws InterruptedException {
    enter(heldBytes);
    try {
      return inPlace(command, cookie, lengthBytes, operation);
    } finally {
      inFlight.leave(heldBytes);
    }
  }

  /// Has the reader itself do it, under the watch's eye. Returns whether this thread still reads.
  private boolean inPlace(Command command, long cookie, long lengthBytes, Operation operation) {
    if (!inFlight.hasRoom(reliefBytes())) {
      replies.release(); // nobody could relieve this thread: replies must not wait for it
      replies.gather();
    }
    var used = requests.buffer();
    long since = beginSlow();
    Payload payload = null;
    Throwable failure = null;
    try {
      payload = operation.run();
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    boolean stillReads = endSlow(since);
    try {
      if (failure == null) {
        answer(command, cookie, lengthBytes, payload);
      } else {
        fail(command, cookie, failure);
      }
    } finally {
      if (!stillReads) {
        retire(used);
      }
    }
    return stillReads;
  }

  private long beginSlow() {
    long since = System.nanoTime() | 1; // 0 means "reading"
    slowSince.set(since);
    resources.watch().notice();
    return since;
  }

  private boolean endSlow(long since) {
    return slowSince.compareAndSet(since, 0);
  }

  /// The last act of a thread that was relieved: its buffer is free now.
  private void retire(Buffer used) {
    synchronized (requests) {
      resources.pool().give(used);
    }
    inFlight.leave(used.sizeBytes());
  }

  /// Has a worker do it, which holds `heldBytes`. Returns true: this thread still reads.
  private boolean later(
      Command command, long cookie, long lengthBytes, long heldBytes, Operation operation)
      throws InterruptedException {
    enter(heldBytes);
    execute(command, cookie, lengthBytes, () -> inFlight.leave(heldBytes), operation);
    return true;
  }

  private void enter(long heldBytes) throws InterruptedException {
    if (!inFlight.tryEnter(heldBytes)) {
      replies.release();
      inFlight.enter(heldBytes);
      replies.gather();
    }
  }

  /// Has a worker do it.
  ///
  /// @param afterwards gives back what is held for it, done or not
  private void execute(
      Command command, long cookie, long lengthBytes, Runnable afterwards, Operation operation) {
    try {
      resources
          .workers()
          .execute(() -> {
            try {
              perform(command, cookie, lengthBytes, operation);
            } finally {
              afterwards.run();
            }
          });
    } catch (OutOfMemoryError e) {
      afterwards.run(); // no worker came
      fail(command, cookie, e);
    }
  }

  private void perform(Command command, long cookie, long lengthBytes, Operation operation) {
    Payload payload;
    try {
      payload = operation.run();
    } catch (IOException | RuntimeException | Error e) {
      fail(command, cookie, e);
      return;
    }
    answer(command, cookie, lengthBytes, payload);
  }

  private void answer(Command command, long cookie, long lengthBytes, @Nullable Payload payload) {
    counters.succeeded(command, lengthBytes);
    if (payload == null) {
      replies.success(command, cookie);
    } else {
      replies.send(payload.buffer(), payload.lengthBytes());
      resources.pool().give(payload.buffer());
    }
  }

  /// Answers with an error. Whatever a device throws, one request fails and the connection lives.
  private void fail(Command command, long cookie, Throwable failure) {
    counters.failed(command);
    if (failure instanceof IOException known) {
      var message = known.getMessage();
      var text = message == null ? known.toString() : message;
      LOG.log(Level.DEBUG, "{0} of export \"{1}\": {2}", command, session.exportName(), text);
      replies.failure(cookie, NbdError.of(command, known), text);
    } else {
      LOG.log(Level.ERROR, command + " of export \"" + session.exportName() + "\"", failure);
      var error = failure instanceof OutOfMemoryError ? NbdError.ENOMEM : NbdError.EIO;
      replies.failure(cookie, error, "The server failed unexpectedly; its log says how");
    }
  }

  private void end() {
    replies.release();
    try {
      inFlight.awaitNone();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the threads of a connection", e);
    }
    requests.close();
    replies.close();
    resources.giveStreams(streamBytes);
    afterEnd.run();
  }
}
