package io.lumeo.nbd;

/// How long the device's reads took lately, to tell memory from disk: a moving average.
///
/// Updates may overwrite each other; an estimate may.
final class ReadPace {
  /// Below this a read takes less than waking a worker for it.
  private static final long FAST_NANOS = 40_000;

  private static final long UNKNOWN_NANOS = 10 * FAST_NANOS;
  private static final int WEIGHT_SHIFT = 3;

  private volatile long averageNanos = UNKNOWN_NANOS;

  boolean isFast() {
    return averageNanos < FAST_NANOS;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // see the class
  void took(long nanos) {
    averageNanos += (nanos - averageNanos) >> WEIGHT_SHIFT;
  }
}
