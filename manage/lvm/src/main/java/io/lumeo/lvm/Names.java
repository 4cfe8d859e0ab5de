package io.lumeo.lvm;

import io.lumeo.storage.OwnTags;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/// Which names LVM accepts for a volume, from lvm(8) and its sources: a name that is refused here
/// would be refused there, or would be taken for an option or for another group's volume.
final class Names {
  private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]*");
  private static final List<String> RESERVED_BEGINNINGS = List.of("snapshot", "pvmove");
  private static final List<String> RESERVED_PARTS =
      List.of(
          "_cdata",
          "_cmeta",
          "_corig",
          "_cpool",
          "_cvol",
          "_imeta",
          "_iorig",
          "_mimage",
          "_mlog",
          "_pmspare",
          "_rimage",
          "_rmeta",
          "_tdata",
          "_tmeta",
          "_vdata",
          "_vorigin",
          "_wcorig");

  /// The kernel's limit for the name of a mapped device, its ending NUL not counted.
  private static final int LONGEST_DEVICE_NAME = 127;

  /// What LVM itself may append to the name of a device: the longest is `_tdata_rimage_12-real`.
  private static final int ROOM_FOR_SUFFIXES = 22;

  /// What a device name holds of LVM's own devices of that sort.
  private static final Pattern DEVICE = Pattern.compile("/dev/[A-Za-z0-9+_.:@/-]+");

  private static final int LONGEST_TAG = 1024;

  /// lvm(8): the characters of a tag; a leading `@` would be taken away.
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_+./=!:#&-]+");

  private Names() {}

  /// Guards what a caller wants to put on a volume or take from it: tags of LVM's form, and none of
  /// those by which Lumeo knows its own.
  static void checkTags(Collection<String> tags) throws Refused {
    checkForm(tags);
    OwnTags.checkNotReserved(tags);
  }

  /// Guards the tags of what is about to be made: that Lumeo made it may be said in advance.
  static void checkTagsOfNew(Collection<String> tags) throws Refused {
    checkForm(tags);
    OwnTags.checkOfNew(tags);
  }

  private static void checkForm(Collection<String> tags) throws Refused {
    for (var tag : tags) {
      if (tag.length() > LONGEST_TAG || !TAG.matcher(tag).matches()) {
        throw new Refused(
            "'%s' cannot be a tag: LVM takes letters, digits and _+.-/=!:#&, at most %d of them"
                .formatted(Words.printable(tag), LONGEST_TAG));
      }
    }
  }

  /// Guards the name of a volume that is to be in a group of that name.
  static void checkVolume(String group, String name) throws Refused {
    if (name.isEmpty()) {
      throw new Refused("a volume needs a name");
    }
    if (!FORM.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new Refused(
          "'%s' cannot be a volume's name: LVM takes letters, digits and +_.- and no - in front"
              .formatted(Words.printable(name)));
    }
    for (var beginning : RESERVED_BEGINNINGS) {
      if (name.startsWith(beginning)) {
        throw new Refused(
            "'%s' cannot be a volume's name: LVM keeps names that begin with %s for itself"
                .formatted(Words.printable(name), beginning));
      }
    }
    for (var part : RESERVED_PARTS) {
      if (name.contains(part)) {
        throw new Refused(
            "'%s' cannot be a volume's name: LVM keeps names with %s in them for itself"
                .formatted(Words.printable(name), part));
      }
    }
    int length = doubled(group) + 1 + doubled(name);
    if (length > LONGEST_DEVICE_NAME - ROOM_FOR_SUFFIXES) {
      throw new Refused(
          "'%s' is too long a name: with its group it takes %d characters in the kernel, of %d"
              .formatted(Words.printable(name), length, LONGEST_DEVICE_NAME - ROOM_FOR_SUFFIXES));
    }
  }

  /// Dashes are doubled in the names of mapped devices.
  private static int doubled(String name) {
    return name.length() + (int) name.chars().filter(c -> c == '-').count();
  }

  /// Guards the path of a device.
  static void checkDevice(String path) throws Refused {
    if (!DEVICE.matcher(path).matches() || path.contains("/../") || path.contains("//")) {
      throw new Refused(
          "'%s' is not the path of a device; name it as /dev/…".formatted(Words.printable(path)));
    }
  }

  /// Guards the name of a file of ours, such as a backup's or a profile's.
  static void checkFile(String name) throws Refused {
    if (!FORM.matcher(name).matches() || name.startsWith(".")) {
      throw new Refused(
          "'%s' is not the name of a file in the store".formatted(Words.printable(name)));
    }
  }
}
