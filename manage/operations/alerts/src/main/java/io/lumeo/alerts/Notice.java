package io.lumeo.alerts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What is to be told of one alert.
///
/// @param severity of the step that is told of; of a resolved alert, the one last told of
/// @param begunAt when it began to fire
/// @param endedAt when it ended; null while it fires
public record Notice(
    Kind kind,
    Alert alert,
    Severity severity,
    AlertText text,
    Instant begunAt,
    @Nullable Instant endedAt) {

  /// Why it is told.
  public enum Kind {
    FIRING,
    /// It was told before, and has become worse.
    WORSE,
    /// It was told before, and still is.
    STILL_FIRING,
    RESOLVED
  }

  public boolean isResolved() {
    return kind == Kind.RESOLVED;
  }
}
