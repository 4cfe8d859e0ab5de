package io.lumeo.testing;

import io.lumeo.storage.Change;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unsupported;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What each change does to a [MemoryStore], step by step, and what forbids it: the rules of the
/// model, without any host.
final class MemoryPlans {
  private static final List<String> RESERVED =
      List.of("lumeo.managed", "lumeo.run=", "lumeo.origin=", "lumeo.trash=", "lumeo.trash-until=");

  private final MemoryStore store;
  private final Instant now;

  MemoryPlans(MemoryStore store, Instant now) {
    this.store = store;
    this.now = now;
  }

  /// One step: what it is called, and what it does.
  record Effect(String title, Runnable action) {}

  /// The steps of a change, in one group.
  record Draft(MemoryStore.Group group, List<Effect> effects) {
    static Draft of(MemoryStore.Group group, String title, Runnable action) {
      return new Draft(group, List.of(new Effect(title, action)));
    }

    static Draft nothing(MemoryStore.Group group) {
      return new Draft(group, List.of());
    }
  }

  Draft draft(Change change) throws StorageFailure {
    return switch (change) {
      case Change.CreateSnapshot c -> snapshot(c);
      case Change.CreateClone c -> copy(c);
      case Change.CreateVolume c -> throw unsupported(c);
      case Change.CreateThinPool c -> throw unsupported(c);
      case Change.ExtendVolume c -> extendVolume(c);
      case Change.GrowFileSystem c -> growFileSystem(c);
      case Change.ExtendSnapshotStore c -> extendStore(c);
      case Change.ExtendPoolData c -> extendData(c);
      case Change.ExtendPoolMetadata c -> extendMetadata(c);
      case Change.RepairPoolMetadata c -> throw unsupported(c);
      case Change.AddDevices c -> addDevices(c);
      case Change.RollBack c -> rollBack(c);
      case Change.Trim c -> trim(c);
      case Change.SetDiscards c -> throw unsupported(c);
      case Change.Activate c -> activate(c);
      case Change.Rename c -> rename(c);
      case Change.SetTags c -> setTags(c);
      case Change.Trash c -> trash(c);
      case Change.RestoreFromTrash c -> restore(c);
      case Change.Purge c -> purge(c);
      case Change.SetSelfExtension c -> setSelfExtension(c);
      case Change.RestoreGroupMetadata c -> throw unsupported(c);
    };
  }

  private static Unsupported unsupported(Change change) {
    return new Unsupported("no memory system can do " + change.getClass().getSimpleName());
  }

  // --- what is named

  private MemoryStore.Content volume(String uuid) throws NotFound {
    var volume = store.volumes.get(uuid);
    if (volume == null) {
      throw new NotFound("there is no volume %s".formatted(uuid));
    }
    return volume;
  }

  private MemoryStore.ThinPool pool(String uuid) throws NotFound {
    var pool = store.pools.get(uuid);
    if (pool == null) {
      throw new NotFound("there is no pool %s".formatted(uuid));
    }
    return pool;
  }

  private void checkName(MemoryStore.Group group, String name) throws Refused {
    for (var volume : store.volumes.values()) {
      if (volume.group == group && volume.name.equals(name)) {
        throw new Refused("%s/%s already exists".formatted(group.name, name));
      }
    }
  }

  private static void checkTags(SortedSet<String> tags) throws Refused {
    for (var tag : tags) {
      if (RESERVED.stream().anyMatch(tag::startsWith)) {
        throw new Refused("the tag %s is Lumeo's own record".formatted(tag));
      }
    }
  }

  private void checkRoom(MemoryStore.Group group, long bytes) throws OutOfSpace {
    var free = store.freeBytes(group);
    if (bytes > free) {
      throw new OutOfSpace(
          "group %s has %d bytes free and %d are needed".formatted(group.name, free, bytes),
          bytes - free);
    }
  }

  private static long extents(long bytes) {
    var unit = MemoryStore.EXTENT_BYTES;
    return (bytes + unit - 1) / unit * unit;
  }

  // --- snapshots

