package io.lumeo.pools;

import io.lumeo.storage.Change;
import io.lumeo.storage.Change.Activate;
import io.lumeo.storage.Change.CreateClone;
import io.lumeo.storage.Change.CreateSnapshot;
import io.lumeo.storage.Change.CreateVolume;
import io.lumeo.storage.Change.ExtendPoolData;
import io.lumeo.storage.Change.ExtendPoolMetadata;
import io.lumeo.storage.Change.ExtendVolume;
import io.lumeo.storage.Change.Rename;
import io.lumeo.storage.Change.RollBack;
import io.lumeo.storage.Change.SetDiscards;
import io.lumeo.storage.Change.SetSelfExtension;
import io.lumeo.storage.Change.SetTags;
import io.lumeo.storage.Change.Trim;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Draft;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unsupported;
import io.lumeo.storage.Words;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.Volumes;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What making a change of a Lumeo pool would take: a pure function of what was found. The same
/// pool, the same change and the same name of a plan give the same steps, so a plan is checked
/// before its first step by making it again.
///
/// @param options by which the command line names the pool
record PoolPlanner(String system, List<String> options) {
  private static final int METADATA_BLOCK_BYTES = 4096;

  Draft<PoolStep> plan(PoolState state, Change change, PlanId id) throws StorageFailure {
    var draft = new PoolDrafting(system, options, state.pool(), change, id);
    return switch (change) {
      case CreateVolume c -> createVolume(changeable(state), draft, c, id);
      case CreateSnapshot c -> createSnapshot(changeable(state), draft, c, id);
      case CreateClone c -> createClone(changeable(state), draft, c, id);
      case ExtendVolume c -> extendVolume(changeable(state), draft, c);
      case ExtendPoolData c -> extendData(changeable(state), draft, c);
      case ExtendPoolMetadata c -> extendMetadata(changeable(state), draft, c);
      case RollBack c -> rollBack(changeable(state), draft, c, id);
      case Trim c -> trim(changeable(state), draft, c);
      case SetDiscards c -> setDiscards(changeable(state), draft, c);
      case SetSelfExtension c -> setSelfExtension(changeable(state), draft, c);
      case Activate c -> activate(state, draft, c);
      case Rename c -> rename(changeable(state), draft, c);
      case SetTags c -> setTags(changeable(state), draft, c);
      case Change.Trash c -> PoolTrash.trash(changeable(state), draft, c, id);
      case Change.RestoreFromTrash c -> PoolTrash.restore(changeable(state), draft, c);
      case Change.Purge c -> PoolTrash.purge(changeable(state), draft, c, id);
      case Change.CreateThinPool _ ->
          throw new Unsupported(
              "a Lumeo pool holds volumes and no other pools; make a pool of its own with 'lumeo pool create'");
      case Change.GrowFileSystem _ -> throw seesNoFileSystems();
      case Change.ExtendSnapshotStore _ -> throw hasNoClassicSnapshots();
      case Change.RepairPoolMetadata _ ->
          throw new Unsupported(
              "a Lumeo pool is not repaired while it is open; stop who has it open and look at it with 'lumeo pool check'");
      case Change.AddDevices _ ->
          throw new Unsupported(
              "a Lumeo pool has one device for data and one for metadata and takes no more; extend those");
      case Change.RestoreGroupMetadata _ ->
          throw new Unsupported(
              "a Lumeo pool has no backups of its metadata that could be put back; roll volumes back to their snapshots");
    };
  }

  private static PoolState changeable(PoolState state) throws Refused {
    PoolGuards.canBeChanged(state.pool());
    return state;
  }

  private static Unsupported hasNoClassicSnapshots() {
    return new Unsupported(
        "a Lumeo pool has no classic snapshots: its snapshots are thin, need no store and cannot overflow; leave the store's size out");
  }

  private static Unsupported seesNoFileSystems() {
    return new Unsupported(
        "a Lumeo pool does not see the file system on a volume; extend the volume alone, then let the file system grow where it is mounted");
  }

  // --- what is made

