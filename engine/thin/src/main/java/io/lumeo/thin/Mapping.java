package io.lumeo.thin;

/// The value of a mapping: `data_block << 24 | time` in one `long`, as on disk.
///
/// Kept packed on the path of reads and writes, where an object a look-up would be felt.
final class Mapping {
  /// What a look-up answers for a hole: no mapping can be negative, since data blocks have 39 bits
  /// at most here.
  static final long HOLE = -1;

  static final int TIME_BITS = 24;
  static final int MAX_TIME = (1 << TIME_BITS) - 1;

  private Mapping() {}

  static long pack(long dataBlock, int time) {
    assert time >= 0 && time <= MAX_TIME : time;
    return dataBlock << TIME_BITS | time;
  }

  static long dataBlock(long mapping) {
    return mapping >>> TIME_BITS;
  }

  static int time(long mapping) {
    return (int) mapping & MAX_TIME;
  }
}
