package io.lumeo.lvm;

import java.util.Set;
import java.util.TreeSet;

/// A physical volume as LVM reports it. Sizes are bytes.
record DeviceRow(Row row) {

  String uuid() {
    return row.text("pv_uuid");
  }

  /// Its path, or LVM's `[unknown]` when it is missing.
  String path() {
    return row.text("pv_name");
  }

  /// The group's name, empty when it belongs to none.
  String group() {
    return row.text("vg_name");
  }

  long sizeBytes() {
    return row.numberOrZero("pv_size");
  }

  long freeBytes() {
    return row.numberOrZero("pv_free");
  }

  long usedBytes() {
    return row.numberOrZero("pv_used");
  }

  /// Of the device it lies on: larger than [#sizeBytes] after the device has grown.
  long deviceBytes() {
    return row.numberOrZero("dev_size");
  }

  Set<String> tags() {
    return new TreeSet<>(row.list("pv_tags"));
  }

  boolean missing() {
    return row.answer("pv_missing").isYes() || new Letters(row.text("pv_attr")).is(3, 'm');
  }

  boolean duplicate() {
    return row.answer("pv_duplicate").isYes() || new Letters(row.text("pv_attr")).is(1, 'd');
  }

  /// Whether new extents may be put there.
  boolean allocatable() {
    return new Letters(row.text("pv_attr")).is(1, 'a') && !missing();
  }

  boolean exported() {
    return new Letters(row.text("pv_attr")).is(2, 'x');
  }
}