  private static Draft<PoolStep> createVolume(
      PoolState state, PoolDrafting draft, CreateVolume change, PlanId id) throws StorageFailure {
    PoolGuards.isThisPool(state, change.pool());
    PoolGuards.hasRoom(state.pool());
    PoolGuards.nameIsFree(state, change.name());
    PoolGuards.tagsOfNew(change.tags());
    if (change.sizeBytes() <= 0) {
      throw new Refused("a volume needs a size above zero");
    }
    long size = roundUp(draft, change.sizeBytes(), state.pool().dataBlockSizeBytes());
    var name = change.name();
    return draft
        .require("no volume is called '%s'", name)
        .step(
            PoolStep.of(
                    "make volume '%s' of %s".formatted(name, Words.bytes(size)),
                    new PoolAction.CreateVolume(
                        name, size, tagsOf(change.tags(), id, null), id.text()))
                .undoneBy(new PoolAction.RemoveMade(name, false, id.text())))
        .expect("an empty volume '%s' of %s", name, Words.bytes(size))
        .expect("no data space is taken until it is written")
        .finished();
  }

  private static Draft<PoolStep> createSnapshot(
      PoolState state, PoolDrafting draft, CreateSnapshot change, PlanId id) throws StorageFailure {
    if (change.store() != null) {
      throw hasNoClassicSnapshots();
    }
    var origin = PoolGuards.volume(state, change.volume());
    PoolGuards.hasRoom(state.pool());
    PoolGuards.clockGoesOn(state.pool(), 1);
    PoolGuards.nameIsFree(state, change.name());
    PoolGuards.tagsOfNew(change.tags());
    if (!change.readOnly()) {
      draft.note("a snapshot of a Lumeo pool is never written to; clone it for that");
    }
    if (!change.active()) {
      draft.note("a snapshot of a Lumeo pool can be read at once");
    }
    return draft
        .touching(origin)
        .require("no volume is called '%s'", change.name())
        .step(snapshot(origin, change.name(), change.tags(), id))
        .expect("a snapshot '%s' of '%s'", change.name(), origin.name())
        .expect("no data space is taken until '%s' is written to", origin.name())
        .finished();
  }

  private static PoolStep snapshot(
      VolumeView origin, String name, Collection<String> tags, PlanId id) {
    return PoolStep.of(
            "take snapshot '%s' of '%s'".formatted(name, origin.name()),
            new PoolAction.Snapshot(
                origin.uuid(), origin.name(), name, tagsOf(tags, id, origin), id.text()))
        .undoneBy(new PoolAction.RemoveMade(name, true, id.text()));
  }

  private static Draft<PoolStep> createClone(
      PoolState state, PoolDrafting draft, CreateClone change, PlanId id) throws StorageFailure {
    var source = PoolGuards.volume(state, change.source());
    PoolGuards.hasRoom(state.pool());
    PoolGuards.clockGoesOn(state.pool(), 1);
    PoolGuards.nameIsFree(state, change.name());
    PoolGuards.tagsOfNew(change.tags());
    var tags = tagsOf(change.tags(), id, source);
    tags.add(OwnTags.CLONE);
    if (!change.active()) {
      draft.note("a clone of a Lumeo pool can be used at once");
    }
    return draft
        .touching(source)
        .require("no volume is called '%s'", change.name())
        .step(
            PoolStep.of(
                    "clone '%s' as '%s'".formatted(source.name(), change.name()),
                    new PoolAction.Clone(
                        source.uuid(), source.name(), change.name(), tags, id.text()))
                .undoneBy(new PoolAction.RemoveMade(change.name(), false, id.text())))
        .expect("a writable clone '%s' of '%s'", change.name(), source.name())
        .expect("no data space is taken until one of the two is written to")
        .finished();
  }

  /// A caller's tags, and those by which Lumeo knows its own.
  private static SortedSet<String> tagsOf(
      Collection<String> tags, PlanId id, @Nullable VolumeView origin) {
    var all = new TreeSet<>(tags);
    all.add(OwnTags.MANAGED);
    all.add(OwnTags.run(id));
    if (origin != null) {
      all.add(OwnTags.origin(origin.uuid()));
    }
    return all;
  }

  // --- what grows

