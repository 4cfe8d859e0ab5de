package io.lumeo.lvm;

import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Words;
import java.util.List;
import java.util.regex.Pattern;

/// What a failed command of LVM's complained of, in one of the few kinds that somebody can answer.
/// The wording is the same in lvm2 2.03.16, 2.03.31 and 2.03.40.
sealed interface Complaint {
  Pattern NO_SPACE =
      Pattern.compile(
          "[Ii]nsufficient free space: (?<needed>\\d+) extents? needed, but only (?<free>\\d+)");

  /// As lvcreate says it.
  Pattern NO_SPACE_FOR_NEW =
      Pattern.compile(
          "insufficient free space \\((?<free>\\d+) extents\\): (?<needed>\\d+) required");

  Pattern NOT_LARGER =
      Pattern.compile(
          "New size given \\(\\d+ extents\\) not larger than existing size|"
              + "matches existing size|already (?:has|is) ");
  Pattern EXISTS = Pattern.compile("Logical [Vv]olume \"[^\"]+\" already exists");
  Pattern ORIGIN_ACTIVE =
      Pattern.compile("Snapshot origin volumes can be resized only while inact");
  Pattern INVALID = Pattern.compile("Unable to merge invalidated snapshot");
  Pattern POOL_FULL =
      Pattern.compile("free space in thin pool \\S+ reached threshold|is out of data space");
  Pattern GONE =
      Pattern.compile(
          "Volume group \"[^\"]+\" not found|Failed to find logical volume|"
              + "Cannot process volume group");
  Pattern IN_USE =
      Pattern.compile("in use|contains a filesystem in use|is used by another|target is busy");
  Pattern FROZEN = Pattern.compile("suspend ioctl on .*failed: Device or resource busy");
  Pattern NEEDS_ANSWER = Pattern.compile("\\[y/n\\]");

  record NoSpace(long neededExtents, long freeExtents) implements Complaint {}

  /// It is as large already.
  record NotLarger() implements Complaint {}

  record Exists() implements Complaint {}

  record OriginActive() implements Complaint {}

  record SnapshotInvalid() implements Complaint {}

  record PoolFull() implements Complaint {}

  record Gone() implements Complaint {}

  record InUse() implements Complaint {}

  /// Somebody has frozen the file system: what LVM does itself while it suspends the volume.
  record Frozen() implements Complaint {}

  /// A question that no plan foresaw; with its input closed the command took it for a no.
  record WantedAnswer() implements Complaint {}

  record Other() implements Complaint {}

  static Complaint of(String errors) {
    for (var pattern : List.of(NO_SPACE, NO_SPACE_FOR_NEW)) {
      var space = pattern.matcher(errors);
      if (space.find()) {
        return new NoSpace(
            Long.parseLong(space.group("needed")), Long.parseLong(space.group("free")));
      }
    }
    if (NOT_LARGER.matcher(errors).find()) {
      return new NotLarger();
    }
    if (EXISTS.matcher(errors).find()) {
      return new Exists();
    }
    if (ORIGIN_ACTIVE.matcher(errors).find()) {
      return new OriginActive();
    }
    if (INVALID.matcher(errors).find()) {
      return new SnapshotInvalid();
    }
    if (POOL_FULL.matcher(errors).find()) {
      return new PoolFull();
    }
    if (GONE.matcher(errors).find()) {
      return new Gone();
    }
    if (FROZEN.matcher(errors).find()) {
      return new Frozen();
    }
    if (NEEDS_ANSWER.matcher(errors).find()) {
      return new WantedAnswer();
    }
    return IN_USE.matcher(errors).find() ? new InUse() : new Other();
  }

  /// The failure that says so.
  ///
  /// @param what the step that failed, for people
  /// @param said the command's own last words
  /// @param extentBytes the group's extent size
  default StorageFailure failure(String what, String said, long extentBytes) {
    var text = "%s failed: %s".formatted(what, Words.printable(said));
    return switch (this) {
      case NoSpace(var needed, var free) ->
          new StorageFailure.OutOfSpace(
              "%s needs %s and the group has %s free; add a device to the group"
                  .formatted(
                      what, Words.bytes(needed * extentBytes), Words.bytes(free * extentBytes)),
              (needed - free) * extentBytes);
      case PoolFull() ->
          new StorageFailure.OutOfSpace(text + "; extend the thin pool, then plan again", 0);
      case Gone() -> new StorageFailure.NotFound(text + "; look at the host again");
      case InUse() -> new StorageFailure.Busy(text + "; close or unmount it, then plan again");
      case Frozen() ->
          new StorageFailure.Busy(
              "%s failed, as the file system is frozen; LVM freezes it by itself, so thaw it (fsfreeze --unfreeze), and plan again"
                  .formatted(what));
      case OriginActive() ->
          new StorageFailure.Refused(text + "; remove its snapshots or deactivate it first");
      case SnapshotInvalid() ->
          new StorageFailure.Refused(text + "; it overflowed and its content is lost, remove it");
      case WantedAnswer() ->
          new StorageFailure.CommandFailed(
              text + "; it asked a question that the plan did not foresee, so it was answered no");
      case NotLarger(), Exists(), Other() -> new StorageFailure.CommandFailed(text);
    };
  }
}
