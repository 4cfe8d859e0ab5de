package io.lumeo.tuning;

import java.time.Duration;

/// How much is measured.
///
/// @param regionBytes what each workload writes to or reads from, at least 1 MiB; far more than the
///   cache of a disk tells the truth
/// @param longest how long one workload may take; what it has not done by then it leaves
/// @param rounds how often everything is measured; medians are taken
public record Effort(long regionBytes, Duration longest, int rounds) {
  private static final long LEAST_REGION_BYTES = 1 << 20;

  public Effort {
    if (regionBytes < LEAST_REGION_BYTES || longest.toSeconds() < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "region %d, %s, %d rounds".formatted(regionBytes, longest, rounds));
    }
  }

  /// 1 GiB, ten seconds, three rounds.
  public static Effort usual() {
    return new Effort(1 << 30, Duration.ofSeconds(10), 3);
  }
}
