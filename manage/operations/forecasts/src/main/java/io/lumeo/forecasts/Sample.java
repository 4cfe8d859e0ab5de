package io.lumeo.forecasts;

import java.time.Instant;

/// One value at one moment, in the unit of its measure.
public record Sample(Instant at, double value) {

  public Sample {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("%s at %s is not a sample".formatted(value, at));
    }
  }
}
