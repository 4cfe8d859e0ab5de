package io.lumeo.lvm;

import java.util.ArrayList;
import java.util.List;

/// Where the letters of `lv_attr` and the named fields of a report do not say the same. They come
/// from the same LVM, so a difference means that one of them is not understood here; people are
/// told rather than one of the two believed in silence.
final class Contradictions {
  private Contradictions() {}

  /// One line for each.
  static List<String> in(LvmReport report) {
    var found = new ArrayList<String>();
    for (var group : report.groups()) {
      for (var volume : group.volumes()) {
        var what = differing(volume);
        if (!what.isEmpty()) {
          found.add(
              "LVM says two things of %s: its letters %s and its fields differ about %s"
                  .formatted(
                      volume.fullName(), volume.row().text("lv_attr"), String.join(", ", what)));
        }
      }
    }
    return found;
  }

  private static List<String> differing(VolumeRow volume) {
    var letters = volume.attributes();
    var what = new ArrayList<String>();
    if (!volume.row().has("lv_attr") || volume.historical()) {
      return what;
    }
    if (letters.skipsActivation() != volume.skipsActivation()) {
      what.add("whether activation skips it");
    }
    if (letters.permission()
        == (volume.readOnly()
            ? VolumeAttributes.Permission.WRITEABLE
            : VolumeAttributes.Permission.READ_ONLY)) {
      what.add("whether it is read-only");
    }
    if (letters.open() == Answer.YES && volume.open() == Answer.NO) {
      what.add("whether it is open");
    }
    if (letters.type() == VolumeAttributes.Type.THIN_POOL != volume.isThinPool()) {
      what.add("whether it is a thin pool");
    }
    if (letters.type() == VolumeAttributes.Type.THIN && !volume.isThin()) {
      what.add("whether it is thin");
    }
    if (letters.type() == VolumeAttributes.Type.SNAPSHOT && !volume.isClassicSnapshot()) {
      what.add("whether it is a classic snapshot");
    }
    return what;
  }
}