  private Draft snapshot(Change.CreateSnapshot change) throws StorageFailure {
    var origin = volume(change.volume());
    checkTags(change.tags());
    checkName(origin.group, change.name());
    var size = change.store();
    if (size == null) {
      var pool = thinPoolOf(origin);
      return Draft.of(
          origin.group,
          "take the thin snapshot " + change.name(),
          () -> {
            pool.metadataUsed = Math.min(pool.metadataBytes, pool.metadataUsed + 4096);
            add(origin, change.name(), Volume.Kind.THIN_SNAPSHOT, pool, change.tags()).readOnly =
                change.readOnly();
          });
    }
    if (origin.pool != null) {
      throw new Refused("%s is thin, and takes no classic snapshot".formatted(origin.name));
    }
    var bytes =
        extents(
            switch (size) {
              case Change.StoreSize.Bytes(var fixed) -> fixed;
              case Change.StoreSize.OfOrigin(var percent) -> origin.sizeBytes / 100 * percent;
            });
    checkRoom(origin.group, bytes);
    return Draft.of(
        origin.group,
        "take the classic snapshot " + change.name(),
        () ->
            add(origin, change.name(), Volume.Kind.CLASSIC_SNAPSHOT, null, change.tags())
                    .storeBytes =
                bytes);
  }

  private static MemoryStore.ThinPool thinPoolOf(MemoryStore.Content origin) throws Refused {
    var pool = origin.pool;
    if (pool == null) {
      throw new Refused("%s is not thin, so its snapshot needs a store".formatted(origin.name));
    }
    if (pool.dataUsed >= pool.dataBytes) {
      throw new Refused("pool %s is out of data space".formatted(pool.name));
    }
    return pool;
  }

  private MemoryStore.Content add(
      MemoryStore.Content origin,
      String name,
      Volume.Kind kind,
      MemoryStore.@Nullable ThinPool pool,
      SortedSet<String> tags) {
    var made =
        new MemoryStore.Content(
            store.nextUuid("vol"), name, kind, origin.group, pool, origin.uuid, now);
    made.sizeBytes = origin.sizeBytes;
    made.mappedBytes = origin.mappedBytes;
    made.fileSystemBytes = origin.fileSystemBytes;
    made.fileSystemUsed = origin.fileSystemUsed;
    made.tags = new TreeSet<>(tags);
    made.tags.add(MemoryStore.MANAGED);
    made.active = false;
    store.volumes.put(made.uuid, made);
    return made;
  }

  private Draft copy(Change.CreateClone change) throws StorageFailure {
    var source = volume(change.source());
    checkTags(change.tags());
    checkName(source.group, change.name());
    var pool = thinPoolOf(source);
    return Draft.of(
        source.group,
        "clone " + source.name,
        () ->
            add(source, change.name(), Volume.Kind.THIN, pool, change.tags()).active =
                change.active());
  }

  private Draft rollBack(Change.RollBack change) throws StorageFailure {
    var volume = volume(change.volume());
    var snapshot = volume(change.snapshot());
    if (!volume.uuid.equals(snapshot.origin) || snapshot.isInvalid()) {
      throw new Refused("%s cannot replace %s".formatted(snapshot.name, volume.name));
    }
    var effects = new ArrayList<Effect>();
    var safety = change.safetySnapshot();
    if (safety != null) {
      checkName(volume.group, safety);
      effects.add(
          new Effect(
              "keep what %s holds now".formatted(volume.name),
              () ->
                  add(volume, safety, snapshot.kind, snapshot.pool, new TreeSet<>()).storeBytes =
                      snapshot.storeBytes));
    }
    effects.add(
        new Effect(
            "merge %s into %s".formatted(snapshot.name, volume.name),
            () -> {
              volume.fileSystemUsed = snapshot.fileSystemUsed;
              volume.mappedBytes = snapshot.mappedBytes;
              if (!change.keepSnapshot()) {
                store.volumes.remove(snapshot.uuid);
              }
            }));
    return new Draft(volume.group, effects);
  }

  // --- growth

