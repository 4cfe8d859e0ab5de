package io.lumeo.server;

import io.lumeo.cli.Stop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// Turns Ctrl-C and SIGTERM into an orderly end with the exit code of the command.
///
/// The JVM answers these signals by running its hooks and then ending with 130 or 143, whatever was
/// achieved. The hook here waits for the command instead and ends the process with its code: what
/// was asked to stop and did stop has succeeded.
final class Shutdown implements Stop {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

  @Override
  public void arm() {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  asked.countDown();
                  Runtime.getRuntime().halt(exitCode.join());
                }));
  }

  @Override
  public boolean isAsked() {
    return asked.getCount() == 0;
  }

  @Override
  public void await() {
    try {
      asked.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Says that the command has ended and everything is printed.
  void ended(int code) {
    exitCode.complete(code);
  }
}
