package io.lumeo.pools;

import io.lumeo.thin.Volume;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A volume, snapshot or clone as REST and the command line show it.
///
/// @param id the number of its thin device in the pool
/// @param mappedBytes what it holds of the pool, shared or not
/// @param exclusiveBytes what deleting it frees, or null in lists, where it is not counted
/// @param sharedBytes what others refer to as well, or null in lists
/// @param origin what it was made from, or null
/// @param createdAt when it was made, or null for a device made outside Lumeo
/// @param quotaBytes the most it may map, or null
/// @param externalOrigin what lies behind unmapped blocks, or null
/// @param snapshotTime the pool's snapshot clock when it last took part in a snapshot or a rollback
/// @param uuid who it is, whatever it is called
public record VolumeView(
    String name,
    Volume.Kind kind,
    int id,
    long sizeBytes,
    long mappedBytes,
    @Nullable Long exclusiveBytes,
    @Nullable Long sharedBytes,
    @Nullable String origin,
    @Nullable Instant createdAt,
    List<String> tags,
    @Nullable Long quotaBytes,
    @Nullable String externalOrigin,
    long snapshotTime,
    String uuid) {

  public boolean isSnapshot() {
    return kind == Volume.Kind.SNAPSHOT;
  }
}
