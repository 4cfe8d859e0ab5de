package io.lumeo.storage;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// All that one system holds, at one moment.
///
/// @param system the name of the system
/// @param warnings what the system's own tools complained of, one line each
public record Inventory(
    String system,
    Instant takenAt,
    List<Pool> pools,
    List<Volume> volumes,
    List<Device> devices,
    List<String> warnings) {

  /// A physical device under a pool.
  ///
  /// @param pool the uuid of the pool it belongs to, or empty when it is free
  public record Device(String uuid, String path, String pool, Usage usage, boolean missing) {}

  /// The pool with this uuid, or this name.
  public Optional<Pool> pool(String nameOrUuid) {
    return pools.stream()
        .filter(pool -> pool.uuid().equals(nameOrUuid) || pool.name().equals(nameOrUuid))
        .findFirst();
  }

  /// The volume with this uuid, or this `pool/name`: the name of its pool, or of the pool that one
  /// draws from.
  public Optional<Volume> volume(String nameOrUuid) {
    return volumes.stream()
        .filter(volume -> volume.uuid().equals(nameOrUuid) || hasName(volume, nameOrUuid))
        .findFirst();
  }

  private boolean hasName(Volume volume, String name) {
    var slash = name.lastIndexOf('/');
    if (slash < 0 || !name.substring(slash + 1).equals(volume.name())) {
      return false;
    }
    var group = name.substring(0, slash);
    for (var pool = pool(volume.pool()); pool.isPresent(); ) {
      if (pool.get().name().equals(group)) {
        return true;
      }
      var parent = pool.get().parent();
      pool = parent == null ? Optional.empty() : pool(parent);
    }
    return false;
  }

  /// The snapshots of a volume, as far as the system still knows.
  public List<Volume> snapshotsOf(String uuid) {
    return volumes.stream()
        .filter(volume -> volume.isSnapshot() && uuid.equals(volume.origin()))
        .toList();
  }
}
