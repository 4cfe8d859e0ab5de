package io.lumeo.thin;

import java.time.Instant;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What the catalogue says of a thin device: its name, size, lineage and tags.
///
/// @param name unique in the pool; `thin-<id>` for a device made outside Lumeo
/// @param sizeBytes the size of the device as exported
/// @param kind what it was made as
/// @param origin the name of the volume or snapshot it was made from, or null; kept when the origin
///   is deleted
/// @param createdAt when it was made, or null for a device made outside Lumeo
/// @param quotaBytes the most it may map, or null for no limit
/// @param externalOrigin the path of a read-only device or file behind unmapped blocks, or null
public record Volume(
    String name,
    ThinId id,
    long sizeBytes,
    Kind kind,
    @Nullable String origin,
    @Nullable Instant createdAt,
    SortedSet<String> tags,
    @Nullable Long quotaBytes,
    @Nullable String externalOrigin) {

  /// What a volume was made as.
  public enum Kind {
    /// Made empty.
    VOLUME,
    /// A point-in-time copy, exported read-only.
    SNAPSHOT,
    /// A writable volume whose origin is a snapshot or volume.
    CLONE
  }

  public boolean isSnapshot() {
    return kind == Kind.SNAPSHOT;
  }

  Volume withName(String other) {
    return new Volume(
        other, id, sizeBytes, kind, origin, createdAt, tags, quotaBytes, externalOrigin);
  }

  Volume withSize(long otherBytes) {
    return new Volume(
        name, id, otherBytes, kind, origin, createdAt, tags, quotaBytes, externalOrigin);
  }

  Volume withOrigin(@Nullable String other) {
    return new Volume(
        name, id, sizeBytes, kind, other, createdAt, tags, quotaBytes, externalOrigin);
  }

  Volume withTags(SortedSet<String> others) {
    return new Volume(
        name, id, sizeBytes, kind, origin, createdAt, others, quotaBytes, externalOrigin);
  }

  Volume withQuota(@Nullable Long otherBytes) {
    return new Volume(
        name, id, sizeBytes, kind, origin, createdAt, tags, otherBytes, externalOrigin);
  }

  Volume withExternalOrigin(@Nullable String other) {
    return new Volume(name, id, sizeBytes, kind, origin, createdAt, tags, quotaBytes, other);
  }
}
