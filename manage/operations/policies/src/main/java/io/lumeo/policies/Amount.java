package io.lumeo.policies;

/// A size, given outright or as a share of another.
public sealed interface Amount {

  /// So many bytes, at least 0.
  record Bytes(long bytes) implements Amount {
    public Bytes {
      if (bytes < 0) {
        throw new IllegalArgumentException(
            "%d bytes is not an amount; give 0 or more".formatted(bytes));
      }
    }
  }

  /// A share of something, 0 to 1000 percent of it.
  record Percent(int percent) implements Amount {
    public Percent {
      if (percent < 0 || percent > 1000) {
        throw new IllegalArgumentException(
            "%d %% is not an amount; give 0 to 1000".formatted(percent));
      }
    }
  }

  /// The bytes it comes to.
  ///
  /// @param whole what a percentage is of, in bytes
  default long of(long whole) {
    return switch (this) {
      case Bytes(var bytes) -> bytes;
      case Percent(var percent) -> ByteMath.percent(whole, percent);
    };
  }

  /// As people write it: `20 %`, `10 GiB`.
  default String words() {
    return switch (this) {
      case Bytes(var bytes) -> Words.bytes(bytes);
      case Percent(var percent) -> percent + " %";
    };
  }
}
