package io.lumeo.lvm;

import java.util.List;
import java.util.OptionalLong;

/// One segment of a logical volume as LVM reports it. Sizes are bytes.
record SegmentRow(Row row) {

  /// `linear`, `striped`, `raid1`, `thin`, `thin-pool`, `snapshot`, …
  String type() {
    return row.text("segtype");
  }

  long startExtent() {
    return row.numberOrZero("seg_start_pe");
  }

  long sizeExtents() {
    return row.numberOrZero("seg_size_pe");
  }

  long stripes() {
    return row.numberOrZero("stripes");
  }

  long stripeBytes() {
    return row.numberOrZero("stripe_size");
  }

  /// Of a thin pool or a classic snapshot; 0 for others.
  long chunkBytes() {
    return row.numberOrZero("chunk_size");
  }

  long thinCount() {
    return row.numberOrZero("thin_count");
  }

  /// `ignore`, `nopassdown` or `passdown`; empty but for thin pools.
  String discards() {
    return row.text("discards");
  }

  boolean zeroes() {
    return row.answer("zero").isYes();
  }

  OptionalLong transactionId() {
    return row.number("transaction_id");
  }

  OptionalLong thinId() {
    return row.number("thin_id");
  }

  /// Whether dmeventd watches it.
  boolean monitored() {
    return row.text("seg_monitor").equals("monitored");
  }

  /// The devices it lies on, as `/dev/sda(0)` or `[hidden](0)`.
  List<String> devices() {
    return row.list("devices");
  }
}
