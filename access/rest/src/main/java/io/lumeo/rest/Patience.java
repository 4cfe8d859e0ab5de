package io.lumeo.rest;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long a server may be silent before its answer is given up.
///
/// @param step how long it may be silent before it is asked whether it lives
/// @param limit how long it may be silent though it lives; null for work that takes its time
/// @param probe asks whether it lives
record Patience(Duration step, @Nullable Duration limit, Probe probe) {
  /// Asks a server whether it lives.
  @FunctionalInterface
  interface Probe {
    /// Returns if it lives.
    ///
    /// @throws IOException if it does not say so
    void requireAlive() throws IOException;
  }

  /// Waits so long and asks nobody.
  static Patience of(Duration limit) {
    return new Patience(limit, limit, () -> {});
  }

  /// Returns if there is reason to go on waiting.
  void bear(Duration silence) throws IOException {
    if (limit != null && silence.compareTo(limit) >= 0) {
      throw new SocketTimeoutException("silent for %d s".formatted(silence.toSeconds()));
    }
    try {
      probe.requireAlive();
    } catch (IOException e) {
      var dead =
          new SocketTimeoutException(
              "silent for %d s, and whether it lives: %s"
                  .formatted(silence.toSeconds(), e.getMessage()));
      dead.initCause(e);
      throw dead;
    }
  }
}
