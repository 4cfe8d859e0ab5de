package io.lumeo.lvm;

import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A logical volume as LVM reports it, hidden ones too, with its segments. Sizes are bytes.
///
/// @param row the fields of the volume
/// @param segments its segments by start, empty when LVM reported none
record VolumeRow(Row row, List<SegmentRow> segments) {

  VolumeRow {
    segments = List.copyOf(segments);
  }

  String uuid() {
    return row.text("lv_uuid");
  }

  /// The name without the brackets that LVM puts round a hidden one.
  String name() {
    return bare(row.text("lv_name"));
  }

  /// Whether LVM shows it in brackets: a part of another volume, or a snapshot that is being
  /// merged.
  boolean hidden() {
    return row.text("lv_name").startsWith("[");
  }

  String group() {
    return row.text("vg_name");
  }

  /// `group/name`, as LVM's commands take it.
  String fullName() {
    return group() + "/" + name();
  }

  /// `/dev/group/name`, or null for what has none: pools and hidden volumes.
  @Nullable String path() {
    var path = row.text("lv_path");
    return path.isEmpty() ? null : path;
  }

  String deviceMapperPath() {
    return row.text("lv_dm_path");
  }

  VolumeAttributes attributes() {
    return VolumeAttributes.parse(row.text("lv_attr"));
  }

  long sizeBytes() {
    return row.numberOrZero("lv_size");
  }

  /// Of a thin pool's metadata; 0 for others.
  long metadataBytes() {
    return row.numberOrZero("lv_metadata_size");
  }

  /// How it is built: `linear`, `striped`, `raid1`, `thin` and `sparse`, `thin` and `pool`, …
  Set<String> layout() {
    return new TreeSet<>(row.list("lv_layout"));
  }

  /// What it is for: `public` or `private`, `origin`, `snapshot`, `thinsnapshot`, …
  Set<String> role() {
    return new TreeSet<>(row.list("lv_role"));
  }

  /// The name of its thin pool, empty when it has none.
  String pool() {
    return bare(row.text("pool_lv"));
  }

  String poolUuid() {
    return row.text("pool_lv_uuid");
  }

  /// The name of its origin as far as LVM still knows: a merge of a sibling can empty it.
  String origin() {
    return bare(row.text("origin"));
  }

  String originUuid() {
    return row.text("origin_uuid");
  }

  long originBytes() {
    return row.numberOrZero("origin_size");
  }

  /// When it was made, null when LVM does not say.
  @Nullable Instant createdAt() {
    var seconds = row.number("lv_time");
    return seconds.isPresent() ? Instant.ofEpochSecond(seconds.getAsLong()) : null;
  }

  Set<String> tags() {
    return new TreeSet<>(row.list("lv_tags"));
  }

  String profile() {
    return row.text("lv_profile");
  }

  boolean active() {
    return !row.text("lv_active").isEmpty() && !row.text("lv_active").equals("0");
  }

  Answer open() {
    return row.answer("lv_device_open");
  }

  boolean readOnly() {
    return row.text("lv_permissions").startsWith("read-only");
  }

  Answer suspended() {
    return row.answer("lv_suspended");
  }

  /// Whether `lvchange -ay` leaves it inactive, silently, unless it is given `-K`.
  boolean skipsActivation() {
    return row.answer("lv_skip_activation").isYes();
  }

  boolean merging() {
    return row.answer("lv_merging").isYes();
  }

  boolean converting() {
    return row.answer("lv_converting").isYes();
  }

  boolean mergeFailed() {
    return row.answer("lv_merge_failed").isYes();
  }

  /// Whether it is a classic snapshot that has overflowed: its content is lost.
  boolean snapshotInvalid() {
    return row.answer("lv_snapshot_invalid").isYes()
        || attributes().state() == VolumeAttributes.State.INVALID
        || attributes().state() == VolumeAttributes.State.INVALID_SUSPENDED;
  }

  Answer checkNeeded() {
    return row.answer("lv_check_needed");
  }

  /// `partial`, `out_of_data`, `refresh needed`, …; empty when it is well.
  String healthStatus() {
    return row.text("lv_health_status");
  }

  /// What a full thin pool does with writes: `queue`, `error`, or empty.
  String whenFull() {
    return row.text("lv_when_full");
  }

  OptionalDouble dataPercent() {
    return row.percent("data_percent");
  }

  OptionalDouble metadataPercent() {
    return row.percent("metadata_percent");
  }

  OptionalDouble snapshotPercent() {
    return row.percent("snap_percent");
  }

  OptionalDouble syncPercent() {
    return row.percent("sync_percent");
  }

  OptionalLong mismatches() {
    return row.number("raid_mismatch_count");
  }

  OptionalLong kernelMajor() {
    return row.number("lv_kernel_major");
  }

  OptionalLong kernelMinor() {
    return row.number("lv_kernel_minor");
  }

  boolean historical() {
    return row.answer("lv_historical").isYes();
  }

  boolean isThinPool() {
    return layout().containsAll(Set.of("thin", "pool"));
  }

  /// Whether it is a thin volume, a thin snapshot or both; its attribute letter hides that when it
  /// is the origin of a classic snapshot too.
  boolean isThin() {
    return layout().containsAll(Set.of("thin", "sparse"));
  }

  boolean isClassicSnapshot() {
    return role().contains("thicksnapshot");
  }

  boolean isThinSnapshot() {
    return role().contains("thinsnapshot");
  }

  /// Whether it has classic snapshots: then it cannot be extended while active.
  boolean hasClassicSnapshots() {
    return role().contains("thickorigin") || role().contains("multithickorigin");
  }

  private static String bare(String name) {
    return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
  }
}
