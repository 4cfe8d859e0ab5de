package io.lumeo.rest;

import io.helidon.webserver.CloseConnectionException;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The answer to a client that watches long work: lines of JSON, `{"done":…,"total":…}` now and
/// then, and a last one with the `result` or the `problem`.
///
/// The answer begins with the first line, so that what fails before the work has begun is answered
/// as ever. When the client is gone the work is asked to stop.
final class ProgressLines implements Progress {
  static final String MEDIA_TYPE = "application/x-ndjson";

  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();
  private static final Logger LOG = System.getLogger(ProgressLines.class.getName());

  private final Supplier<OutputStream> begin;
  private @Nullable OutputStream out;
  private long lastNanos;
  private boolean gone;

  /// @param begin starts the answer
  ProgressLines(Supplier<OutputStream> begin) {
    this.begin = begin;
  }

  /// A line of progress.
  private record Line(long done, long total) {}

  @Override
  public synchronized boolean update(long done, long total) {
    long now = System.nanoTime();
    if (out == null || now - lastNanos >= PAUSE_NANOS) {
      lastNanos = now;
      line(new String(Json.write(new Line(done, total)), StandardCharsets.UTF_8));
    }
    return !gone;
  }

  /// Whether the answer has begun.
  synchronized boolean isBegun() {
    return out != null;
  }

  /// Says how it ended.
  synchronized void end(Answer answer) {
    var body =
        answer.body().length == 0 ? "null" : new String(answer.body(), StandardCharsets.UTF_8);
    line("{\"%s\":%s}".formatted(answer.status() < 400 ? "result" : "problem", body));
    write(OutputStream::close);
  }

  private void line(String text) {
    write(stream -> {
      stream.write((text + "\n").getBytes(StandardCharsets.UTF_8));
      stream.flush();
    });
  }

  private interface Writing {
    void to(OutputStream stream) throws IOException;
  }

  /// The web server tells of a lost connection in exceptions of its own.
  private void write(Writing writing) {
    if (gone) {
      return;
    }
    try {
      if (out == null) {
        out = begin.get();
      }
      writing.to(out);
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      LOG.log(Level.DEBUG, "A client that watched is gone", e);
      gone = true;
    }
  }
}
