package io.lumeo.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// An agent as a process of its own: obeys SIGHUP (reload), SIGTERM and SIGINT (stop).
public final class AgentProcess {
  /// How often the heap is looked at.
  private static final Duration HEAP_WATCHED_EVERY = Duration.ofSeconds(15);

  private AgentProcess() {}

  /// Where signals are heard.
  @FunctionalInterface
  interface Hearing {
    void on(String signal, Runnable action);
  }

  /// Runs an agent until it is told to stop. When the process is told to end, that waits until the
  /// agent has ended what was under way.
  ///
  /// @param file the configuration's main file
  /// @throws IOException if it does not start, with the reason
  public static void run(Path file, Agent.Parts parts) throws IOException, InterruptedException {
    run(file, parts, Signals::on);
  }

  static void run(Path file, Agent.Parts parts, Hearing hearing)
      throws IOException, InterruptedException {
    var ended = new CountDownLatch(1);
    // Before the state has the number of this process, from which others know whom to tell: a
    // signal that nobody hears ends it.
    var reloads = new Reloads();
    hearing.on("HUP", reloads::ask);
    try (var agent = Agent.open(file, parts)) {
      reloads.to(agent::reload);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    agent.stop();
                    await(ended);
                  },
                  "agent stop"));
      Thread.ofVirtual().name("agent memory").start(() -> hold(ended));
      agent.run();
    } finally {
      ended.countDown();
    }
  }

  /// Holds the heap to what is in use. Of what a look at a host takes, little is still of use after
  /// it; but the JVM would rather take more memory from the machine than look for what it can use
  /// again. Where much is in use, it must grow by more before it is worth the work.
  private static void hold(CountDownLatch ended) {
    var heap = Runtime.getRuntime();
    long heldBytes = 0;
    try {
      while (!ended.await(HEAP_WATCHED_EVERY.toNanos(), TimeUnit.NANOSECONDS)) {
        if (heap.totalMemory() > heldBytes + heldBytes / 8) {
          System.gc();
          heldBytes = heap.totalMemory();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(CountDownLatch ended) {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