  private Draft extendVolume(Change.ExtendVolume change) throws StorageFailure {
    var volume = volume(change.volume());
    var size = extents(change.sizeBytes());
    if (size < volume.sizeBytes) {
      throw new Refused("%s is larger already, and is never made smaller".formatted(volume.name));
    }
    if (volume.kind == Volume.Kind.THICK) {
      checkRoom(volume.group, size - volume.sizeBytes);
    }
    var effects = new ArrayList<Effect>();
    if (size > volume.sizeBytes) {
      effects.add(new Effect("extend " + volume.name, () -> volume.sizeBytes = size));
    }
    if (change.fileSystem() == Change.WithFileSystem.GROW) {
      checkMounted(volume);
      if (volume.fileSystemBytes < size) {
        effects.add(
            new Effect(
                "let the file system fill " + volume.name, () -> volume.fileSystemBytes = size));
      }
    }
    return new Draft(volume.group, effects);
  }

  private static void checkMounted(MemoryStore.Content volume) throws Refused {
    if (!volume.mounted) {
      throw new Refused("%s is not mounted".formatted(volume.name));
    }
  }

  private Draft growFileSystem(Change.GrowFileSystem change) throws StorageFailure {
    var volume = volume(change.volume());
    checkMounted(volume);
    return volume.fileSystemBytes >= volume.sizeBytes
        ? Draft.nothing(volume.group)
        : Draft.of(
            volume.group,
            "let the file system fill " + volume.name,
            () -> volume.fileSystemBytes = volume.sizeBytes);
  }

  private Draft extendStore(Change.ExtendSnapshotStore change) throws StorageFailure {
    var snapshot = volume(change.snapshot());
    if (snapshot.isInvalid()) {
      throw new Refused("%s has overflowed".formatted(snapshot.name));
    }
    var size = extents(Math.min(change.sizeBytes(), snapshot.sizeBytes));
    if (size <= snapshot.storeBytes) {
      return Draft.nothing(snapshot.group);
    }
    checkRoom(snapshot.group, size - snapshot.storeBytes);
    return Draft.of(
        snapshot.group, "extend the store of " + snapshot.name, () -> snapshot.storeBytes = size);
  }

  private Draft extendData(Change.ExtendPoolData change) throws StorageFailure {
    var pool = pool(change.pool());
    var size = extents(change.sizeBytes());
    checkRoom(pool.group, size - pool.dataBytes);
    return size <= pool.dataBytes
        ? Draft.nothing(pool.group)
        : Draft.of(pool.group, "extend the data of " + pool.name, () -> pool.dataBytes = size);
  }

  private Draft extendMetadata(Change.ExtendPoolMetadata change) throws StorageFailure {
    var pool = pool(change.pool());
    var size = extents(change.sizeBytes());
    checkRoom(pool.group, 2 * (size - pool.metadataBytes));
    return size <= pool.metadataBytes
        ? Draft.nothing(pool.group)
        : Draft.of(
            pool.group, "extend the metadata of " + pool.name, () -> pool.metadataBytes = size);
  }

  private Draft addDevices(Change.AddDevices change) throws StorageFailure {
    var group = store.groups.get(change.pool());
    if (group == null) {
      throw new NotFound("there is no group %s".formatted(change.pool()));
    }
    for (var device : change.devices()) {
      if (store.devicesInUse.contains(device)) {
        throw new Refused("%s holds something".formatted(device));
      }
    }
    if (group.devices.stream().map(Inventory.Device::path).toList().containsAll(change.devices())) {
      return Draft.nothing(group);
    }
    return Draft.of(
        group,
        "give %s to %s".formatted(String.join(", ", change.devices()), group.name),
        () -> change.devices().forEach(path -> addDevice(group, path, 1L << 30)));
  }

  void addDevice(MemoryStore.Group group, String path, long bytes) {
    group.devices.add(
        new Inventory.Device(store.nextUuid("pv"), path, group.uuid, new Usage(bytes, 0), false));
  }

