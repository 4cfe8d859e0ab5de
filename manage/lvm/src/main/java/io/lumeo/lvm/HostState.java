package io.lumeo.lvm;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All that was found on one host at one moment: what plans are made of.
///
/// @param takenAt before the first look
/// @param report what LVM says
/// @param status what the kernel says, by the uuid of the volume; of active volumes only
/// @param contents what lies on the volumes, by the uuid of the volume; of those looked at only
/// @param warnings what the tools complained of, one line each
record HostState(
    Instant takenAt,
    LvmVersion version,
    LvmSettings settings,
    LvmReport report,
    Map<String, TargetStatus> status,
    Map<String, Content> contents,
    List<String> warnings) {

  HostState {
    status = Map.copyOf(status);
    contents = Map.copyOf(contents);
    warnings = List.copyOf(warnings);
  }

  Optional<Content> content(String volume) {
    return Optional.ofNullable(contents.get(volume));
  }

  /// What a probe recognises on a volume, and where it is in use.
  ///
  /// @param type as `blkid` names it, or empty when it recognised nothing
  /// @param usage `filesystem`, `crypto`, `raid`, `other`, or empty
  /// @param uuid its own, or empty
  /// @param sizeBytes what the file system spans of the volume, to the byte, mounted or not; null
  ///   when that is not known
  /// @param usedBytes what is used in it; null unless it is mounted
  /// @param availableBytes what an ordinary user may still write; null unless it is mounted
  /// @param mountPoints where it is mounted in the host's own namespace, shortest first
  /// @param mountedReadOnly whether the first of them is read-only
  /// @param ambivalent whether the probe saw signatures of several types
  record Content(
      String type,
      String usage,
      String uuid,
      @Nullable Long sizeBytes,
      @Nullable Long usedBytes,
      @Nullable Long availableBytes,
      List<String> mountPoints,
      boolean mountedReadOnly,
      boolean ambivalent) {

    Content {
      mountPoints = List.copyOf(mountPoints);
    }

    boolean mounted() {
      return !mountPoints.isEmpty();
    }
  }
}
