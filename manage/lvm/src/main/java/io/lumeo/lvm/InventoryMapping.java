package io.lumeo.lvm;

import io.lumeo.lvm.HostState.Content;
import io.lumeo.storage.Capability;
import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A host's LVM as the model sees it: groups and thin pools are pools, what users write to are
/// volumes, and the parts that LVM hides stay hidden. Everything is known by its uuid.
final class InventoryMapping {

  /// LVM calls a clone a snapshot too, and forgets an origin when a sibling is merged into it; the
  /// tags that Lumeo gave tell.
  private static final String CLONE_TAG = "lumeo.clone";

  private static final String ORIGIN_TAG = "lumeo.origin=";
  private static final String MANAGED_TAG = "lumeo.managed";

  private final HostState state;

  private InventoryMapping(HostState state) {
    this.state = state;
  }

  static Inventory of(String system, HostState state) {
    return new InventoryMapping(state).inventory(system);
  }

  private Inventory inventory(String system) {
    var pools = new ArrayList<Pool>();
    var volumes = new ArrayList<Volume>();
    var devices = new ArrayList<Inventory.Device>();
    for (var group : state.report().groups()) {
      pools.add(pool(group.group()));
      for (var volume : group.volumes()) {
        if (volume.isThinPool() && !volume.hidden()) {
          pools.add(pool(volume, group.group()));
        } else if (isShown(volume)) {
          volumes.add(volume(volume, group));
        }
      }
      for (var device : group.devices()) {
        devices.add(device(device, group.group().uuid()));
      }
    }
    for (var device : state.report().freeDevices()) {
      devices.add(device(device, ""));
    }
    return new Inventory(system, state.takenAt(), pools, volumes, devices, state.warnings());
  }

  /// What a user sees, and a snapshot that LVM hides because it is being merged.
  static boolean isShown(VolumeRow volume) {
    return !volume.historical() && (!volume.hidden() || Diagnosis.isMerging(volume));
  }

  // --- groups ------------------------------------------------------------------------------------

  private Pool pool(GroupRow group) {
    return new Pool(
        group.uuid(),
        group.name(),
        Pool.Kind.VOLUME_GROUP,
        null,
        new Usage(group.sizeBytes(), group.sizeBytes() - free(group)),
        metadata(group),
        group.extentBytes(),
        group.sequence(),
        null,
        new TreeSet<>(group.tags()),
        Diagnosis.of(group, state.settings().systemId()),
        canBeChanged(group)
            ? EnumSet.of(Capability.ADD_DEVICES, Capability.EXTEND_DATA)
            : Set.of());
  }

  private static long free(GroupRow group) {
    return Math.clamp(group.freeBytes(), 0, group.sizeBytes());
  }

  /// LVM writes a group's metadata anew beside the old, so half of the area is all they can have.
  private static @Nullable Usage metadata(GroupRow group) {
    long room = group.metadataSizeBytes() / 2;
    return room == 0
        ? null
        : new Usage(room, room - Math.clamp(group.metadataFreeBytes(), 0, room));
  }

  /// Not what belongs to another host, is shared with one, or has lost a device.
  static boolean canBeChanged(GroupRow group, String systemId) {
    return group.attributes().writeable()
        && !group.exported()
        && !group.partial()
        && !group.shared()
        && !group.attributes().clustered()
        && !Diagnosis.isForeign(group, systemId);
  }

  private boolean canBeChanged(GroupRow group) {
    return canBeChanged(group, state.settings().systemId());
  }

  // --- thin pools --------------------------------------------------------------------------------

  private Pool pool(VolumeRow pool, GroupRow group) {
    var status = state.status().get(pool.uuid());
    var data = UsageMapping.data(pool, status);
    return new Pool(
        pool.uuid(),
        pool.name(),
        Pool.Kind.THIN_POOL,
        group.uuid(),
        data == null ? new Usage(pool.sizeBytes(), 0) : data,
        UsageMapping.metadata(pool, status),
        UsageMapping.chunkBytes(pool),
        group.sequence(),
        selfExtension(pool, group),
        new TreeSet<>(pool.tags()),
        Diagnosis.ofPool(pool, status),
        capabilities(pool, group));
  }

  private Pool.@Nullable SelfExtension selfExtension(VolumeRow pool, GroupRow group) {
    var rule = state.settings().ruleFor(pool, group);
    boolean watched =
        state.settings().monitorAlive() && pool.segments().stream().anyMatch(SegmentRow::monitored);
    return rule.on()
        ? new Pool.SelfExtension(rule.thresholdPercent(), rule.stepPercent(), watched, null)
        : null;
  }

  private Set<Capability> capabilities(VolumeRow pool, GroupRow group) {
    var can = EnumSet.noneOf(Capability.class);
    if (canBeChanged(group)) {
      can.add(Capability.THIN_SNAPSHOT);
      can.add(Capability.EXTEND_DATA);
      can.add(Capability.EXTEND_METADATA);
      can.add(Capability.EXTENDS_ITSELF);
      if (takesDiscards(pool)) {
        can.add(Capability.TRIM);
      }
    }
    return can;
  }

  private static boolean takesDiscards(VolumeRow pool) {
    return pool.segments().stream().noneMatch(segment -> segment.discards().equals("ignore"));
  }

