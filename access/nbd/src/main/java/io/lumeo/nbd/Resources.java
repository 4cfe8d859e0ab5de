package io.lumeo.nbd;

import java.time.Duration;

/// What the connections of a server share.
///
/// @param readers the threads that read connections
/// @param workers the threads that wait for devices
record Resources(
    Limits limits,
    BufferPool pool,
    ByteBudget budget,
    Workers readers,
    Workers workers,
    Watch watch)
    implements AutoCloseable {
  private static final long IDLE_BUFFER_BYTES = 48L << 20;
  private static final int WORKERS = 64;
  private static final Duration MAX_REST = Duration.ofSeconds(1);

  static Resources within(Limits limits) {
    return new Resources(
        limits,
        new BufferPool(IDLE_BUFFER_BYTES),
        new ByteBudget(limits.bytes()),
        new Workers("nbd-reader", Integer.MAX_VALUE),
        new Workers("nbd-worker", WORKERS),
        new Watch(rest(limits)));
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
