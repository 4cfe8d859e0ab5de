package io.lumeo.pools;

import io.lumeo.storage.Change.Purge;
import io.lumeo.storage.Change.RestoreFromTrash;
import io.lumeo.storage.Change.Trash;
import io.lumeo.storage.Draft;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import java.util.TreeSet;

/// Plans that remove, in two acts: into the trash, from where all comes back, and out of it for
/// good. The trash is a name and two tags on the volume itself, so it needs no memory of ours.
final class PoolTrash {
  private static final String TRASH_NAME = "lumeo-trash-";
  private static final int LONGEST_NAME = 127;

  private PoolTrash() {}

  static Draft<PoolStep> trash(PoolState state, PoolDrafting draft, Trash change, PlanId id)
      throws StorageFailure {
    var volume = PoolGuards.volume(state, change.volume());
    PoolGuards.madeByLumeo(volume);
    PoolGuards.notInUse(state, volume);
    draft.touching(volume);
    if (OwnTags.trashedNameIn(volume.tags()).isPresent()) {
      return draft.alreadySo("'%s' is in the trash already", volume.name());
    }
    if (change.timeToLive().isNegative()) {
      throw new Refused("nothing stays in the trash for less than no time");
    }
    var until = id.moment().plus(change.timeToLive());
    var name = trashName(id, volume);
    PoolGuards.nameIsFree(state, name);
    var tags = new TreeSet<>(volume.tags());
    tags.add(OwnTags.trash(volume.name()));
    tags.add(OwnTags.trashUntil(until));
    return draft
        .step(PoolPlanner.tagging(volume, volume.name(), tags))
        .step(PoolPlanner.renaming(volume, name))
        .expect("'%s' is called '%s' until %s", volume.name(), name, until)
        .expect("no space is freed before it is purged")
        .finished();
  }

  private static String trashName(PlanId id, VolumeView volume) {
    var brief = TRASH_NAME + id.brief();
    var full = brief + "-" + volume.name();
    return full.length() <= LONGEST_NAME ? full : brief;
  }

  static Draft<PoolStep> restore(PoolState state, PoolDrafting draft, RestoreFromTrash change)
      throws StorageFailure {
    var volume = PoolGuards.volume(state, change.volume());
    var name =
        OwnTags.trashedNameIn(volume.tags())
            .orElseThrow(() -> new Refused("'%s' is not in the trash".formatted(volume.name())));
    draft.touching(volume);
    if (!volume.name().equals(name)) {
      PoolGuards.nameIsFree(state, name);
      draft.step(PoolPlanner.renaming(volume, name));
    }
    var tags = new TreeSet<>(volume.tags());
    tags.removeIf(OwnTags::isOfTrash);
    return draft
        .step(PoolPlanner.tagging(volume, name, tags))
        .expect("'%s' is called '%s' again", volume.name(), name)
        .finished();
  }

  static Draft<PoolStep> purge(PoolState state, PoolDrafting draft, Purge change, PlanId id)
      throws StorageFailure {
    var volume = PoolGuards.volume(state, change.volume());
    PoolGuards.madeByLumeo(volume);
    PoolGuards.notInUse(state, volume);
    hasHadItsTime(volume, id);
    return draft
        .touching(volume)
        .require("'%s' has the tags %s", volume.name(), String.join(", ", volume.tags()))
        .step(PoolStep.of("remove '%s' for good".formatted(volume.name()), deletion(volume)))
        .expect(
            "'%s' is gone, and what only it holds of its %s",
            volume.name(), Words.bytes(volume.mappedBytes()))
        .note("nothing brings it back")
        .finished();
  }

  static PoolAction.Delete deletion(VolumeView volume) {
    return new PoolAction.Delete(
        volume.uuid(), volume.name(), volume.isSnapshot(), new TreeSet<>(volume.tags()));
  }

  private static void hasHadItsTime(VolumeView volume, PlanId id) throws Refused {
    if (OwnTags.trashedNameIn(volume.tags()).isEmpty()) {
      throw new Refused("'%s' is not in the trash; put it there first".formatted(volume.name()));
    }
    var until =
        OwnTags.trashedUntilIn(volume.tags())
            .orElseThrow(() ->
                new Refused(
                    "nobody knows until when '%s' is to stay in the trash; restore it, then trash it again"
                        .formatted(volume.name())));
    if (id.moment().isBefore(until)) {
      throw new Refused("'%s' stays in the trash until %s".formatted(volume.name(), until));
    }
  }
}
