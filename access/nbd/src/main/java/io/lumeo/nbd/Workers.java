package io.lumeo.nbd;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Threads that come when there is work, and leave when there is none for a while.
///
/// The first ones are platform threads: a read from a disk holds its thread, and a virtual thread
/// would hold one of the few carriers with it. Beyond those come virtual threads without a bound,
/// so that requests that wait long for something else (space, say) never keep others from starting.
class Workers implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor platform;

  /// Workers whose threads are called `name`, the first `platformThreads` of them platform threads.
  Workers(String name, int platformThreads) {
    this.platform =
        new ThreadPoolExecutor(
            0,
            platformThreads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name(name + "-", 0).factory(),
            (work, _) -> startVirtual(work));
  }

  void execute(Runnable work) {
    try {
      platform.execute(work);
    } catch (OutOfMemoryError _) {
      startVirtual(work); // no room for one more stack, and a virtual thread needs none
    }
  }

  /// Lets what runs finish, and ends the idle threads. What comes later runs on virtual threads.
  @Override
  public void close() {
    platform.shutdown();
  }

  private static void startVirtual(Runnable work) {
    Thread.ofVirtual().name("nbd-more").start(work);
  }
}
