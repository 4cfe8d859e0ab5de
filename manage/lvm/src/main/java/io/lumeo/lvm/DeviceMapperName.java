package io.lumeo.lvm;

import java.util.Optional;

/// The name that LVM gives a volume's device in the kernel: group, volume and layer with dashes
/// between them, and every dash of their own doubled, as `dm_build_dm_name` of libdevmapper does.
///
/// @param layer what it is of the volume: `tpool`, `real`, `cow`, `tdata`…; empty for the volume
///   itself
record DeviceMapperName(String group, String volume, String layer) {

  /// `my-group-my--volume-tpool` is no name of a volume in the group `my`, but in `my-group`… if
  /// the dashes were doubled, which they are: a single one always separates.
  static Optional<DeviceMapperName> decode(String name) {
    var parts = new String[] {"", "", ""};
    int part = 0;
    for (int at = 0; at < name.length(); at++) {
      char letter = name.charAt(at);
      if (letter != '-') {
        parts[part] += letter;
      } else if (at + 1 < name.length() && name.charAt(at + 1) == '-') {
        parts[part] += letter;
        at++;
      } else if (++part == parts.length) {
        return Optional.empty();
      }
    }
    return part == 0 || parts[0].isEmpty() || parts[1].isEmpty()
        ? Optional.empty()
        : Optional.of(new DeviceMapperName(parts[0], parts[1], parts[2]));
  }

  String encode() {
    var name = doubled(group) + "-" + doubled(volume);
    return layer.isEmpty() ? name : name + "-" + doubled(layer);
  }

  private static String doubled(String name) {
    return name.replace("-", "--");
  }
}
