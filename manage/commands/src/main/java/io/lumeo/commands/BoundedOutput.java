package io.lumeo.commands;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// What a process writes to one of its outputs: the first so many bytes of it. The rest is read and
/// dropped, so that the process does not stop in the middle of a change because nobody reads.
final class BoundedOutput {
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final int limitBytes;
  private final Thread reader;
  private boolean truncated;

  private BoundedOutput(InputStream output, int limitBytes) {
    this.limitBytes = limitBytes;
    // Not a virtual thread: reading a pipe would hold on to its carrier.
    this.reader =
        Thread.ofPlatform().daemon().name("output of a command").unstarted(() -> drain(output));
  }

  /// Begins to read.
  static BoundedOutput of(InputStream output, int limitBytes) {
    var bounded = new BoundedOutput(output, limitBytes);
    bounded.reader.start();
    return bounded;
  }

  private void drain(InputStream output) {
    var buffer = new byte[8192];
    try (output) {
      for (int read = output.read(buffer); read >= 0; read = output.read(buffer)) {
        keep(buffer, read);
      }
    } catch (IOException closed) {
      // Closed under us when the process was ended: what was read until then is all there is.
      return;
    }
  }

  private synchronized void keep(byte[] buffer, int count) {
    int room = limitBytes - kept.size();
    kept.write(buffer, 0, Math.min(room, count));
    truncated |= count > room;
  }

  /// Waits until everything has been read, at most so long.
  void awaitEnd(Duration atMost) throws InterruptedException {
    reader.join(atMost);
  }

  synchronized byte[] bytes() {
    return kept.toByteArray();
  }

  synchronized boolean isTruncated() {
    return truncated;
  }
}
