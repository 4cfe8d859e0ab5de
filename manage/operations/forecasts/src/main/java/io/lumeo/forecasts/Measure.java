package io.lumeo.forecasts;

/// What a series holds. Names are stored and stay as they are.
public enum Measure {
  /// Used data: a pool's blocks, a volume group's allocated extents, a thin volume's mapped bytes,
  /// a classic snapshot's store.
  DATA_USED(Unit.BYTES),
  DATA_SIZE(Unit.BYTES),
  METADATA_USED(Unit.BYTES),
  METADATA_SIZE(Unit.BYTES),
  FILE_SYSTEM_USED(Unit.BYTES),
  FILE_SYSTEM_SIZE(Unit.BYTES),
  READ_RATE(Unit.BYTES_PER_SECOND),
  WRITE_RATE(Unit.BYTES_PER_SECOND),
  READ_IOPS(Unit.PER_SECOND),
  WRITE_IOPS(Unit.PER_SECOND),
  READ_LATENCY(Unit.SECONDS),
  WRITE_LATENCY(Unit.SECONDS),
  /// Requests under way, as a mean over time.
  QUEUE_DEPTH(Unit.COUNT);

  /// What the values of a measure count.
  public enum Unit {
    BYTES,
    BYTES_PER_SECOND,
    PER_SECOND,
    SECONDS,
    COUNT
  }

  private final Unit unit;

  Measure(Unit unit) {
    this.unit = unit;
  }

  public Unit unit() {
    return unit;
  }
}
