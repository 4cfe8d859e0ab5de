package io.lumeo.configuration;

/// So much of something: in bytes, or as a share of it.
public sealed interface Amount {

  /// In bytes, of something of `wholeBytes`.
  long of(long wholeBytes);

  /// A number of bytes.
  ///
  /// @param bytes at least 0
  record Bytes(long bytes) implements Amount {
    @Override
    public long of(long wholeBytes) {
      return bytes;
    }
  }

  /// A share.
  ///
  /// @param percent from 0
  record Percent(int percent) implements Amount {
    @Override
    public long of(long wholeBytes) {
      return wholeBytes / 100 * percent + wholeBytes % 100 * percent / 100;
    }
  }
}
