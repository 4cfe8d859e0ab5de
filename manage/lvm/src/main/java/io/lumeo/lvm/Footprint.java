package io.lumeo.lvm;

import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import java.util.List;

/// What growing a volume takes of its group, by how the volume is laid out.
///
/// @param extents how many more extents the volume gets, rounded to its stripes
/// @param taken how many extents that takes in all, copies included
/// @param devices on how many devices at once
record Footprint(long extents, long taken, long devices) {

  /// For `more` extents at the end of a volume.
  static Footprint of(VolumeRow volume, long more) throws StorageFailure {
    if (volume.segments().isEmpty()) {
      return new Footprint(more, more, 1);
    }
    var last = volume.segments().getLast();
    Guards.isExtendable(volume.fullName(), last);
    return switch (last.type()) {
      case "thin" -> new Footprint(more, 0, 0);
      case "striped" -> striped(more, Math.max(1, last.stripes()));
      case "raid1", "mirror" -> copies(more, Math.max(2, last.stripes()));
      default -> new Footprint(more, more, 1);
    };
  }

  private static Footprint striped(long more, long stripes) {
    long rounded = Math.ceilDiv(more, stripes) * stripes;
    return new Footprint(rounded, rounded, stripes);
  }

  private static Footprint copies(long more, long images) {
    return new Footprint(more, more * images, images);
  }

  /// Guards that the group has that, and leaves its reserve.
  void checkRoom(Site site) throws StorageFailure {
    if (taken > 0) {
      site.checkRoom(taken, List.of());
      checkSpread(site);
    }
  }

  /// Guards that the group has that, be it from its reserve.
  void checkRoomWithReserve(Site site, long besides) throws StorageFailure {
    site.checkRoomWithReserve(taken + besides);
    checkSpread(site);
  }

  private void checkSpread(Site site) throws OutOfSpace {
    long each = devices == 0 ? 0 : Math.ceilDiv(taken, devices);
    if (devices > 1 && site.devicesWithRoom(each) < devices) {
      throw new OutOfSpace(
          "the volume lies on %d devices at once, and %s has not so many with %s free on each"
              .formatted(devices, site.groupName(), site.size(each)),
          each * site.extentBytes());
    }
  }
}
