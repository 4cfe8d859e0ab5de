package io.lumeo.lvm;

import io.lumeo.storage.Change.RollBack;
import io.lumeo.storage.Draft;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import java.util.List;

/// Plans that make a volume what a snapshot of it is, by LVM's merge.
///
/// A merge uses the snapshot up. So one that is still wanted is first renamed, and a snapshot of it
/// takes its name and tags; the renamed one is merged.
final class RollBackPlans {
  private static final String MERGING_NAME = "lumeo-merge-";

  private RollBackPlans() {}

  static Draft<Step> rollBack(Site site, Drafting draft, RollBack change) throws StorageFailure {
    var volume = site.volume(change.volume());
    var snapshot = site.volume(change.snapshot());
    Guards.visible(volume);
    Guards.visible(snapshot);
    Guards.settled(volume);
    Guards.settled(snapshot);
    Guards.isSnapshotOf(snapshot, volume);
    Guards.lvmKnowsOrigin(snapshot, volume);
    Guards.snapshotIsValid(snapshot);
    Guards.notInUse(snapshot);
    draft.touching(volume).backUp();
    if (change.safetySnapshot() != null) {
      safety(site, draft, volume, snapshot, change.safetySnapshot());
    }
    var merging = snapshot.name();
    if (change.keepSnapshot()) {
      merging = keep(site, draft, volume, snapshot);
    }
    merge(site, draft, volume, snapshot, merging);
    return draft.finished();
  }

  private static void safety(
      Site site, Drafting draft, VolumeRow volume, VolumeRow snapshot, String name)
      throws StorageFailure {
    Guards.nameIsFree(site, name);
    if (snapshot.isThin()) {
      var pool = site.group().volume(volume.pool());
      if (pool.isPresent()) {
        Guards.poolAdmits(site, pool.get());
      }
      draft.step(
          SnapshotPlans.thinSnapshot(
              site, volume.name(), volume.uuid(), name, false, false, List.of()));
    } else {
      // What the merge overwrites is what the merging snapshot holds, so as much room is enough.
      long extents = site.extents(snapshot.sizeBytes());
      site.checkRoom(extents, List.of());
      draft.step(SnapshotPlans.classicSnapshot(site, volume, name, extents, false, List.of()));
    }
    draft.expect("%s keeps what %s holds now", site.in(name), volume.fullName());
  }

  private static String keep(Site site, Drafting draft, VolumeRow volume, VolumeRow snapshot)
      throws StorageFailure {
    if (!snapshot.isThin()) {
      throw new Refused(
          "a classic snapshot such as %s is used up by the merge and LVM cannot copy it first; roll back without keeping it, or copy it yourself"
              .formatted(snapshot.fullName()));
    }
    var merging = MERGING_NAME + site.id().brief();
    Guards.nameIsFree(site, merging);
    draft
        .step(
            Step.of(
                    "rename %s to %s, which will be merged".formatted(snapshot.fullName(), merging),
                    LvmCommand.of("lvrename", site.groupName(), snapshot.name(), merging),
                    new Condition.Named(snapshot.uuid(), merging))
                .requiring(new Condition.Named(snapshot.uuid(), snapshot.name()))
                .undoneBy(LvmCommand.of("lvrename", site.groupName(), merging, snapshot.name())))
        .step(
            SnapshotPlans.thinSnapshot(
                site,
                merging,
                volume.uuid(),
                snapshot.name(),
                !snapshot.skipsActivation(),
                snapshot.readOnly(),
                OwnTags.without(snapshot.tags())))
        .expect("%s is kept, as a snapshot of itself", snapshot.fullName());
    return merging;
  }

  private static void merge(
      Site site, Drafting draft, VolumeRow volume, VolumeRow snapshot, String merging) {
    draft
        .step(
            Step.of(
                    "merge %s into %s".formatted(site.in(merging), volume.fullName()),
                    LvmCommand.of("lvconvert", "--merge", "-i", "1", site.in(merging)),
                    new Condition.Merging(site.groupUuid(), merging))
                .requiring(
                    new Condition.Named(snapshot.uuid(), merging),
                    new Condition.NotInUse(snapshot.uuid(), site.in(merging)))
                .within(Step.LONG))
        .expect("%s is what %s is now", volume.fullName(), snapshot.fullName());
    if (volume.open().isYes()) {
      draft.note(
          "%s is in use, so nothing changes in it yet: %s",
          volume.fullName(), completion(volume.fullName()));
    }
    draft.note("a merge cannot be stopped or taken back; other snapshots of the volume stay");
  }

  /// What brings a delayed merge about.
  static String completion(String volume) {
    return "the merge into %1$s waits until %1$s is not in use: unmount it, then lvchange --refresh %1$s, or activate it anew"
        .formatted(volume);
  }
}
