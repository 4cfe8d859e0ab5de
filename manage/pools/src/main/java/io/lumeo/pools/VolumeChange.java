package io.lumeo.pools;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What to change of a volume; what is null stays.
///
/// @param name a new name
/// @param sizeBytes a new size; what is beyond a smaller one is discarded
/// @param tags all the tags it is to have
/// @param quotaBytes the most it may map; 0 for no limit
public record VolumeChange(
    @Nullable String name,
    @Nullable Long sizeBytes,
    @Nullable List<String> tags,
    @Nullable Long quotaBytes) {

  public static VolumeChange size(long sizeBytes) {
    return new VolumeChange(null, sizeBytes, null, null);
  }
}
