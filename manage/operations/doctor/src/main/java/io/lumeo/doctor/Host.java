package io.lumeo.doctor;

import io.lumeo.lvm.Checkup;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Inventory.Device;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What is examined, with the questions that every check asks of it.
///
/// @param lvm what LVM says besides; empty for other storage
record Host(
    Inventory inventory,
    Optional<Checkup> lvm,
    Map<String, Pool> poolsByUuid,
    Map<String, Volume> volumesByUuid,
    Map<String, List<Volume>> volumesByPool,
    Map<String, List<Volume>> snapshotsByOrigin) {

  static Host of(Inventory inventory, Optional<Checkup> lvm) {
    return new Host(
        inventory,
        lvm,
        inventory.pools().stream()
            .collect(Collectors.toMap(Pool::uuid, Function.identity(), (one, _) -> one)),
        inventory.volumes().stream()
            .collect(Collectors.toMap(Volume::uuid, Function.identity(), (one, _) -> one)),
        inventory.volumes().stream().collect(Collectors.groupingBy(Volume::pool)),
        inventory.volumes().stream()
            .filter(volume -> volume.isSnapshot() && volume.origin() != null)
            .collect(Collectors.groupingBy(volume -> String.valueOf(volume.origin()))));
  }

  Instant now() {
    return inventory.takenAt();
  }

  /// The group that a thin pool lies in, or the pool itself when it lies in none.
  Pool groupOf(Pool pool) {
    return poolsByUuid.getOrDefault(String.valueOf(pool.parent()), pool);
  }

  Optional<Pool> poolOf(Volume volume) {
    return Optional.ofNullable(poolsByUuid.get(volume.pool()));
  }

  Optional<Pool> groupOf(Volume volume) {
    return poolOf(volume).map(this::groupOf);
  }

  List<Volume> volumesIn(Pool pool) {
    return volumesByPool.getOrDefault(pool.uuid(), List.of());
  }

  Optional<Volume> originOf(Volume snapshot) {
    return Optional.ofNullable(volumesByUuid.get(String.valueOf(snapshot.origin())));
  }

  List<Volume> classicSnapshotsOf(Volume volume) {
    return snapshotsByOrigin.getOrDefault(volume.uuid(), List.of()).stream()
        .filter(snapshot -> snapshot.kind() == Volume.Kind.CLASSIC_SNAPSHOT)
        .toList();
  }

  Optional<Checkup.ThinPool> thinPool(Pool pool) {
    return lvm.flatMap(checkup -> checkup.thinPool(pool.uuid()));
  }

  Optional<Checkup.LogicalVolume> facts(Volume volume) {
    return lvm.flatMap(checkup -> checkup.volume(volume.uuid()));
  }

  /// `group/pool`, as LVM's commands take it; a group's own name.
  String name(Pool pool) {
    var group = groupOf(pool);
    return group.uuid().equals(pool.uuid()) ? pool.name() : group.name() + "/" + pool.name();
  }

  /// `group/volume`, as LVM's commands take it.
  String name(Volume volume) {
    return groupOf(volume).map(group -> group.name() + "/").orElse("") + volume.name();
  }

  /// Whether a pool takes new data: not one that has failed or is read-only.
  static boolean isWritten(Pool pool) {
    return switch (pool.health().state()) {
      case OK, DEGRADED -> true;
      case UNKNOWN, OUT_OF_SPACE, READ_ONLY, INVALID, FAILED -> false;
    };
  }

  /// Whether something that cannot be mended by space is wrong with a volume.
  static boolean isLost(Volume volume) {
    return volume.health().state() == Health.State.INVALID
        || volume.health().state() == Health.State.FAILED;
  }

  /// Devices that belong to no pool: what a group could be given.
  List<String> freeDevices() {
    return inventory.devices().stream()
        .filter(device -> device.pool().isEmpty() && !device.missing())
        .map(Device::path)
        .toList();
  }
}
