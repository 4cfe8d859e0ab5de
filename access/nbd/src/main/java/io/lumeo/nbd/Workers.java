package io.lumeo.nbd;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads that wait for devices on behalf of connections.
///
/// The first few are platform threads: a read from a disk holds its thread, and a virtual thread
/// would hold one of the few carriers with it. Beyond those come virtual threads without a bound,
/// so that requests that wait long for something else (space, say) never keep others from starting.
final class Workers implements AutoCloseable {
  private static final int PLATFORM_THREADS = 64;
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor platform =
      new ThreadPoolExecutor(
          0,
          PLATFORM_THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("nbd-worker-", 0).factory(),
          (work, _) -> Thread.ofVirtual().name("nbd-overflow").start(work));

  void execute(Runnable work) {
    platform.execute(work);
  }

  /// Lets what runs finish, and ends the idle threads.
  @Override
  public void close() {
    platform.shutdown();
  }
}
