package io.lumeo.policies;

import io.lumeo.policies.Admission.Admitted;
import io.lumeo.policies.Admission.DeleteFirst;
import io.lumeo.policies.Admission.Refused;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Foresees what would be refused, or would go wrong, when a snapshot is made.
public final class SnapshotAdmission {
  /// How many classic snapshots a volume has at most unless its policy says otherwise: each of them
  /// copies what is overwritten for itself, so ten of them make one write eleven.
  public static final int CLASSIC_PER_ORIGIN = 2;

  /// LVM keeps this much of a pool's metadata free, or a quarter if that is less.
  private static final long METADATA_FREE_BYTES = 4 << 20;

  private SnapshotAdmission() {}

  /// Whether LVM would make a thin snapshot or volume in `pool` now. It refuses when data or
  /// metadata are over the threshold at which it would extend the pool (100 % when it does not), or
  /// when less than 25 % and less than 4 MiB of metadata are free (lvm2,
  /// `pool_metadata_min_threshold`).
  public static Admission thin(Pool pool) {
    var name = pool.name();
    if (blocksChanges(pool.health())) {
      return new Refused(
          "pool %s takes no new snapshot: %s".formatted(name, pool.health().reason()),
          List.of("bring the pool back to writing first"));
    }
    var self = pool.selfExtension();
    var threshold = self == null ? 100 : self.thresholdPercent();
    if (isOver(pool.data(), threshold)) {
      return overThreshold("data", pool, pool.data(), threshold);
    }
    var metadata = pool.metadata();
    if (metadata == null) {
      return new Admitted();
    }
    if (isOver(metadata, threshold)) {
      return overThreshold("metadata", pool, metadata, threshold);
    }
    var needed = Math.min(METADATA_FREE_BYTES, metadata.sizeBytes() / 4);
    if (metadata.freeBytes() < needed) {
      return new Refused(
          "pool %s has %s of metadata free and LVM wants %s before it makes a snapshot"
              .formatted(name, Words.bytes(metadata.freeBytes()), Words.bytes(needed)),
          List.of("extend the pool's metadata", "delete snapshots"));
    }
    return new Admitted();
  }

  private static boolean blocksChanges(Health health) {
    return switch (health.state()) {
      case OK, UNKNOWN, DEGRADED -> false;
      case OUT_OF_SPACE, READ_ONLY, INVALID, FAILED -> true;
    };
  }

  private static boolean isOver(Usage usage, int percent) {
    return usage.usedBytes() > ByteMath.percent(usage.sizeBytes(), percent);
  }

  private static Refused overThreshold(String what, Pool pool, Usage usage, int threshold) {
    return new Refused(
        "pool %s's %s is %s full, and over %d %%, where LVM extends it, LVM makes no snapshot"
            .formatted(pool.name(), what, Words.percent(usage.ratio()), threshold),
        List.of("extend the pool's " + what, "delete snapshots", "raise the threshold"));
  }

  /// Whether enough is free by our own rule. To be asked again after each deletion, since only then
  /// is it known what one gave back.
  ///
  /// @param snapshots all snapshots of the volume; only those that `policy` made and nobody needs
  ///   are ever named
  public static Admission minimumFree(
      Usage usage,
      MinimumFree rule,
      Collection<SnapshotFacts> snapshots,
      RetentionPolicy policy,
      Instant now) {
    var wanted = rule.free().of(usage.sizeBytes());
    if (usage.freeBytes() >= wanted) {
      return new Admitted();
    }
    var reason =
        "%s are free and the policy wants %s"
            .formatted(Words.bytes(usage.freeBytes()), rule.free().words());
    if (rule.action() == MinimumFree.Action.REFUSE) {
      return new Refused(reason, List.of("extend the pool", "delete snapshots"));
    }
    var oldest = oldestToSpare(snapshots, policy, now);
    return oldest == null
        ? new Refused(
            reason + ", and it has no snapshot to spare",
            List.of("extend the pool", "release holds, or lower the minimum that is kept"))
        : new DeleteFirst(oldest, reason + "; " + oldest.name() + " is the oldest to spare");
  }

  private static @Nullable SnapshotFacts oldestToSpare(
      Collection<SnapshotFacts> snapshots, RetentionPolicy policy, Instant now) {
    var own =
        snapshots.stream()
            .filter(snapshot -> policy.id().equals(snapshot.owner()))
            .filter(snapshot -> isPast(snapshot, now) && snapshot.canBeCountedOn())
            .sorted(Comparator.comparing(SnapshotAdmission::createdAt))
            .toList();
    return own.size() <= policy.minimum()
        ? null
        : own.stream()
            .filter(snapshot -> snapshot.holds().isEmpty() && snapshot.states().isEmpty())
            .findFirst()
            .orElse(null);
  }

  private static boolean isPast(SnapshotFacts snapshot, Instant now) {
    var created = snapshot.createdAt();
    return created != null && !created.isAfter(now);
  }

  private static Instant createdAt(SnapshotFacts snapshot) {
    return Objects.requireNonNull(snapshot.createdAt());
  }

  /// Whether a further classic snapshot of a volume may be made.
  ///
  /// @param existing how many it has
  /// @param limit how many it may have, at least 1
  /// @param storeBytes how large the new one's store is to be
  /// @param group how full the volume group is
  /// @param reserve what is to stay free in the group
  public static Admission classic(
      String volume, int existing, int limit, long storeBytes, Usage group, Amount reserve) {
    if (existing >= limit) {
      return new Refused(
          "%s has %d classic snapshots, and with one more each of its writes to a new place would become %d"
              .formatted(volume, existing, existing + 2),
          List.of("delete an older one", "use a thin volume", "raise the limit of " + limit));
    }
    var left = group.freeBytes() - storeBytes;
    var kept = reserve.of(group.sizeBytes());
    if (left < kept) {
      return new Refused(
          "a store of %s would leave %s free in the group, less than the reserve of %s"
              .formatted(Words.bytes(storeBytes), Words.bytes(Math.max(0, left)), reserve.words()),
          List.of("add a device of %s or more".formatted(Words.bytes(kept - left))));
    }
    return new Admitted();
  }

  /// Why a volume cannot grow while it is in use, or null when it can: LVM resizes an active volume
  /// that has classic snapshots in no version.
  public static @Nullable String obstacleToGrowth(Inventory inventory, Volume volume) {
    if (!volume.active()) {
      return null;
    }
    var classic =
        inventory.snapshotsOf(volume.uuid()).stream()
            .filter(snapshot -> snapshot.kind() == Volume.Kind.CLASSIC_SNAPSHOT)
            .map(Volume::name)
            .toList();
    return classic.isEmpty()
        ? null
        : "LVM does not extend %s while it is active and has classic snapshots; delete %s first"
            .formatted(volume.name(), String.join(", ", classic));
  }

  /// Why classic snapshots and growth of one volume cannot both be wanted, or null when they are
  /// not: the rule of [#obstacleToGrowth], seen before anything is made.
  public static @Nullable String conflict(
      String volume, boolean hasClassicSnapshots, boolean growsByItself) {
    return hasClassicSnapshots && growsByItself
        ? "%s has scheduled classic snapshots and a growth rule, and LVM extends no active volume that has classic snapshots; use a thin volume, or take one of them away"
            .formatted(volume)
        : null;
  }
}