  private Draft trim(Change.Trim change) throws StorageFailure {
    var volume = volume(change.volume());
    checkMounted(volume);
    var pool = thinPoolOf(volume);
    return Draft.of(
        volume.group,
        "trim " + volume.name,
        () -> {
          var given = Math.max(0, volume.mappedBytes - volume.fileSystemUsed);
          volume.mappedBytes -= given;
          pool.dataUsed -= Math.min(pool.dataUsed, given);
        });
  }

  // --- names, tags, trash

  private Draft activate(Change.Activate change) throws StorageFailure {
    var volume = volume(change.volume());
    return volume.active == change.active()
        ? Draft.nothing(volume.group)
        : Draft.of(volume.group, "activate " + volume.name, () -> volume.active = change.active());
  }

  private Draft rename(Change.Rename change) throws StorageFailure {
    var volume = volume(change.volume());
    checkName(volume.group, change.newName());
    return Draft.of(volume.group, "rename " + volume.name, () -> volume.name = change.newName());
  }

  private Draft setTags(Change.SetTags change) throws StorageFailure {
    var volume = volume(change.volume());
    checkTags(change.add());
    checkTags(change.remove());
    var tags = new TreeSet<>(volume.tags);
    tags.addAll(change.add());
    tags.removeAll(change.remove());
    return tags.equals(volume.tags)
        ? Draft.nothing(volume.group)
        : Draft.of(volume.group, "tag " + volume.name, () -> volume.tags = tags);
  }

  private Draft setSelfExtension(Change.SetSelfExtension change) throws StorageFailure {
    var pool = pool(change.pool());
    return Draft.of(
        pool.group, "let the system extend " + pool.name, () -> pool.selfExtension = change.rule());
  }

  private static void checkRemovable(MemoryStore.Content volume) throws StorageFailure {
    if (!volume.tags.contains(MemoryStore.MANAGED)) {
      throw new Refused("%s was not made by Lumeo".formatted(volume.name));
    }
    if (volume.open) {
      throw new StorageFailure.Busy("%s is open".formatted(volume.name));
    }
  }

  private Draft trash(Change.Trash change) throws StorageFailure {
    var volume = volume(change.volume());
    checkRemovable(volume);
    if (trashed(volume, "lumeo.trash=") != null) {
      return Draft.nothing(volume.group);
    }
    var tags = new TreeSet<>(volume.tags);
    tags.add("lumeo.trash=" + volume.name);
    tags.add("lumeo.trash-until=" + now.plus(change.timeToLive()).getEpochSecond());
    return Draft.of(
        volume.group,
        "put %s in the trash".formatted(volume.name),
        () -> {
          volume.tags = tags;
          volume.name = "lumeo-trash-" + volume.uuid;
        });
  }

  private static @Nullable String trashed(MemoryStore.Content volume, String prefix) {
    return volume.tags.stream()
        .filter(tag -> tag.startsWith(prefix))
        .map(tag -> tag.substring(prefix.length()))
        .findFirst()
        .orElse(null);
  }

  private Draft restore(Change.RestoreFromTrash change) throws StorageFailure {
    var volume = volume(change.volume());
    var name = trashed(volume, "lumeo.trash=");
    if (name == null) {
      throw new Refused("%s is not in the trash".formatted(volume.name));
    }
    checkName(volume.group, name);
    return Draft.of(
        volume.group,
        "take %s out of the trash".formatted(name),
        () -> {
          volume.name = name;
          volume.tags.removeIf(tag -> tag.startsWith("lumeo.trash"));
        });
  }

  private Draft purge(Change.Purge change) throws StorageFailure {
    var volume = volume(change.volume());
    checkRemovable(volume);
    var until = trashed(volume, "lumeo.trash-until=");
    if (until == null) {
      throw new Refused("%s is not in the trash".formatted(volume.name));
    }
    if (now.getEpochSecond() < Long.parseLong(until)) {
      throw new Refused("%s stays in the trash until %s".formatted(volume.name, until));
    }
    return Draft.of(
        volume.group,
        "remove %s for good".formatted(volume.name),
        () -> store.volumes.remove(volume.uuid));
  }
}
