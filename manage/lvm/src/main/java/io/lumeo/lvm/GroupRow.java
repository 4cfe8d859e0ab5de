package io.lumeo.lvm;

import java.util.Set;
import java.util.TreeSet;

/// A volume group as LVM reports it. Sizes are bytes.
record GroupRow(Row row) {

  String uuid() {
    return row.text("vg_uuid");
  }

  /// Not an identity: two groups of one name are met after disks have moved.
  String name() {
    return row.text("vg_name");
  }

  GroupAttributes attributes() {
    return GroupAttributes.parse(row.text("vg_attr"));
  }

  long sizeBytes() {
    return row.numberOrZero("vg_size");
  }

  long freeBytes() {
    return row.numberOrZero("vg_free");
  }

  long extentBytes() {
    return row.numberOrZero("vg_extent_size");
  }

  long extentCount() {
    return row.numberOrZero("vg_extent_count");
  }

  long freeExtents() {
    return row.numberOrZero("vg_free_count");
  }

  /// Grows with every change of the group's metadata.
  long sequence() {
    return row.numberOrZero("vg_seqno");
  }

  long missingDevices() {
    return row.numberOrZero("vg_missing_pv_count");
  }

  Set<String> tags() {
    return new TreeSet<>(row.list("vg_tags"));
  }

  String profile() {
    return row.text("vg_profile");
  }

  long metadataFreeBytes() {
    return row.numberOrZero("vg_mda_free");
  }

  long metadataSizeBytes() {
    return row.numberOrZero("vg_mda_size");
  }

  /// `none` or empty unless the group is shared by hosts through lvmlockd.
  String lockType() {
    var type = row.text("vg_lock_type");
    return type.equals("none") ? "" : type;
  }

  /// The host that owns the group, empty when none does.
  String systemId() {
    return row.text("vg_systemid");
  }

  boolean exported() {
    return row.answer("vg_exported").isYes() || attributes().exported();
  }

  boolean partial() {
    return row.answer("vg_partial").isYes() || attributes().partial() || missingDevices() > 0;
  }

  boolean shared() {
    return !lockType().isEmpty() || attributes().shared();
  }
}
