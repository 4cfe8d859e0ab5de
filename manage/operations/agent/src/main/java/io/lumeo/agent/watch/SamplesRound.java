package io.lumeo.agent.watch;

import io.lumeo.agent.Duty;
import io.lumeo.forecasts.Samples;
import java.time.Duration;
import java.time.Instant;

/// Rolls up what was measured, every quarter of an hour.
final class SamplesRound implements Duty {
  private static final Duration EVERY = Duration.ofMinutes(15);

  private final Samples samples;
  private Instant next = Instant.MIN;

  SamplesRound(Samples samples) {
    this.samples = samples;
  }

  @Override
  public String name() {
    return "samples";
  }

  @Override
  public Instant perform(Instant now) {
    if (!next.isAfter(now) || next.isAfter(now.plus(EVERY))) {
      samples.rollUp(now);
      next = now.plus(EVERY);
    }
    return next;
  }
}
