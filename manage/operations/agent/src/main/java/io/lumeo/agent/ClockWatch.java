package io.lumeo.agent;

import java.time.Duration;
import java.time.Instant;

/// Compares the time of day with a clock that nobody changes, and says by how much it was set
/// lately. Safe for use by several threads.
public final class ClockWatch {
  /// How long a clock must go on evenly before it is believed again.
  private static final Duration BELIEVED_AFTER = Duration.ofDays(1);

  /// Less than this is drift, or the correction of it.
  private static final Duration NOTICED = Duration.ofSeconds(5);

  private final TimeSource time;
  private Instant lastInstant;
  private long lastNanos;
  private Duration moved = Duration.ZERO;
  private long movedNanos;

  public ClockWatch(TimeSource time) {
    this.time = time;
    this.lastInstant = time.instant();
    this.lastNanos = time.nanos();
  }

  /// By how much the clock was set within the last day, forwards as a positive duration: zero when
  /// it was not, or was set back to what it had been.
  public synchronized Duration moved() {
    var now = time.instant();
    var nanos = time.nanos();
    var step = Duration.between(lastInstant, now).minusNanos(nanos - lastNanos);
    lastInstant = now;
    lastNanos = nanos;
    if (step.abs().compareTo(NOTICED) > 0) {
      moved = moved.plus(step);
      movedNanos = nanos;
    } else if (nanos - movedNanos > BELIEVED_AFTER.toNanos()) {
      moved = Duration.ZERO;
    }
    return moved.abs().compareTo(NOTICED) > 0 ? moved : Duration.ZERO;
  }
}
