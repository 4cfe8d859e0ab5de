package io.lumeo.thin;

import io.lumeo.block.StorageException;

/// The number of a thin device in its pool: 24 bits, as the kernel's.
public record ThinId(int value) implements Comparable<ThinId> {
  /// The largest id the format can hold.
  public static final int MAX = (1 << 24) - 1;

  public ThinId {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException("thin id " + value + " is not in 0.." + MAX);
    }
  }

  /// Checks a number that came from outside.
  ///
  /// @throws StorageException.InvalidArgument if it does not fit 24 bits
  public static ThinId of(long value) throws StorageException {
    if (value < 0 || value > MAX) {
      throw new StorageException.InvalidArgument(
          "thin id %d does not fit in 24 bits; choose one from 0 to %d".formatted(value, MAX));
    }
    return new ThinId((int) value);
  }

  @Override
  public int compareTo(ThinId other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
