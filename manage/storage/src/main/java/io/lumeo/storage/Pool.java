package io.lumeo.storage;

import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What volumes draw their space from.
///
/// @param uuid its identity, for life; names may change
/// @param parent the uuid of the pool that it draws from itself (a thin pool's volume group), or
///   null
/// @param data use of its data space; of a volume group, what is allocated
/// @param metadata use of its metadata space, or null where there is none
/// @param unitBytes the unit that space is given out in: an extent, a chunk, a data block
/// @param sequence grows with every change of the pool's metadata; a plan holds only for the one it
///   was made at
/// @param selfExtension what the system does by itself when the pool fills, or null when nothing
public record Pool(
    String uuid,
    String name,
    Kind kind,
    @Nullable String parent,
    Usage data,
    @Nullable Usage metadata,
    long unitBytes,
    long sequence,
    @Nullable SelfExtension selfExtension,
    SortedSet<String> tags,
    Health health,
    Set<Capability> capabilities) {

  public enum Kind {
    VOLUME_GROUP,
    THIN_POOL,
    LUMEO_POOL
  }

  /// What a pool's system does by itself when the pool fills.
  ///
  /// @param thresholdPercent the fill at which the system extends, 50 to 99
  /// @param stepPercent by how much of its size
  /// @param watched whether the system is really watching: without it nothing happens
  /// @param maximumBytes where it stops, or null when it does not
  public record SelfExtension(
      int thresholdPercent, int stepPercent, boolean watched, @Nullable Long maximumBytes) {}

  public boolean can(Capability capability) {
    return capabilities.contains(capability);
  }
}