  private static Draft<PoolStep> extendVolume(
      PoolState state, PoolDrafting draft, ExtendVolume change) throws StorageFailure {
    var volume = PoolGuards.writable(state, change.volume());
    if (change.fileSystem() == WithFileSystem.GROW) {
      throw seesNoFileSystems();
    }
    PoolGuards.isGrowth("'" + volume.name() + "'", volume.sizeBytes(), change.sizeBytes());
    draft.touching(volume);
    if (change.sizeBytes() == volume.sizeBytes()) {
      return draft.alreadySo("'%s' is as large as that already", volume.name());
    }
    long size = roundUp(draft, change.sizeBytes(), state.pool().dataBlockSizeBytes());
    return draft
        .step(
            PoolStep.of(
                "extend '%s' to %s".formatted(volume.name(), Words.bytes(size)),
                new PoolAction.Extend(volume.uuid(), volume.name(), size)))
        .expect(
            "'%s' has %s instead of %s",
            volume.name(), Words.bytes(size), Words.bytes(volume.sizeBytes()))
        .note("clients see the new size when they connect anew; its file system stays as it is")
        .note("a volume is not made smaller again")
        .finished();
  }

  private static Draft<PoolStep> extendData(
      PoolState state, PoolDrafting draft, ExtendPoolData change) throws StorageFailure {
    PoolGuards.isThisPool(state, change.pool());
    var pool = state.pool();
    PoolGuards.isGrowth("the pool's data", pool.dataSizeBytes(), change.sizeBytes());
    if (change.sizeBytes() == pool.dataSizeBytes()) {
      return draft.alreadySo("the pool's data is as large as that already");
    }
    long size = roundUp(draft, change.sizeBytes(), pool.dataBlockSizeBytes());
    return draft
        .step(
            PoolStep.of(
                "extend the pool's data to %s".formatted(Words.bytes(size)),
                new PoolAction.ExtendData(size)))
        .expect(
            "the pool has %s more for data: %s",
            Words.bytes(size - pool.dataSizeBytes()), Words.bytes(size))
        .note("a pool is not made smaller again")
        .finished();
  }

  private static Draft<PoolStep> extendMetadata(
      PoolState state, PoolDrafting draft, ExtendPoolMetadata change) throws StorageFailure {
    PoolGuards.isThisPool(state, change.pool());
    var pool = state.pool();
    PoolGuards.isGrowth("the pool's metadata", pool.metadataSizeBytes(), change.sizeBytes());
    if (change.sizeBytes() > Volumes.maxMetadataBytes()) {
      throw new Refused(
          "the pool's metadata cannot have %s: the format ends at %s"
              .formatted(Words.bytes(change.sizeBytes()), Words.bytes(Volumes.maxMetadataBytes())));
    }
    if (change.sizeBytes() == pool.metadataSizeBytes()) {
      return draft.alreadySo("the pool's metadata is as large as that already");
    }
    long size = roundUp(draft, change.sizeBytes(), METADATA_BLOCK_BYTES);
    return draft
        .step(
            PoolStep.of(
                "extend the pool's metadata to %s".formatted(Words.bytes(size)),
                new PoolAction.ExtendMetadata(size)))
        .expect(
            "the pool has %s more for metadata: %s",
            Words.bytes(size - pool.metadataSizeBytes()), Words.bytes(size))
        .note("a pool is not made smaller again")
        .finished();
  }

  private static long roundUp(PoolDrafting draft, long bytes, long unit) {
    long rounded = Math.ceilDiv(bytes, unit) * unit;
    if (rounded != bytes) {
      draft.note("%d bytes are rounded up to %d, a multiple of %d", bytes, rounded, unit);
    }
    return rounded;
  }

  // --- what changes

  private static Draft<PoolStep> rollBack(
      PoolState state, PoolDrafting draft, RollBack change, PlanId id) throws StorageFailure {
    var volume = PoolGuards.writable(state, change.volume());
    var snapshot = PoolGuards.volume(state, change.snapshot());
    PoolGuards.isSnapshotOf(state, snapshot, volume);
    PoolGuards.notInUse(state, volume);
    draft.touching(volume).require("'%s' is %s", snapshot.name(), snapshot.uuid());
    var safety = change.safetySnapshot();
    PoolGuards.clockGoesOn(state.pool(), safety == null ? 1 : 2);
    if (safety != null) {
      PoolGuards.hasRoom(state.pool());
      PoolGuards.nameIsFree(state, safety);
      draft
          .step(snapshot(volume, safety, List.of(), id))
          .expect("'%s' keeps what '%s' holds now", safety, volume.name());
    } else {
      draft.note("what '%s' holds now is lost; a safety snapshot would keep it", volume.name());
    }
    draft
        .step(
            PoolStep.of(
                "roll '%s' back to '%s'".formatted(volume.name(), snapshot.name()),
                new PoolAction.RollBack(
                    volume.uuid(),
                    volume.name(),
                    snapshot.uuid(),
                    snapshot.name(),
                    state.pool().snapshotTime())))
        .expect("'%s' is what '%s' is", volume.name(), snapshot.name());
    if (snapshot.sizeBytes() != volume.sizeBytes()) {
      draft.note("'%s' has %s then", volume.name(), Words.bytes(snapshot.sizeBytes()));
    }
    if (!change.keepSnapshot()) {
      useUp(state, draft, snapshot);
    }
    return draft.finished();
  }

