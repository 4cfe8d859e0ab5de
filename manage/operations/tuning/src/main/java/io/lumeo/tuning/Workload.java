package io.lumeo.tuning;

/// What is done to a volume while it is measured. The names are those of results and documents.
enum Workload {
  /// 4 KiB writes all over a thin volume that has nothing yet: each new chunk is provisioned.
  FIRST_WRITE_RANDOM("first-write-random", "randwrite", 4096, 16),
  /// 256 KiB writes through an empty volume from its beginning to its end.
  FIRST_WRITE_SEQUENTIAL("first-write-sequential", "write", 256 << 10, 4),
  /// 4 KiB writes all over what is written already.
  OVERWRITE_RANDOM("overwrite-random", "randwrite", 4096, 16),
  /// The same just after a snapshot: what is overwritten must be kept for it.
  WRITE_AFTER_SNAPSHOT("write-after-snapshot", "randwrite", 4096, 16),
  /// The same places once more: what the snapshot needs has been kept.
  WRITE_AGAIN("write-again", "randwrite", 4096, 16),
  WRITE_SEQUENTIAL("write-sequential", "write", 256 << 10, 4),
  READ_RANDOM("read-random", "randread", 4096, 16),
  READ_SEQUENTIAL("read-sequential", "read", 256 << 10, 4);

  private final String label;
  private final String pattern;
  private final int blockBytes;
  private final int depth;

  Workload(String label, String pattern, int blockBytes, int depth) {
    this.label = label;
    this.pattern = pattern;
    this.blockBytes = blockBytes;
    this.depth = depth;
  }

  String label() {
    return label;
  }

  /// fio's word for it.
  String pattern() {
    return pattern;
  }

  int blockBytes() {
    return blockBytes;
  }

  /// How many requests are under way at once.
  int depth() {
    return depth;
  }

  boolean writes() {
    return pattern.endsWith("write");
  }

  boolean isRandom() {
    return pattern.startsWith("rand");
  }
}
