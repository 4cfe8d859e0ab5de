package io.lumeo.pools;

import io.lumeo.block.StorageException;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Busy;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import io.lumeo.thin.PoolMode;
import io.lumeo.thin.Volumes;
import java.util.Collection;
import java.util.regex.Pattern;

/// What is refused before anything is done, each with one sentence.
final class PoolGuards {
  /// What the catalogue takes.
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9+_.:/=@-]{1,255}");

  private PoolGuards() {}

  static void isThisPool(PoolState state, String uuid) throws NotFound {
    if (!state.pool().uuid().equals(uuid)) {
      throw new NotFound(
          "there is no pool %s here; look at the inventory".formatted(Words.printable(uuid)));
    }
  }

  static VolumeView volume(PoolState state, String uuid) throws NotFound {
    return state
        .volume(uuid)
        .orElseThrow(() ->
            new NotFound(
                "there is no volume %s in the pool; look at the inventory"
                    .formatted(Words.printable(uuid))));
  }

  /// A volume that is not a snapshot.
  static VolumeView writable(PoolState state, String uuid) throws StorageFailure {
    var volume = volume(state, uuid);
    if (volume.isSnapshot()) {
      throw new Refused(
          "'%s' is a snapshot, and those of a Lumeo pool do not change; clone it and change the clone"
              .formatted(volume.name()));
    }
    return volume;
  }

  static void canBeChanged(PoolView pool) throws Refused {
    if (!PoolCondition.canBeChanged(pool)) {
      throw new Refused(PoolCondition.health(pool).reason());
    }
  }

  /// What is made in a full pool could never be written to; a snapshot would even stop its origin
  /// from being written.
  static void hasRoom(PoolView pool) throws OutOfSpace {
    if (pool.mode() == PoolMode.OUT_OF_DATA_SPACE
        || pool.mode() == PoolMode.OUT_OF_METADATA_SPACE) {
      throw new OutOfSpace(PoolCondition.health(pool).reason(), pool.dataBlockSizeBytes());
    }
  }

  static void clockGoesOn(PoolView pool, int ticks) throws Refused {
    if (pool.snapshotTicksLeft() < ticks) {
      throw new Refused(
          "the pool's snapshot clock has come to its end, so there are no more snapshots; copy its volumes to a new pool");
    }
  }

  static void nameIsFree(PoolState state, String name) throws Refused {
    try {
      Volumes.checkNewName(name);
    } catch (StorageException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
    if (state.named(name).isPresent()) {
      throw new Refused("there is a volume '%s' already; choose another name".formatted(name));
    }
  }

  static void tagsAreOurs(Collection<String> tags) throws Refused {
    OwnTags.checkNotReserved(tags);
    tagsHaveTheForm(tags);
  }

  /// That Lumeo made it may be said of what it is about to make.
  static void tagsOfNew(Collection<String> tags) throws Refused {
    OwnTags.checkOfNew(tags);
    tagsHaveTheForm(tags);
  }

  private static void tagsHaveTheForm(Collection<String> tags) throws Refused {
    for (var tag : tags) {
      if (!TAG.matcher(tag).matches()) {
        throw new Refused(
            "'%s' cannot be a tag: a Lumeo pool takes 1 to 255 letters, digits and +_.:/=@-"
                .formatted(Words.printable(tag)));
      }
    }
  }

  static void madeByLumeo(VolumeView volume) throws Refused {
    if (!volume.tags().contains(OwnTags.MANAGED)) {
      throw new Refused(
          "'%s' has no tag %s, so no plan of Lumeo's made it and none removes it"
              .formatted(volume.name(), OwnTags.MANAGED));
    }
  }

  static void notInUse(PoolState state, VolumeView volume) throws Busy {
    var clients = state.clients(volume);
    if (!clients.isEmpty()) {
      throw new Busy(
          "'%s' is in use by %s; disconnect or unmount, then plan again"
              .formatted(volume.name(), String.join(", ", clients)));
    }
  }

  static void isSnapshotOf(PoolState state, VolumeView snapshot, VolumeView volume) throws Refused {
    if (!snapshot.isSnapshot() || !volume.uuid().equals(state.origin(snapshot))) {
      throw new Refused(
          "'%s' is no snapshot of '%s', which would become another thing by it; clone it instead"
              .formatted(snapshot.name(), volume.name()));
    }
  }

  static void isGrowth(String what, long nowBytes, long wantedBytes) throws Refused {
    if (wantedBytes < nowBytes) {
      throw new Refused(
          "%s has %s and is not made smaller to %s: what lies beyond would be lost"
              .formatted(what, Words.bytes(nowBytes), Words.bytes(wantedBytes)));
    }
  }
}
