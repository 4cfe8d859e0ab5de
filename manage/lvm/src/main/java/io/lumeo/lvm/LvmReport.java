package io.lumeo.lvm;

import java.util.List;
import java.util.Optional;

/// What `lvm fullreport` says of one host, each group with what is in it.
///
/// @param groups the volume groups
/// @param freeDevices physical volumes that belong to no group
/// @param messages what LVM complained of, one line each
record LvmReport(List<Group> groups, List<DeviceRow> freeDevices, List<String> messages) {

  LvmReport {
    groups = List.copyOf(groups);
    freeDevices = List.copyOf(freeDevices);
    messages = List.copyOf(messages);
  }

  /// A volume group with its devices and all its volumes, hidden ones too.
  record Group(GroupRow group, List<DeviceRow> devices, List<VolumeRow> volumes) {

    Group {
      devices = List.copyOf(devices);
      volumes = List.copyOf(volumes);
    }

    /// The volume of that name, hidden or not.
    Optional<VolumeRow> volume(String name) {
      return volumes.stream().filter(volume -> volume.name().equals(name)).findFirst();
    }
  }

  Optional<Group> group(String uuid) {
    return groups.stream().filter(group -> group.group().uuid().equals(uuid)).findFirst();
  }

  Optional<VolumeRow> volume(String uuid) {
    return groups.stream()
        .flatMap(group -> group.volumes().stream())
        .filter(volume -> volume.uuid().equals(uuid))
        .findFirst();
  }
}
