package io.lumeo.lvm;

import io.lumeo.storage.Health;
import io.lumeo.storage.Health.State;
import org.jspecify.annotations.Nullable;

/// How something is, in a sentence that a person can act on: what is wrong with what, what it means
/// and the next step. What the kernel says now goes before what LVM reported.
final class Diagnosis {
  private Diagnosis() {}

  /// How a group is.
  ///
  /// @param systemId the host's own system id
  static Health of(GroupRow group, String systemId) {
    var name = group.name();
    if (group.exported()) {
      return health(
          State.UNKNOWN,
          "group %s is exported for another host; run `vgimport %s` if it is to be used here",
          name,
          name);
    }
    if (isForeign(group, systemId)) {
      return health(
          State.UNKNOWN,
          "group %s belongs to the host with the system id %s; it is only shown here",
          name,
          group.systemId());
    }
    if (group.partial()) {
      return health(
          State.DEGRADED,
          "%d of the devices of group %s are missing and what lies on them cannot be read; bring"
              + " them back and run `vgck %s`, and do not remove them from the group",
          Math.max(1, group.missingDevices()),
          name,
          name);
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
          health(
              State.FAILED,
              "the kernel has given up pool %s (%s); deactivate it, keep a copy of its metadata,"
                  + " then run `lvconvert --repair %s` once",
              name,
              failed.word(),
              name);
      case TargetStatus.ThinPool pooled -> ofRunning(pool, pooled);
      case null, default -> ofReported(pool);
    };
  }

  private static Health ofRunning(VolumeRow pool, TargetStatus.ThinPool status) {
    var name = pool.fullName();
    if (status.mode() == TargetStatus.ThinPool.Mode.READ_ONLY) {
      return health(
          State.READ_ONLY,
          status.needsCheck()
              ? "the metadata of pool %s need a check and it takes no writes; unmount what is on it,"
                  + " deactivate it, then run `lvconvert --repair %s` once"
              : "pool %s takes no writes, as its metadata are full or could not be written; extend"
                  + " them with `lvextend --poolmetadatasize +SIZE %s`",
          name,
          name);
    }
    if (status.mode() == TargetStatus.ThinPool.Mode.OUT_OF_DATA_SPACE) {
      return health(
          State.OUT_OF_SPACE,
          "pool %s is out of data space and writes %s; extend it with `lvextend -L +SIZE %s`",
          name,
          status.errorsWhenFull() ? "fail" : "wait, then fail",
          name);
    }
    if (status.needsCheck()) {
      return health(
          State.DEGRADED,
          "the metadata of pool %s need a check; deactivate it at the next chance, then run"
              + " `lvconvert --repair %s` once",
          name,
          name);
    }
    return pool.healthStatus().equals("partial") ? partial(pool) : Health.ok();
  }

  private static Health ofReported(VolumeRow pool) {
    var name = pool.fullName();
    return switch (pool.healthStatus()) {
      case "failed", "error" ->
          health(
              State.FAILED,
              "pool %s has failed; deactivate it, keep a copy of its metadata, then run `lvconvert"
                  + " --repair %s` once",
              name,
              name);
      case "out_of_data" ->
          health(
              State.OUT_OF_SPACE,
              "pool %s is out of data space; extend it with `lvextend -L +SIZE %s`",
              name,
              name);
      case "metadata_read_only" ->
          health(
              State.READ_ONLY,
              "the metadata of pool %s are read-only; extend them with `lvextend --poolmetadatasize"
                  + " +SIZE %s`, or repair the pool",
              name,
              name);
      case "partial" -> partial(pool);
      default ->
          pool.active()
              ? checked(pool)
              : health(
                  State.UNKNOWN,
                  "pool %s is not active, so nobody knows how full it is; `lvchange -ay %s` shows it",
                  name,
                  name);
    };
  }

  private static Health checked(VolumeRow pool) {
    return pool.checkNeeded().isYes()
        ? health(
            State.DEGRADED,
            "the metadata of pool %s need a check; deactivate it, then run `lvconvert --repair %s`"
                + " once",
            pool.fullName(),
            pool.fullName())
        : Health.ok();
  }

  /// How a volume or snapshot is.
  static Health ofVolume(VolumeRow volume, @Nullable TargetStatus status) {
    var name = volume.fullName();
    if (status instanceof TargetStatus.InvalidSnapshot || volume.snapshotInvalid()) {
      return health(
          State.INVALID,
          "snapshot %s has overflowed and its content is lost; remove it with `lvremove %s` and give"
              + " the next one a larger store",
          name,
          name);
    }
    if (status instanceof TargetStatus.Failed failed) {
      return health(
          State.FAILED,
          "the kernel has given up %s (%s); look at its pool and its devices",
          name,
          failed.word());
    }
    if (volume.mergeFailed()) {
      return health(
          State.FAILED,
          "the merge into %s has failed; look at the kernel's log before anything is written",
          name);
    }
    if (volume.healthStatus().equals("partial")) {
      return partial(volume);
    }
    if (volume.suspended().isYes()) {
      return health(
          State.DEGRADED,
          "%s is suspended and every write to it waits; see what suspended it, or run `dmsetup"
              + " resume %s`",
          name,
          volume.deviceMapperPath());
    }
    if (isMerging(volume)) {
      return health(
          State.DEGRADED,
          "%s is being merged into its origin, or will be when the origin is next activated",
          name);
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
          health(
              State.DEGRADED,
              "the copies of %s differ; run `lvchange --syncaction repair %s`",
              name,
              name);
      case "failed", "error" ->
          health(State.FAILED, "%s has failed; look at its pool and its devices", name);
      default ->
          health(
              State.DEGRADED,
              "a device of %s was gone (%s); run `lvchange --refresh %s`, or `lvconvert --repair %s`"
                  + " when it is gone for good",
              name,
              volume.healthStatus(),
              name,
              name);
    };
  }

  private static Health partial(VolumeRow volume) {
    boolean redundant =
        volume.layout().stream().anyMatch(l -> l.equals("mirror") || isRedundant(l));
    return redundant
        ? health(
            State.DEGRADED,
            "a device of %s is missing and its data have lost a copy; bring it back, or run"
                + " `lvconvert --repair %s`",
            volume.fullName(),
            volume.fullName())
        : health(
            State.FAILED,
            "a device of %s is missing and what lay on it cannot be read; bring the device back",
            volume.fullName());
  }

  private static boolean isRedundant(String layout) {
    return layout.startsWith("raid") && !layout.startsWith("raid0");
  }

  private static Health health(State state, String sentence, Object... words) {
    return new Health(state, sentence.formatted(words));
  }
}
