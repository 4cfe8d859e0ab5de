package io.lumeo.lvm;

import io.lumeo.storage.Change.Purge;
import io.lumeo.storage.Change.RestoreFromTrash;
import io.lumeo.storage.Change.Trash;
import io.lumeo.storage.Draft;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Plans that remove, in two acts: into the trash, from where all comes back, and out of it for
/// good. The trash is a name and two tags on the volume itself, so it needs no memory of ours.
final class TrashPlans {
  static final String TRASH_NAME = "lumeo-trash-";

  private TrashPlans() {}

  static Draft<Step> trash(Site site, Drafting draft, Trash change) throws StorageFailure {
    var volume = site.volume(change.volume());
    Guards.visible(volume);
    Guards.isNotAPool(volume);
    Guards.madeByLumeo(volume);
    Guards.settled(volume);
    Guards.notInUse(volume);
    Guards.hasNoClassicSnapshots(site, volume);
    draft.touching(volume);
    if (OwnTags.trashedNameIn(volume.tags()).isPresent()) {
      return draft.alreadySo("%s is in the trash already".formatted(volume.fullName()));
    }
    if (change.timeToLive().isNegative()) {
      throw new Refused("nothing stays in the trash for less than no time");
    }
    var until = site.id().moment().plus(change.timeToLive());
    var name = trashName(site, volume);
    var tags = new TreeSet<>(Set.of(OwnTags.trash(volume.name()), OwnTags.trashUntil(until)));
    draft
        .backUp()
        .step(VolumePlans.tagging(volume, volume.name(), tags, new TreeSet<>()))
        .step(VolumePlans.renaming(site, volume, name))
        .expect("%s is called %s until %s", volume.fullName(), name, until)
        .expect("no space is freed before it is purged");
    if (volume.isClassicSnapshot()) {
      draft.note("a classic snapshot goes on taking what its origin overwrites, and can overflow");
    } else if (volume.active()) {
      draft.step(VolumePlans.deactivation(volume, name));
    }
    return draft.finished();
  }

  private static String trashName(Site site, VolumeRow volume) throws StorageFailure {
    var brief = TRASH_NAME + site.id().brief();
    try {
      var full = brief + "-" + volume.name();
      Guards.nameIsFree(site, full);
      return full;
    } catch (Refused tooLong) {
      Guards.nameIsFree(site, brief);
      return brief;
    }
  }

  static Draft<Step> restore(Site site, Drafting draft, RestoreFromTrash change)
      throws StorageFailure {
    var volume = site.volume(change.volume());
    Guards.visible(volume);
    Guards.settled(volume);
    var name =
        OwnTags.trashedNameIn(volume.tags())
            .orElseThrow(() -> new Refused("%s is not in the trash".formatted(volume.fullName())));
    draft.touching(volume).backUp();
    if (!volume.name().equals(name)) {
      Guards.nameIsFree(site, name);
      draft.step(VolumePlans.renaming(site, volume, name));
    }
    draft.step(VolumePlans.tagging(volume, name, new TreeSet<>(), trashTags(volume)));
    if (!volume.active()) {
      draft.step(VolumePlans.activation(volume, name));
    }
    return draft.expect("%s is called %s again", volume.fullName(), site.in(name)).finished();
  }

  private static SortedSet<String> trashTags(VolumeRow volume) {
    var tags = new TreeSet<>(volume.tags());
    tags.removeIf(tag -> !OwnTags.isOfTrash(tag));
    return tags;
  }

  static Draft<Step> purge(Site site, Drafting draft, Purge change) throws StorageFailure {
    var volume = site.volume(change.volume());
    Guards.visible(volume);
    Guards.isNotAPool(volume);
    Guards.madeByLumeo(volume);
    Guards.settled(volume);
    Guards.notInUse(volume);
    Guards.hasNoClassicSnapshots(site, volume);
    hasHadItsTime(site, volume);
    var must = new TreeSet<>(volume.tags());
    return draft
        .touching(volume)
        .backUp()
        .step(
            Step.of(
                    "remove %s for good".formatted(volume.fullName()),
                    LvmCommand.of("lvremove", "-y", volume.fullName()),
                    new Condition.Gone(volume.uuid(), volume.fullName()))
                .requiring(
                    new Condition.Named(volume.uuid(), volume.name()),
                    new Condition.Tagged(volume.uuid(), volume.fullName(), must, new TreeSet<>()),
                    new Condition.NotInUse(volume.uuid(), volume.fullName())))
        .expect("%s is gone, and %s of it", volume.fullName(), Words.bytes(volume.sizeBytes()))
        .note(
            volume.isThin()
                ? "nothing brings a thin volume back"
                : "a backup of the group's metadata brings it back until its space is used again")
        .finished();
  }

  /// A clone that an inspection left behind has had its time at once.
  private static void hasHadItsTime(Site site, VolumeRow volume) throws Refused {
    if (volume.tags().contains(OwnTags.VERIFY)) {
      return;
    }
    if (OwnTags.trashedNameIn(volume.tags()).isEmpty()) {
      throw new Refused("%s is not in the trash; put it there first".formatted(volume.fullName()));
    }
    var until =
        OwnTags.trashedUntilIn(volume.tags())
            .orElseThrow(() ->
                new Refused(
                    "nobody knows until when %s is to stay in the trash; restore it, then trash it again"
                        .formatted(volume.fullName())));
    if (site.id().moment().isBefore(until)) {
      throw new Refused("%s stays in the trash until %s".formatted(volume.fullName(), until));
    }
  }
}
