package io.lumeo.lvm;

import io.lumeo.lvm.LvmReport.Group;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import java.util.Collection;
import java.util.List;

/// Where a change happens: one volume group, the host it was found on and the rules that hold
/// there.
record Site(HostState host, Surroundings around, DriverRules rules, PlanId id, Group group) {

  String groupUuid() {
    return group.group().uuid();
  }

  String groupName() {
    return group.group().name();
  }

  long extentBytes() {
    return group.group().extentBytes();
  }

  /// How many whole extents hold so many bytes.
  long extents(long bytes) {
    return Math.ceilDiv(bytes, extentBytes());
  }

  /// The size of so many extents, for people.
  String size(long extents) {
    return Words.bytes(extents * extentBytes());
  }

  VolumeRow volume(String uuid) throws NotFound {
    return group.volumes().stream()
        .filter(volume -> volume.uuid().equals(uuid))
        .findFirst()
        .orElseThrow(() -> noVolume(uuid));
  }

  static NotFound noVolume(String uuid) {
    return new NotFound(
        "there is no volume %s any more; look at the host again".formatted(Words.printable(uuid)));
  }

  /// The name with the group's: `vg/name`.
  String in(String name) {
    return groupName() + "/" + name;
  }

  String device(String name) {
    return "/dev/" + in(name);
  }

  List<VolumeRow> classicSnapshotsOf(VolumeRow volume) {
    return group.volumes().stream()
        .filter(other -> other.isClassicSnapshot() && other.origin().equals(volume.name()))
        .toList();
  }

  boolean hasThinPools() {
    return group.volumes().stream().anyMatch(VolumeRow::isThinPool);
  }

  /// The extents of the spare that LVM keeps for the repair of a pool's metadata; 0 when none.
  long spareExtents() {
    return group.volumes().stream()
        .filter(volume -> volume.role().contains("spare"))
        .mapToLong(volume -> extents(volume.sizeBytes()))
        .max()
        .orElse(0);
  }

  /// Guards that so many extents can be given, from these devices or from any, and the reserve is
  /// kept.
  void checkRoom(long extents, Collection<String> devices) throws OutOfSpace, Refused {
    checkRoom(extents, devices, reserveExtents());
  }

  /// The same, where the reserve may be used.
  void checkRoomWithReserve(long extents) throws OutOfSpace, Refused {
    checkRoom(extents, List.of(), 0);
  }

  private void checkRoom(long extents, Collection<String> devices, long reserve)
      throws OutOfSpace, Refused {
    for (var path : devices) {
      Guards.deviceOfGroup(this, path);
    }
    long free = freeExtents(devices);
    long groupFree = Math.min(free, freeExtents(List.of()) - reserve);
    if (extents > groupFree) {
      throw new OutOfSpace(
          "%s has %s free%s and this needs %s; %s more is needed, add a device to the group"
              .formatted(
                  groupName(),
                  size(free),
                  reserve == 0 ? "" : ", of which %s stay in reserve".formatted(size(reserve)),
                  size(extents),
                  size(extents - groupFree)),
          (extents - groupFree) * extentBytes());
    }
  }

  long reserveExtents() {
    return Math.ceilDiv(group.group().extentCount() * rules.reservePercent(), 100);
  }

  /// What is free where something may be put.
  private long freeExtents(Collection<String> devices) {
    return group.devices().stream()
        .filter(DeviceRow::allocatable)
        .filter(device -> devices.isEmpty() || devices.contains(device.path()))
        .mapToLong(device -> device.freeBytes() / extentBytes())
        .sum();
  }

  /// The devices with so much free, where something may be put.
  long devicesWithRoom(long extents) {
    return group.devices().stream()
        .filter(DeviceRow::allocatable)
        .filter(device -> device.freeBytes() / extentBytes() >= extents)
        .count();
  }
}
