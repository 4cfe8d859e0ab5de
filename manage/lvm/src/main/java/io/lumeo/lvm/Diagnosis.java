package io.lumeo.lvm;

import io.lumeo.storage.Health;
import io.lumeo.storage.Health.State;
import org.jspecify.annotations.Nullable;

/// How something is, in a sentence that a person can act on: what is wrong with what, what it means
/// and the next step. What the kernel says now goes before what LVM reported.
final class Diagnosis {
  /// LVM has a pool's metadata checked when it starts the pool; Debian 12's takes the mark of
  /// metadata that are well away only when it is told to.
  private static final String RECHECK =
      "activate it again with `lvchange -ay --config"
          + " 'global/thin_check_options=[\"-q\",\"--clear-needs-check-flag\"]' %s`, which has it"
          + " checked and takes the mark away; only if that fails run `lvconvert --repair %s` once";

  private Diagnosis() {}

  /// How a group is.
  ///
  /// @param systemId the host's own system id
  static Health of(GroupRow group, String systemId) {
    var name = group.name();
    if (group.exported()) {
      return new Health(
          State.UNKNOWN,
          ("group %s is exported for another host; run `vgimport %s` if it is to be" + " used here")
              .formatted(name, name));
    }
    if (isForeign(group, systemId)) {
      return new Health(
          State.UNKNOWN,
          ("group %s belongs to the host with the system id %s; it is" + " only shown here")
              .formatted(name, group.systemId()));
    }
    if (group.partial()) {
      return new Health(
          State.DEGRADED,
          ("%d of the devices of group %s are missing and what lies on them cannot be read; bring"
                  + " them back and run `vgck %s`, and do not remove them from the group")
              .formatted(Math.max(1, group.missingDevices()), name, name));
    }
    return Health.ok();
  }

  static boolean isForeign(GroupRow group, String systemId) {
    return !group.systemId().isEmpty() && !group.systemId().equals(systemId);
  }

  /// How a thin pool is.
  static Health ofPool(VolumeRow pool, @Nullable TargetStatus status) {
    var name = pool.fullName();
    return switch (status) {
      case TargetStatus.Failed failed ->
          new Health(
              State.FAILED,
              ("the kernel has given up pool %s (%s); deactivate it, keep a copy of its metadata,"
                      + " then run `lvconvert --repair %s` once")
                  .formatted(name, failed.word(), name));
      case TargetStatus.ThinPool pooled -> ofRunning(pool, pooled);
      case null, default -> ofReported(pool);
    };
  }

  private static Health ofRunning(VolumeRow pool, TargetStatus.ThinPool status) {
    var name = pool.fullName();
    if (status.mode() == TargetStatus.ThinPool.Mode.READ_ONLY) {
      return new Health(
          State.READ_ONLY,
          (status.needsCheck()
                  ? "the metadata of pool %s need a check and it takes no writes; unmount what is"
                      + " on it, deactivate it and "
                      + RECHECK
                  : "pool %s takes no writes, as its metadata are full or could not be written;"
                      + " extend them with `lvextend --poolmetadatasize +SIZE %s`")
              .formatted(name, name, name));
    }
    if (status.mode() == TargetStatus.ThinPool.Mode.OUT_OF_DATA_SPACE) {
      return new Health(
          State.OUT_OF_SPACE,
          ("pool %s is out of data space and writes %s; extend it with" + " `lvextend -L +SIZE %s`")
              .formatted(name, status.errorsWhenFull() ? "fail" : "wait, then fail", name));
    }
    if (status.needsCheck()) {
      return new Health(
          State.DEGRADED,
          ("the metadata of pool %s need a check; at the next chance deactivate it and " + RECHECK)
              .formatted(name, name, name));
    }
    return pool.healthStatus().equals("partial") ? partial(pool) : Health.ok();
  }