  /// Takes away a snapshot that is no longer wanted, if Lumeo made it.
  private static void useUp(PoolState state, PoolDrafting draft, VolumeView snapshot)
      throws StorageFailure {
    if (!snapshot.tags().contains(OwnTags.MANAGED)) {
      draft.note("'%s' stays: no plan of Lumeo's made it and none removes it", snapshot.name());
      return;
    }
    PoolGuards.notInUse(state, snapshot);
    draft
        .touching(snapshot)
        .step(
            PoolStep.of(
                "remove snapshot '%s', which is used up".formatted(snapshot.name()),
                PoolTrash.deletion(snapshot)))
        .expect("'%s' is gone", snapshot.name());
  }

  private static Draft<PoolStep> trim(PoolState state, PoolDrafting draft, Trim change)
      throws StorageFailure {
    var volume = PoolGuards.writable(state, change.volume());
    return draft
        .touching(volume)
        .step(
            PoolStep.of(
                "give the blocks of zeroes of '%s' back to the pool".formatted(volume.name()),
                new PoolAction.Trim(volume.uuid(), volume.name())))
        .expect("whole blocks of '%s' that hold only zeroes are free again", volume.name())
        .note(
            "what a file system has freed and not zeroed it gives back itself: fstrim where it is mounted")
        .finished();
  }

  private static Draft<PoolStep> setDiscards(
      PoolState state, PoolDrafting draft, SetDiscards change) throws StorageFailure {
    PoolGuards.isThisPool(state, change.pool());
    var mode =
        switch (change.mode()) {
          case "passdown" -> DiscardMode.PASSDOWN;
          case "nopassdown" -> DiscardMode.NO_PASSDOWN;
          case "ignore" -> DiscardMode.IGNORE;
          default ->
              throw new Refused(
                  "'%s' says nothing of discards; say ignore, nopassdown or passdown"
                      .formatted(Words.printable(change.mode())));
        };
    var now = state.pool().discard();
    if (now == mode) {
      return draft.alreadySo("the pool does so already");
    }
    return draft
        .step(
            PoolStep.of(
                    "let the pool's discards be '%s'".formatted(change.mode()),
                    new PoolAction.Configure(mode, null, null, null))
                .undoneBy(new PoolAction.Configure(now, null, null, null)))
        .expect("discards: %s", change.mode())
        .finished();
  }

  private static Draft<PoolStep> setSelfExtension(
      PoolState state, PoolDrafting draft, SetSelfExtension change) throws StorageFailure {
    PoolGuards.isThisPool(state, change.pool());
    var pool = state.pool();
    var rule = change.rule();
    var wanted =
        rule == null ? new PoolAction.Configure(null, null, 0L, null) : configure(pool, rule);
    if (wanted.isDone(state)) {
      return draft.alreadySo("the pool does so already");
    }
    if (rule != null) {
      draft.note(
          "the pool extends itself when less than %s are free, by %s at a time; both stay as they are when it grows",
          Words.bytes(Objects.requireNonNull(wanted.lowWaterBytes())),
          Words.bytes(Objects.requireNonNull(wanted.stepBytes())));
    }
    return draft
        .step(
            PoolStep.of(
                    rule == null
                        ? "let the pool no longer extend itself"
                        : "let the pool extend itself up to %s"
                            .formatted(Words.bytes(Objects.requireNonNull(rule.maximumBytes()))),
                    wanted)
                .undoneBy(present(pool)))
        .expect(rule == null ? "the pool stays as large as it is" : "the pool grows when it fills")
        .finished();
  }

