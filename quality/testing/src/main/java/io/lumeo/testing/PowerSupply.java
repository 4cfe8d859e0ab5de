package io.lumeo.testing;

/// What the [CrashingDisk]s of one machine share: a count of their operations, and the moment at
/// which all of them lose power at once.
///
/// An operation is a write, a flush, a discard or a write-zeroes; reads do not count, as they
/// change nothing. Run a history once uninterrupted to learn how many operations it has, then once
/// for each operation with [#cutAt].
///
/// **Threads.** All methods may be called by many threads at once.
public final class PowerSupply {
  private long operations;
  private long cutAt = Long.MAX_VALUE;
  private boolean cut;

  /// A supply that does not fail until it is told to.
  public PowerSupply() {}

  /// Cuts the power at the `operation`-th operation from the start, counted from 1. That operation
  /// fails with a [PowerCut]; a write that is cut may have reached the disk in part.
  public synchronized PowerSupply cutAt(long operation) {
    if (operation <= operations) {
      throw new IllegalArgumentException(
          "operation %d is past: %d were made".formatted(operation, operations));
    }
    cutAt = operation;
    return this;
  }

  /// Cuts the power now.
  public synchronized void cut() {
    cut = true;
  }

  /// How many operations were begun so far.
  public synchronized long operations() {
    return operations;
  }

  /// Whether the power is gone.
  public synchronized boolean isCut() {
    return cut;
  }

  /// Counts an operation.
  ///
  /// @return whether it is the one during which the power goes away
  /// @throws PowerCut if the power was gone before
  synchronized boolean cutDuringNext() throws PowerCut {
    check();
    operations++;
    cut = operations >= cutAt;
    return cut;
  }

  synchronized void check() throws PowerCut {
    if (cut) {
      throw new PowerCut(operations);
    }
  }
}
