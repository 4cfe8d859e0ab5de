package io.lumeo.nbd;

import java.time.Duration;
import java.util.function.IntFunction;

/// What the connections of a server share.
///
/// **Memory.** What connections take of it is bounded by three sums: what requests in flight hold
/// (`budget`), what the connections' own buffers hold (large ones within `streams`, small ones for
/// all others), and what waits in the pool for its next use. Each buffer counts as large as it is.
///
/// @param budget for the buffers of requests in flight
/// @param streams for the large buffers between connections and their sockets
/// @param readers the threads that read connections
/// @param workers the threads that wait for devices
record Resources(
    Limits limits,
    BufferPool pool,
    ByteBudget budget,
    ByteBudget streams,
    Workers readers,
    Workers workers,
    Watch watch)
    implements AutoCloseable {
  private static final long IDLE_BUFFER_BYTES = 48L << 20;

  /// The buffer for each direction of a connection: one of the first connections gets large ones,
  /// in which many requests and replies go with one call; when there are very many connections, the
  /// later ones get small ones.
  static final int LARGE_STREAM_BYTES = 512 << 10;

  static final int SMALL_STREAM_BYTES = 64 << 10;
  static final long LARGE_STREAMS_BYTES = 64L << 20;
  private static final int WORKERS = 64;
  private static final Duration MAX_REST = Duration.ofSeconds(1);

  /// Threads that read connections, as many as it takes.
  static Workers unlimitedReaders() {
    return new Workers("nbd-reader", Integer.MAX_VALUE);
  }

  /// @param memory makes a buffer of so many bytes, or throws
  static Resources within(Limits limits, IntFunction<Buffer> memory, Workers readers) {
    return new Resources(
        limits,
        new BufferPool(IDLE_BUFFER_BYTES, memory),
        new ByteBudget(Math.max(limits.bytes(), largestBuffer(limits))),
        new ByteBudget(LARGE_STREAMS_BYTES),
        readers,
        new Workers("nbd-worker", WORKERS),
        new Watch(rest(limits)));
  }

  /// What one request holds at most; it must fit into any limit, or it would wait for ever.
  static int largestBuffer(Limits limits) {
    return BufferPool.sizeBytes(limits.payloadBytes() + BufferPool.MARGIN_BYTES);
  }

  /// How large the two buffers of a new connection may be. What is taken is given back by
  /// [#giveStreams].
  int takeStreams() {
    return streams.tryTake(2L * BufferPool.sizeBytes(LARGE_STREAM_BYTES))
        ? LARGE_STREAM_BYTES
        : SMALL_STREAM_BYTES;
  }

  void giveStreams(int bufferBytes) {
    if (bufferBytes == LARGE_STREAM_BYTES) {
      streams.give(2L * BufferPool.sizeBytes(LARGE_STREAM_BYTES));
    }
  }

  /// Deadlines are met to within a quarter of the shortest.
  private static Duration rest(Limits limits) {
    var shortest =
        limits.handshake().compareTo(limits.stall()) < 0 ? limits.handshake() : limits.stall();
    var quarter = shortest.dividedBy(4);
    return quarter.compareTo(MAX_REST) < 0 ? quarter : MAX_REST;
  }

  @Override
  public void close() {
    watch.close();
    readers.close();
    workers.close();
  }
}
