package io.lumeo.block;

/// What is behind a run of bytes of a [BlockDevice].
public enum ExtentState {
  /// Nothing is allocated; reads as zeroes; a write there needs space.
  HOLE,
  /// Allocated and known to read as zeroes.
  ZERO,
  /// Allocated for this device alone; a write there needs no space.
  DATA,
  /// Holds data that another device refers to as well; a write there needs space for a copy.
  SHARED;

  /// Whether a write in the extent may need space that is not yet allocated.
  public boolean needsSpaceToWrite() {
    return this == HOLE || this == SHARED;
  }

  /// Whether the extent is known to read as zeroes.
  public boolean readsAsZeroes() {
    return this == HOLE || this == ZERO;
  }
}
