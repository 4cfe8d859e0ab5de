package io.lumeo.thin;

/// Watches long work and can stop it.
@FunctionalInterface
public interface Progress {
  /// Watches nothing and never stops.
  Progress NONE = (done, total) -> true;

  /// Takes how much of `total` is done (same unit, whichever fits the work). Returns whether to go
  /// on; after false the work stops at its next safe point with an
  /// [java.io.InterruptedIOException], having lost nothing.
  boolean update(long done, long total);
}