  private static Health ofReported(VolumeRow pool) {
    var name = pool.fullName();
    return switch (pool.healthStatus()) {
      case "failed", "error" ->
          new Health(
              State.FAILED,
              ("pool %s has failed; deactivate it, keep a copy of its metadata, then run `lvconvert"
                      + " --repair %s` once")
                  .formatted(name, name));
      case "out_of_data" ->
          new Health(
              State.OUT_OF_SPACE,
              "pool %s is out of data space; extend it with `lvextend -L +SIZE %s`"
                  .formatted(name, name));
      case "metadata_read_only" ->
          new Health(
              State.READ_ONLY,
              ("the metadata of pool %s are read-only; extend them with `lvextend"
                      + " --poolmetadatasize +SIZE %s`, or repair the pool")
                  .formatted(name, name));
      case "partial" -> partial(pool);
      default ->
          pool.active()
              ? checked(pool)
              : new Health(
                  State.UNKNOWN,
                  "pool %s is inactive, so nobody knows how full it is; `lvchange -ay %s` shows it"
                      .formatted(name, name));
    };
  }

  private static Health checked(VolumeRow pool) {
    return pool.checkNeeded().isYes()
        ? new Health(
            State.DEGRADED,
            ("the metadata of pool %s need a check; deactivate it and " + RECHECK)
                .formatted(pool.fullName(), pool.fullName(), pool.fullName()))
        : Health.ok();
  }

  /// How a volume or snapshot is.
  static Health ofVolume(VolumeRow volume, @Nullable TargetStatus status) {
    var name = volume.fullName();
    if (status instanceof TargetStatus.InvalidSnapshot || volume.snapshotInvalid()) {
      return new Health(
          State.INVALID,
          ("snapshot %s has overflowed and its content is lost; remove it with `lvremove %s` and"
                  + " give the next one a larger store")
              .formatted(name, name));
    }
    if (status instanceof TargetStatus.Failed failed) {
      return new Health(
          State.FAILED,
          "the kernel has given up %s (%s); look at its pool and its devices"
              .formatted(name, failed.word()));
    }
    if (volume.mergeFailed()) {
      return new Health(
          State.FAILED,
          ("the merge into %s has failed; look at the kernel's log before anything" + " is written")
              .formatted(name));
    }
    if (volume.healthStatus().equals("partial")) {
      return partial(volume);
    }
    if (volume.suspended().isYes()) {
      return new Health(
          State.DEGRADED,
          ("%s is suspended and every write to it waits; see what suspended it, or run `dmsetup"
                  + " resume %s`")
              .formatted(name, volume.deviceMapperPath()));
    }
    if (isMerging(volume)) {
      return new Health(
          State.DEGRADED,
          "%s is being merged into its origin, or will be when the origin is next activated"
              .formatted(name));
    }
    return ofRedundancy(volume);
  }

  static boolean isMerging(VolumeRow volume) {
    return volume.hidden()
        && (volume.merging()
            || volume.attributes().type() == VolumeAttributes.Type.SNAPSHOT_MERGING);
  }

  private static Health ofRedundancy(VolumeRow volume) {
    var name = volume.fullName();
    return switch (volume.healthStatus()) {
      case "", "unknown", "writemostly" -> Health.ok();
      case "mismatches exist" ->
          new Health(
              State.DEGRADED,
              "the copies of %s differ; run `lvchange --syncaction repair %s`"
                  .formatted(name, name));
      case "failed", "error" ->
          new Health(
              State.FAILED, "%s has failed; look at its pool and its devices".formatted(name));
      default ->
          new Health(
              State.DEGRADED,
              ("a device of %s was gone (%s); run `lvchange --refresh %s`, or `lvconvert --repair"
                      + " %s` when it is gone for good")
                  .formatted(name, volume.healthStatus(), name, name));
    };
  }

  private static Health partial(VolumeRow volume) {
    boolean redundant = volume.layout().stream().anyMatch(Diagnosis::isRedundant);
    return redundant
        ? new Health(
            State.DEGRADED,
            ("a device of %s is missing and its data have lost a copy; bring it back, or run"
                    + " `lvconvert --repair %s`")
                .formatted(volume.fullName(), volume.fullName()))
        : new Health(
            State.FAILED,
            "a device of %s is missing and what lay on it cannot be read; bring the device back"
                .formatted(volume.fullName()));
  }

  /// `raid` alone is said of `raid0` too, which has no second copy of anything.
  private static boolean isRedundant(String layout) {
    return layout.equals("mirror") || layout.matches("raid[1-9].*");
  }
}
