package io.lumeo.storage;

/// How much of something is used, in bytes.
///
/// @param sizeBytes what there is, at least 0
/// @param usedBytes what is in use, 0 to `sizeBytes`
public record Usage(long sizeBytes, long usedBytes) {

  public Usage {
    if (sizeBytes < 0 || usedBytes < 0 || usedBytes > sizeBytes) {
      throw new IllegalArgumentException(
          "used %d of %d bytes is not a usage".formatted(usedBytes, sizeBytes));
    }
  }

  public long freeBytes() {
    return sizeBytes - usedBytes;
  }

  /// The used share, 0 to 1; 0 of nothing is 0.
  public double ratio() {
    return sizeBytes == 0 ? 0 : (double) usedBytes / sizeBytes;
  }
}
