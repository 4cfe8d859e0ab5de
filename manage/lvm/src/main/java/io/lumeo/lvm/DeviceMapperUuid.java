package io.lumeo.lvm;

import java.util.Optional;
import java.util.regex.Pattern;

/// The uuid that LVM gives a volume's device in the kernel: `LVM-`, the group's and the volume's
/// uuid without dashes, and the layer. Unlike the name it outlives a rename.
///
/// @param volume the volume's uuid in LVM's own form, with dashes
/// @param layer what the device is of the volume: `tpool`, `real`, `cow`…; empty for the volume
///   itself
record DeviceMapperUuid(String volume, String layer) {
  private static final Pattern FORM =
      Pattern.compile("LVM-[A-Za-z0-9]{32}([A-Za-z0-9]{32})(?:-(.*))?");

  static Optional<DeviceMapperUuid> parse(String text) {
    var found = FORM.matcher(text);
    if (!found.matches()) {
      return Optional.empty();
    }
    var layer = found.group(2);
    return Optional.of(new DeviceMapperUuid(dashed(found.group(1)), layer == null ? "" : layer));
  }

  /// LVM writes 6-4-4-4-4-4-6.
  private static String dashed(String letters) {
    var text = new StringBuilder(letters);
    for (int at : new int[] {26, 22, 18, 14, 10, 6}) {
      text.insert(at, '-');
    }
    return text.toString();
  }
}
