package io.lumeo.policies;

import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known of something that may have to grow.
///
/// @param name as people know it: `vg0/pool0 metadata`
/// @param sizeBytes how large it is; of a volume, not of the file system on it
/// @param usage how full it is; of a file system, as that says itself
/// @param limitBytes what its kind can be at most (a snapshot store's largest useful size, LVM's
///   15.81 GiB of metadata), or null
/// @param room what it can grow into
/// @param lastGrownAt when it last grew, or null
/// @param fillBytesPerHour how fast it has been filling lately, at least 0, or null when unknown
/// @param timeToFull when it is full at the earliest, as the forecast's P10, or null when there is
///   none
/// @param selfExtension what its system does by itself, or null for nothing
/// @param obstacle why its system would refuse now, in one sentence, or null
public record GrowthFacts(
    GrowthTarget target,
    String name,
    long sizeBytes,
    Usage usage,
    @Nullable Long limitBytes,
    Room room,
    @Nullable Instant lastGrownAt,
    @Nullable Long fillBytesPerHour,
    @Nullable Duration timeToFull,
    Pool.@Nullable SelfExtension selfExtension,
    Health health,
    @Nullable String obstacle) {

  /// What something can grow into: a volume group, or the file system under a pool's file.
  ///
  /// @param sizeBytes of all of it
  /// @param freeBytes what is free in it and can be given out
  /// @param unitBytes what it is given out in, at least 1
  /// @param copies how often each byte is stored: 2 on a mirror
  /// @param spareMetadataBytes the size of the spare for metadata that is there already
  /// @param spareDevices what may be added to it when it is used up, in order
  public record Room(
      long sizeBytes,
      long freeBytes,
      long unitBytes,
      int copies,
      long spareMetadataBytes,
      List<SpareDevice> spareDevices) {

    public Room {
      spareDevices = List.copyOf(spareDevices);
    }
  }

  /// A device that is free, of a size in bytes.
  public record SpareDevice(String path, long sizeBytes) {}
}
