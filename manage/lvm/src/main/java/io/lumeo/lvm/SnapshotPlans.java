package io.lumeo.lvm;

import io.lumeo.storage.Change.CreateClone;
import io.lumeo.storage.Change.CreateSnapshot;
import io.lumeo.storage.Change.ExtendSnapshotStore;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Draft;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unsupported;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Plans for snapshots and clones.
///
/// No file system is frozen for them: LVM does that itself when it suspends the origin, and a
/// freeze by hand before it makes the snapshot fail half-built.
final class SnapshotPlans {
  /// More classic snapshots than that make each write of their origin a slow one.
  private static final int MANY_CLASSIC_SNAPSHOTS = 2;

  private SnapshotPlans() {}

  static Draft<Step> create(Site site, Drafting draft, CreateSnapshot change)
      throws StorageFailure {
    var origin = originOf(site, change.volume());
    Guards.nameIsFree(site, change.name());
    Names.checkTagsOfNew(change.tags());
    if (change.store() != null) {
      return classic(site, draft, change, origin, change.store());
    }
    if (!origin.isThin()) {
      throw new Refused(
          "%s is not thin, so its snapshot needs a store; give its size"
              .formatted(origin.fullName()));
    }
    return thin(
            site,
            draft,
            origin,
            change.name(),
            change.active(),
            change.readOnly(),
            change.tags(),
            "snapshot")
        .finished();
  }

  private static VolumeRow originOf(Site site, String uuid) throws StorageFailure {
    var origin = site.volume(uuid);
    Guards.visible(origin);
    Guards.isNotAPool(origin);
    Guards.originOfClassic(origin);
    Guards.settled(origin);
    return origin;
  }

  private static Drafting thin(
      Site site,
      Drafting draft,
      VolumeRow source,
      String name,
      boolean active,
      boolean readOnly,
      Collection<String> tags,
      String kind)
      throws StorageFailure {
    admit(site, source);
    return draft
        .backUp()
        .step(thinSnapshot(site, source.name(), source.uuid(), name, active, readOnly, tags))
        .expect("a thin %s %s of %s", kind, site.in(name), source.fullName())
        .expect("no data space is taken until one of the two is written to")
        .note(active ? "active at once" : "left inactive: activate it to read it");
  }

  private static void admit(Site site, VolumeRow source) throws StorageFailure {
    var pool = site.group().volume(source.pool());
    if (pool.isPresent()) {
      Guards.poolAdmits(site, pool.get());
    }
  }

  /// The step that makes a thin snapshot of the volume that is called `sourceName` by then.
  ///
  /// @param originUuid what its tag is to say it came from
  static Step thinSnapshot(
      Site site,
      String sourceName,
      String originUuid,
      String name,
      boolean active,
      boolean readOnly,
      Collection<String> tags) {
    var arguments = new ArrayList<>(List.of("-s", active ? "-kn" : "-ky"));
    if (readOnly) {
      arguments.add("-pr");
    }
    arguments.addAll(List.of("-n", name));
    arguments.addAll(tagsOf(site, tags, originUuid));
    arguments.add(site.in(sourceName));
    return made(
        site,
        name,
        Condition.Kind.THIN,
        "take the thin snapshot %s".formatted(site.in(name)),
        arguments);
  }

  private static Draft<Step> classic(
      Site site, Drafting draft, CreateSnapshot change, VolumeRow origin, StoreSize size)
      throws StorageFailure {
    Guards.thinTakesNoStore(origin);
    var store = CowStore.of(origin.sizeBytes(), site.extentBytes());
    long extents = store.extents(size);
    site.checkRoom(extents, List.of());
    var snapshots = site.classicSnapshotsOf(origin);
    if (snapshots.size() >= MANY_CLASSIC_SNAPSHOTS) {
      draft.note(
          "%s has %d classic snapshots already; every first write is copied once for each",
          origin.fullName(), snapshots.size());
    }
    if (!change.active()) {
      draft.note("a classic snapshot is active whenever its origin is");
    }
    if (extents == store.largestExtents()) {
      draft.note("the store holds all of the origin, so it cannot overflow");
    }
    return draft
        .precondition("%s is free for the store of %s", site.groupName(), site.size(extents))
        .backUp()
        .step(
            classicSnapshot(site, origin, change.name(), extents, change.readOnly(), change.tags()))
        .expect("a classic snapshot %s of %s", site.in(change.name()), origin.fullName())
        .expect(
            "%s: %d extents (%s) taken for its store",
            site.groupName(), extents, site.size(extents))
        .note(
            "while it exists, %s can be extended only when inactive; if its store fills, the snapshot is lost",
            origin.fullName())
        .finished();
  }

