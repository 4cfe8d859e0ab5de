package io.lumeo.forecasts;

import org.jspecify.annotations.Nullable;

/// How far a pool can be extended.
///
/// @param sizeBytes of the pool now
/// @param groupFreeBytes what is free in the group it draws from
/// @param reserveBytes what must stay free there
/// @param capBytes what the pool may be at most, or null for no cap
public record ExtensionRoom(
    long sizeBytes, long groupFreeBytes, long reserveBytes, @Nullable Long capBytes) {

  /// The size that the pool can reach; never less than it has, even when that is above the cap.
  public long reachableBytes() {
    var most = sizeBytes + Math.max(0, groupFreeBytes - reserveBytes);
    var capped = capBytes == null ? most : Math.min(most, capBytes);
    return Math.max(sizeBytes, capped);
  }
}
