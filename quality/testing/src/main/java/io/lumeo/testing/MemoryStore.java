package io.lumeo.testing;

import io.lumeo.storage.Capability;
import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a [MemorySystem] holds: groups with thin pools, volumes and snapshots, as plain numbers.
/// Not safe for use by several threads.
final class MemoryStore {
  static final long EXTENT_BYTES = 4L << 20;
  static final String MANAGED = "lumeo.managed";

  final Map<String, Group> groups = new LinkedHashMap<>();
  final Map<String, ThinPool> pools = new LinkedHashMap<>();
  final Map<String, Content> volumes = new LinkedHashMap<>();

  /// Devices of no group that hold something, by their paths.
  final Set<String> devicesInUse = new HashSet<>();

  private int lastUuid;

  static final class Group {
    final String uuid;
    final String name;
    final List<Inventory.Device> devices = new ArrayList<>();
    long sequence = 1;

    Group(String uuid, String name) {
      this.uuid = uuid;
      this.name = name;
    }

    long sizeBytes() {
      return devices.stream().mapToLong(device -> device.usage().sizeBytes()).sum();
    }
  }

  static final class ThinPool {
    final String uuid;
    final String name;
    final Group group;
    long dataBytes;
    long dataUsed;
    long metadataBytes;
    long metadataUsed;
    Pool.@Nullable SelfExtension selfExtension;
    Health health = Health.ok();

    ThinPool(String uuid, String name, Group group) {
      this.uuid = uuid;
      this.name = name;
      this.group = group;
    }
  }

  /// A volume or a snapshot.
  static final class Content {
    final String uuid;
    final Volume.Kind kind;
    final Group group;
    final @Nullable ThinPool pool;
    final @Nullable String origin;
    final Instant createdAt;
    String name;
    long sizeBytes;
    long mappedBytes;
    long storeBytes;
    long storeUsed;
    long fileSystemBytes;
    long fileSystemUsed;
    boolean mounted = true;
    boolean readOnly;
    boolean active = true;
    boolean open;
    boolean readable = true;
    SortedSet<String> tags = new TreeSet<>();

    Content(
        String uuid,
        String name,
        Volume.Kind kind,
        Group group,
        @Nullable ThinPool pool,
        @Nullable String origin,
        Instant createdAt) {
      this.uuid = uuid;
      this.name = name;
      this.kind = kind;
      this.group = group;
      this.pool = pool;
      this.origin = origin;
      this.createdAt = createdAt;
    }

    boolean isSnapshot() {
      return kind == Volume.Kind.CLASSIC_SNAPSHOT || kind == Volume.Kind.THIN_SNAPSHOT;
    }

    boolean isInvalid() {
      return kind == Volume.Kind.CLASSIC_SNAPSHOT && storeUsed >= storeBytes;
    }
  }

  String nextUuid(String prefix) {
    lastUuid++;
    return "%s-%06d".formatted(prefix, lastUuid);
  }

  /// What is given out in a group: pools with their metadata and its spare, thick volumes, stores.
  long usedBytes(Group group) {
    var spare = 0L;
    var used = 0L;
    for (var pool : pools.values()) {
      if (pool.group == group) {
        used += pool.dataBytes + pool.metadataBytes;
        spare = Math.max(spare, pool.metadataBytes);
      }
    }
    for (var volume : volumes.values()) {
      if (volume.group == group) {
        used +=
            switch (volume.kind) {
              case THICK, OTHER -> volume.sizeBytes;
              case CLASSIC_SNAPSHOT -> volume.storeBytes;
              case THIN, THIN_SNAPSHOT -> 0;
            };
      }
    }
    return used + spare;
  }

  long freeBytes(Group group) {
    return group.sizeBytes() - usedBytes(group);
  }

  Inventory inventory(String system, Instant at) {
    var shownPools = new ArrayList<Pool>();
    var devices = new ArrayList<Inventory.Device>();
    for (var group : groups.values()) {
      shownPools.add(shown(group));
      devices.addAll(group.devices);
    }
    pools.values().forEach(pool -> shownPools.add(shown(pool)));
    return new Inventory(
        system,
        at,
        List.copyOf(shownPools),
        volumes.values().stream().map(this::shown).toList(),
        List.copyOf(devices),
        List.of());
  }

  private Pool shown(Group group) {
    return new Pool(
        group.uuid,
        group.name,
        Pool.Kind.VOLUME_GROUP,
        null,
        new Usage(group.sizeBytes(), usedBytes(group)),
        null,
        EXTENT_BYTES,
        group.sequence,
        null,
        new TreeSet<>(),
        Health.ok(),
        EnumSet.of(Capability.ADD_DEVICES, Capability.EXTEND_DATA));
  }

  Pool shown(ThinPool pool) {
    return new Pool(
        pool.uuid,
        pool.name,
        Pool.Kind.THIN_POOL,
        pool.group.uuid,
        new Usage(pool.dataBytes, pool.dataUsed),
        new Usage(pool.metadataBytes, pool.metadataUsed),
        64 << 10,
        pool.group.sequence,
        pool.selfExtension,
        new TreeSet<>(),
        pool.health,
        EnumSet.of(
            Capability.THIN_SNAPSHOT,
            Capability.EXTEND_DATA,
            Capability.EXTEND_METADATA,
            Capability.EXTENDS_ITSELF,
            Capability.TRIM));
  }

  Volume shown(Content volume) {
    return new Volume(
        volume.uuid,
        volume.name,
        volume.pool == null ? volume.group.uuid : volume.pool.uuid,
        volume.kind,
        volume.sizeBytes,
        "/dev/%s/%s".formatted(volume.group.name, volume.name),
        data(volume),
        volume.origin,
        volume.createdAt,
        new TreeSet<>(volume.tags),
        volume.active,
        volume.open,
        volume.readOnly,
        fileSystem(volume),
        volume.isInvalid()
            ? new Health(Health.State.INVALID, volume.name + " has overflowed")
            : Health.ok(),
        capabilities(volume));
  }

  private static @Nullable Usage data(Content volume) {
    return switch (volume.kind) {
      case THICK, OTHER -> null;
      case THIN, THIN_SNAPSHOT -> new Usage(volume.sizeBytes, volume.mappedBytes);
      case CLASSIC_SNAPSHOT ->
          new Usage(volume.storeBytes, Math.min(volume.storeUsed, volume.storeBytes));
    };
  }

  private static @Nullable FileSystem fileSystem(Content volume) {
    return volume.isSnapshot() || volume.fileSystemBytes == 0
        ? null
        : new FileSystem(
            "ext4",
            null,
            volume.mounted ? "/srv/" + volume.name : null,
            volume.mounted ? new Usage(volume.fileSystemBytes, volume.fileSystemUsed) : null);
  }

  private static EnumSet<Capability> capabilities(Content volume) {
    var can =
        switch (volume.kind) {
          case THICK -> EnumSet.of(Capability.CLASSIC_SNAPSHOT, Capability.EXTEND_ONLINE);
          case THIN ->
              EnumSet.of(
                  Capability.THIN_SNAPSHOT,
                  Capability.CLONE,
                  Capability.EXTEND_ONLINE,
                  Capability.TRIM);
          case THIN_SNAPSHOT ->
              EnumSet.of(Capability.THIN_SNAPSHOT, Capability.CLONE, Capability.ROLL_BACK);
          case CLASSIC_SNAPSHOT -> EnumSet.of(Capability.ROLL_BACK);
          case OTHER -> EnumSet.noneOf(Capability.class);
        };
    if (volume.tags.contains(MANAGED)) {
      can.add(Capability.TRASH);
    }
    return can;
  }
}
