package io.lumeo.doctor;

import java.time.Duration;

/// From where on something is worth a word. The fills are those of the alerts (`docs/alerts.md`): a
/// host that the doctor calls well raises none.
final class Limits {
  /// A share of something, 0 to 1, from where it is a warning and from where it is critical.
  record Fill(double warning, double critical) {
    Gauge gauge(String label, double ratio) {
      return new Gauge(label, ratio, warning, critical);
    }
  }

  static final Fill POOL_DATA = new Fill(0.80, 0.90);
  static final Fill POOL_METADATA = new Fill(0.70, 0.85);
  static final Fill SNAPSHOT_STORE = new Fill(0.70, 0.90);
  static final Fill FILE_SYSTEM = new Fill(0.90, 0.95);

  /// Of the area where LVM keeps a group's own metadata; a change that does not fit is refused.
  static final double GROUP_METADATA = 0.85;

  /// From this fill of a file system on it will soon want to grow.
  static final double WANTS_TO_GROW = 0.70;

  /// Each change of a group adds files to the archive, and LVM reads all their names.
  static final int ARCHIVED_FILES = 5_000;

  /// What a classic snapshot costs each write, it costs as long as it is there.
  static final Duration CLASSIC_SNAPSHOT_AGE = Duration.ofDays(14);

  /// Longer than the twelve months that are kept by default, with a month to spare.
  static final Duration THIN_SNAPSHOT_AGE = Duration.ofDays(400);

  /// Clocks of machines differ by less.
  static final Duration CLOCK_DIFFERENCE = Duration.ofHours(1);

  /// The step of an extension that is proposed, as a share of what is there.
  static final double EXTENSION_STEP = 0.20;

  /// How much larger than its physical volume a device may be: room for its label and alignment.
  static final long DEVICE_SLACK_BYTES = 64 << 20;

  private Limits() {}
}
