package io.lumeo.thin;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Something that runs beside the test, and fails it when it fails.
final class Background implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  /// What is run.
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  private final FutureTask<Void> task;
  private final Thread thread;

  private Background(Work work) {
    task =
        new FutureTask<>(() -> {
          work.run();
          return null;
        });
    thread = Thread.ofPlatform().daemon().start(task);
  }

  static Background run(Work work) {
    return new Background(work);
  }

  boolean isDone() {
    return task.isDone();
  }

  Thread thread() {
    return thread;
  }

  /// Waits until it is done; throws what it threw.
  void join() throws IOException {
    try {
      task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("not done in time; it is at " + where(), e);
    }
  }

  private String where() {
    var text = new StringBuilder();
    for (var frame : thread.getStackTrace()) {
      text.append("\n  ").append(frame);
    }
    return text.toString();
  }

  /// Waits for its end, whatever that is: what it threw has been asked for with [#join], or another
  /// failure is on its way already.
  @Override
  public void close() {
    try {
      thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