  private static PoolAction.Configure configure(
      PoolView pool, io.lumeo.storage.Pool.SelfExtension rule) throws Refused {
    var maximum = rule.maximumBytes();
    if (maximum == null) {
      throw new Refused(
          "a Lumeo pool extends itself only up to a size that is stated; give a maximum");
    }
    if (maximum <= pool.dataSizeBytes()) {
      throw new Refused(
          "the pool has %s and could not grow up to %s; give a larger maximum"
              .formatted(Words.bytes(pool.dataSizeBytes()), Words.bytes(maximum)));
    }
    if (rule.thresholdPercent() < 1 || rule.thresholdPercent() > 99 || rule.stepPercent() < 1) {
      throw new Refused(
          "a threshold of %d %% and a step of %d %% make no sense; give 1 to 99 and at least 1"
              .formatted(rule.thresholdPercent(), rule.stepPercent()));
    }
    long block = pool.dataBlockSizeBytes();
    return new PoolAction.Configure(
        null,
        blocks(pool.dataSizeBytes(), 100 - rule.thresholdPercent(), block),
        blocks(pool.dataSizeBytes(), rule.stepPercent(), block),
        maximum);
  }

  /// A share of a size in whole blocks, at least one.
  private static long blocks(long bytes, int percent, long block) {
    return Math.max(1, Math.ceilDiv(bytes / 100 * percent, block)) * block;
  }

  private static PoolAction.Configure present(PoolView pool) {
    var step = pool.autoExtendStepBytes();
    return new PoolAction.Configure(
        null, pool.lowWaterBytes(), step == null ? 0L : step, pool.autoExtendMaximumBytes());
  }

  private static Draft<PoolStep> activate(PoolState state, PoolDrafting draft, Activate change)
      throws StorageFailure {
    var volume = PoolGuards.volume(state, change.volume());
    if (!change.active()) {
      throw new Unsupported(
          "'%s' cannot be inactive: a Lumeo pool makes no device that would have to go away"
              .formatted(volume.name()));
    }
    return draft.touching(volume).alreadySo("'%s' can be used already", volume.name());
  }

  private static Draft<PoolStep> rename(PoolState state, PoolDrafting draft, Rename change)
      throws StorageFailure {
    var volume = PoolGuards.volume(state, change.volume());
    draft.touching(volume);
    if (volume.name().equals(change.newName())) {
      return draft.alreadySo("'%s' is called so already", volume.name());
    }
    PoolGuards.nameIsFree(state, change.newName());
    return draft
        .step(renaming(volume, change.newName()))
        .expect("'%s' is called '%s'", volume.name(), change.newName())
        .note("clients that are connected stay so; who connects anew uses the new name")
        .finished();
  }

  static PoolStep renaming(VolumeView volume, String newName) {
    return PoolStep.of(
            "rename '%s' to '%s'".formatted(volume.name(), newName),
            new PoolAction.Rename(volume.uuid(), volume.name(), newName))
        .undoneBy(new PoolAction.Rename(volume.uuid(), newName, volume.name()));
  }

  private static Draft<PoolStep> setTags(PoolState state, PoolDrafting draft, SetTags change)
      throws StorageFailure {
    var volume = PoolGuards.volume(state, change.volume());
    PoolGuards.tagsAreOurs(change.add());
    PoolGuards.tagsAreOurs(change.remove());
    var tags = new TreeSet<>(volume.tags());
    tags.removeAll(change.remove());
    tags.addAll(change.add());
    draft.touching(volume);
    if (tags.equals(new TreeSet<>(volume.tags()))) {
      return draft.alreadySo("'%s' has these tags already", volume.name());
    }
    return draft
        .step(tagging(volume, volume.name(), tags))
        .expect("'%s' has the tags %s", volume.name(), String.join(", ", tags))
        .finished();
  }

  /// Replaces the tags of the volume that is called `name` by then.
  static PoolStep tagging(VolumeView volume, String name, SortedSet<String> tags) {
    var before = new TreeSet<>(volume.tags());
    return PoolStep.of(
            "change the tags of '%s'".formatted(name),
            new PoolAction.Tag(volume.uuid(), name, before, tags))
        .undoneBy(new PoolAction.Tag(volume.uuid(), name, tags, before));
  }
}