  // --- volumes -----------------------------------------------------------------------------------

  private Volume volume(VolumeRow volume, LvmReport.Group group) {
    var kind = kind(volume);
    var status = state.status().get(volume.uuid());
    var content = state.contents().get(volume.uuid());
    var health = Diagnosis.ofVolume(volume, status);
    return new Volume(
        volume.uuid(),
        volume.name(),
        volume.poolUuid().isEmpty() ? group.group().uuid() : volume.poolUuid(),
        kind,
        kind == Volume.Kind.CLASSIC_SNAPSHOT ? volume.originBytes() : volume.sizeBytes(),
        volume.path(),
        kind == Volume.Kind.THICK ? null : UsageMapping.data(volume, status),
        origin(volume),
        volume.createdAt(),
        new TreeSet<>(volume.tags()),
        volume.active(),
        volume.open().isYes(),
        volume.readOnly(),
        content == null ? null : fileSystem(content),
        health,
        capabilities(volume, kind, group, content, health));
  }

  private static Volume.Kind kind(VolumeRow volume) {
    if (volume.isClassicSnapshot()) {
      return Volume.Kind.CLASSIC_SNAPSHOT;
    }
    if (volume.isThin()) {
      return isSnapshot(volume) ? Volume.Kind.THIN_SNAPSHOT : Volume.Kind.THIN;
    }
    var layout = volume.layout();
    return !layout.isEmpty() && layout.stream().allMatch(InventoryMapping::isThick)
        ? Volume.Kind.THICK
        : Volume.Kind.OTHER;
  }

  private static boolean isSnapshot(VolumeRow volume) {
    return !volume.tags().contains(CLONE_TAG)
        && (volume.isThinSnapshot() || origin(volume) != null);
  }

  /// lvs(8): what a layout without a pool, a cache or another program's target is made of.
  private static boolean isThick(String layout) {
    return layout.equals("linear")
        || layout.equals("striped")
        || layout.equals("mirror")
        || layout.startsWith("raid");
  }

  private static @Nullable String origin(VolumeRow volume) {
    if (!volume.originUuid().isEmpty()) {
      return volume.originUuid();
    }
    return volume.tags().stream()
        .filter(tag -> tag.startsWith(ORIGIN_TAG))
        .map(tag -> tag.substring(ORIGIN_TAG.length()))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable FileSystem fileSystem(Content content) {
    if (content.type().isEmpty()) {
      return null;
    }
    return new FileSystem(
        content.type(),
        content.uuid().isEmpty() ? null : content.uuid(),
        content.mounted() ? content.mountPoints().getFirst() : null,
        usage(content));
  }

  /// As `df` counts: what only root may still write is neither used nor there.
  private static @Nullable Usage usage(Content content) {
    var used = content.usedBytes();
    var available = content.availableBytes();
    return used == null || available == null ? null : new Usage(used + available, used);
  }

  private Set<Capability> capabilities(
      VolumeRow volume,
      Volume.Kind kind,
      LvmReport.Group group,
      @Nullable Content content,
      Health health) {
    var can = EnumSet.noneOf(Capability.class);
    if (!canBeChanged(group.group()) || volume.hidden()) {
      return can;
    }
    boolean usable =
        health.state() != Health.State.INVALID && health.state() != Health.State.FAILED;
    switch (kind) {
      case THICK -> {
        can.add(Capability.CLASSIC_SNAPSHOT);
        if (!volume.hasClassicSnapshots()) {
          can.add(Capability.EXTEND_ONLINE);
        }
      }
      case THIN -> {
        can.addAll(List.of(Capability.THIN_SNAPSHOT, Capability.CLONE));
        if (!volume.hasClassicSnapshots()) {
          can.add(Capability.EXTEND_ONLINE);
        }
      }
      case THIN_SNAPSHOT -> {
        can.addAll(List.of(Capability.THIN_SNAPSHOT, Capability.CLONE));
        if (usable && !volume.originUuid().isEmpty()) {
          can.add(Capability.ROLL_BACK);
        }
      }
      case CLASSIC_SNAPSHOT -> {
        if (usable) {
          can.add(Capability.ROLL_BACK);
        }
      }
      case OTHER -> {
        // Shown only: nobody here knows what is safe with it.
        return can;
      }
    }
    if (volume.tags().contains(MANAGED_TAG)) {
      can.add(Capability.TRASH);
    }
    if (content != null
        && content.mounted()
        && !content.mountedReadOnly()
        && isTrimmed(volume, group)) {
      can.add(Capability.TRIM);
    }
    return can;
  }

  private static boolean isTrimmed(VolumeRow volume, LvmReport.Group group) {
    return volume.isThin()
        && group.volumes().stream()
            .filter(other -> other.uuid().equals(volume.poolUuid()))
            .allMatch(InventoryMapping::takesDiscards);
  }

  // --- devices -----------------------------------------------------------------------------------

  private static Inventory.Device device(DeviceRow device, String pool) {
    long used = pool.isEmpty() ? 0 : device.sizeBytes() - device.freeBytes();
    return new Inventory.Device(
        device.uuid(),
        device.path(),
        pool,
        new Usage(device.sizeBytes(), Math.clamp(used, 0, device.sizeBytes())),
        device.missing());
  }
}