  /// The step that makes a classic snapshot.
  static Step classicSnapshot(
      Site site,
      VolumeRow origin,
      String name,
      long extents,
      boolean readOnly,
      Collection<String> tags) {
    var arguments = new ArrayList<>(List.of("-s", "-l", Long.toString(extents)));
    if (readOnly) {
      arguments.add("-pr");
    }
    arguments.addAll(List.of("-n", name));
    arguments.addAll(tagsOf(site, tags, origin.uuid()));
    arguments.add(origin.fullName());
    return made(
        site,
        name,
        Condition.Kind.CLASSIC_SNAPSHOT,
        "take the classic snapshot %s".formatted(site.in(name)),
        arguments);
  }

  private static Step made(
      Site site, String name, Condition.Kind kind, String title, List<String> arguments) {
    return Step.of(
            title,
            LvmCommand.of("lvcreate", arguments),
            new Condition.Made(site.groupUuid(), name, site.id().text(), kind))
        .requiring(new Condition.NameFree(site.groupUuid(), name))
        .undoneBy(LvmCommand.of("lvremove", "-y", site.in(name)));
  }

  /// The options that put a caller's tags on what is made, and ours.
  static List<String> tagsOf(Site site, Collection<String> tags, @Nullable String originUuid) {
    var all = new TreeSet<>(tags);
    all.add(OwnTags.MANAGED);
    all.add(OwnTags.run(site.id()));
    if (originUuid != null) {
      all.add(OwnTags.origin(originUuid));
    }
    return all.stream().flatMap(tag -> List.of("--addtag", tag).stream()).toList();
  }

  static Draft<Step> cloneOf(Site site, Drafting draft, CreateClone change) throws StorageFailure {
    var source = originOf(site, change.source());
    Guards.nameIsFree(site, change.name());
    Names.checkTagsOfNew(change.tags());
    if (!source.isThin()) {
      throw new Unsupported(
          "%s is not thin, so a clone would be a full copy, which Lumeo does not plan; copy it to a new volume"
              .formatted(source.fullName()));
    }
    var tags = new TreeSet<>(change.tags());
    tags.add(OwnTags.CLONE);
    return thin(site, draft, source, change.name(), change.active(), false, tags, "clone")
        .finished();
  }

  static Draft<Step> extendStore(Site site, Drafting draft, ExtendSnapshotStore change)
      throws StorageFailure {
    var snapshot = site.volume(change.snapshot());
    Guards.visible(snapshot);
    if (!snapshot.isClassicSnapshot()) {
      throw new Refused(
          "%s is not a classic snapshot and has no store".formatted(snapshot.fullName()));
    }
    Guards.snapshotIsValid(snapshot);
    Guards.settled(snapshot);
    Guards.isGrowth(
        site, "the store of " + snapshot.fullName(), snapshot.sizeBytes(), change.sizeBytes());
    var store = CowStore.of(snapshot.originBytes(), site.extentBytes());
    long now = site.extents(snapshot.sizeBytes());
    long extents = Math.min(site.extents(change.sizeBytes()), store.largestExtents());
    draft.touching(snapshot);
    if (extents <= now) {
      return draft.alreadySo(
          "the store of %s is as large as that, or as it can be".formatted(snapshot.fullName()));
    }
    site.checkRoom(extents - now, List.of());
    return draft
        .backUp()
        .step(
            Step.of(
                    "extend the store of %s to %s"
                        .formatted(snapshot.fullName(), site.size(extents)),
                    LvmCommand.of("lvextend", "-l", Long.toString(extents), snapshot.fullName()),
                    new Condition.Sized(
                        snapshot.uuid(), snapshot.fullName(), extents * site.extentBytes()))
                .requiring(new Condition.Named(snapshot.uuid(), snapshot.name())))
        .expect(
            "%s: %d extents (%s) taken", site.groupName(), extents - now, site.size(extents - now))
        .note("a store is never made smaller again")
        .finished();
  }
}
