package io.lumeo.agent.runs;

import io.lumeo.agent.TimeSource;
import io.lumeo.storage.Progress;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Stops something that takes too long, or is not wanted any more.
final class Deadline implements Progress {
  private final TimeSource time;
  private final long endNanos;
  private final BooleanSupplier stopping;

  /// @param stopping whether the agent is about to end
  Deadline(TimeSource time, Duration length, BooleanSupplier stopping) {
    this.time = time;
    this.endNanos = time.nanos() + length.toNanos();
    this.stopping = stopping;
  }

  @Override
  public void report(String what, long done, long total) {
    // Nobody watches a scheduled run; what came of it is recorded.
  }

  @Override
  public boolean isCancelled() {
    return stopping.getAsBoolean() || time.nanos() - endNanos > 0;
  }
}
