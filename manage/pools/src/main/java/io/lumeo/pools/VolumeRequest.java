package io.lumeo.pools;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A volume to be made: an empty one of `sizeBytes`, or a clone of `origin` with its size.
///
/// @param sizeBytes the size of an empty volume; null for a clone
/// @param quotaBytes the most it may map; null for no limit
/// @param externalOrigin a read-only file or device behind its unmapped blocks, or null
/// @param origin the snapshot or volume to clone, or null
public record VolumeRequest(
    String name,
    @Nullable Long sizeBytes,
    List<String> tags,
    @Nullable Long quotaBytes,
    @Nullable String externalOrigin,
    @Nullable String origin) {

  public VolumeRequest {
    if ((sizeBytes == null) == (origin == null)) {
      throw new IllegalArgumentException(
          "give either sizeBytes, for an empty volume, or origin, for a clone");
    }
    if (origin != null && externalOrigin != null) {
      throw new IllegalArgumentException("a clone has its origin's external origin; leave it out");
    }
  }

  public static VolumeRequest empty(String name, long sizeBytes) {
    return new VolumeRequest(name, sizeBytes, List.of(), null, null, null);
  }

  public static VolumeRequest clone(String name, String origin, List<String> tags) {
    return new VolumeRequest(name, null, tags, null, null, origin);
  }
}
