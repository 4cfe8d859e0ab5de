package io.lumeo.thin;

/// Growing the data file by itself when the low-water mark is crossed or space runs out.
///
/// @param stepBytes how much is added at a time, rounded up to whole data blocks; positive
/// @param maximumBytes the size the data file never passes
public record AutoExtension(long stepBytes, long maximumBytes) {
  public AutoExtension {
    if (stepBytes <= 0 || maximumBytes <= 0) {
      throw new IllegalArgumentException(
          "auto-extension by "
              + stepBytes
              + " up to "
              + maximumBytes
              + " bytes: both must be positive");
    }
  }
}
