package io.lumeo.lvm;

import io.lumeo.storage.OwnTags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A host's state as a [Checkup].
final class CheckupMapping {
  private final HostState state;

  private CheckupMapping(HostState state) {
    this.state = state;
  }

  static Checkup of(String system, HostState state, Checkup.Backups backups) {
    return new CheckupMapping(state).checkup(system, backups);
  }

  private Checkup checkup(String system, Checkup.Backups backups) {
    var groups = new HashMap<String, Checkup.Group>();
    var pools = new HashMap<String, Checkup.ThinPool>();
    var volumes = new HashMap<String, Checkup.LogicalVolume>();
    for (var group : state.report().groups()) {
      groups.put(group.group().uuid(), group(group));
      for (var volume : group.volumes()) {
        if (volume.isThinPool() && !volume.hidden()) {
          pools.put(volume.uuid(), thinPool(volume));
        } else if (InventoryMapping.isShown(volume)) {
          volumes.put(volume.uuid(), volume(volume, group.group()));
        }
      }
    }
    var settings = state.settings();
    return new Checkup(
        InventoryMapping.of(system, state),
        state.version().toString(),
        new Checkup.Watching(
            settings.monitoring(),
            settings.monitorAlive(),
            settings.snapshots().thresholdPercent()),
        backups,
        groups,
        pools,
        volumes,
        devices());
  }

  private Checkup.Group group(LvmReport.Group group) {
    long spare =
        group.volumes().stream()
            .filter(volume -> volume.role().contains("spare"))
            .mapToLong(VolumeRow::sizeBytes)
            .max()
            .orElse(0);
    var moves =
        group.volumes().stream()
            .filter(volume -> volume.attributes().type() == VolumeAttributes.Type.PVMOVE)
            .map(VolumeRow::name)
            .toList();
    return new Checkup.Group(
        spare, InventoryMapping.canBeChanged(group.group(), state.settings().systemId()), moves);
  }

  private Checkup.ThinPool thinPool(VolumeRow pool) {
    var segment = pool.segments().isEmpty() ? null : pool.segments().getFirst();
    var kernel = state.status().get(pool.uuid());
    var running = kernel instanceof TargetStatus.ThinPool status ? status : null;
    return new Checkup.ThinPool(
        segment == null ? "" : segment.discards(),
        segment != null && segment.monitored(),
        pool.profile(),
        segment == null ? OptionalLong.empty() : segment.transactionId(),
        running == null ? OptionalLong.empty() : OptionalLong.of(running.transactionId()),
        running != null && running.metadataSnapshotHeld(),
        pool.checkNeeded().isYes() || (running != null && running.needsCheck()),
        pool.active());
  }

  private Checkup.LogicalVolume volume(VolumeRow volume, GroupRow group) {
    var content = state.contents().get(volume.uuid());
    return new Checkup.LogicalVolume(
        volume.segments().stream().anyMatch(SegmentRow::monitored),
        Diagnosis.isMerging(volume),
        volume.mergeFailed(),
        volume.skipsActivation(),
        volume.suspended().isYes(),
        volume.isClassicSnapshot() ? largestStore(volume, group) : 0,
        fileSystemBytes(content),
        content != null && content.mounted() && content.mountedReadOnly(),
        content != null && content.ambivalent(),
        OwnTags.trashedUntilIn(volume.tags()).orElse(null));
  }

  private static long largestStore(VolumeRow snapshot, GroupRow group) {
    long extent = group.extentBytes();
    return extent == 0 ? 0 : CowStore.of(snapshot.originBytes(), extent).largestExtents() * extent;
  }

  private static @Nullable Long fileSystemBytes(HostState.@Nullable Content content) {
    return content == null ? null : content.sizeBytes();
  }

  private List<Checkup.PhysicalVolume> devices() {
    var all = new ArrayList<DeviceRow>();
    state.report().groups().forEach(group -> all.addAll(group.devices()));
    all.addAll(state.report().freeDevices());
    return all.stream()
        .map(device ->
            new Checkup.PhysicalVolume(
                device.path(),
                device.group(),
                device.sizeBytes(),
                device.freeBytes(),
                device.deviceBytes(),
                device.allocatable(),
                device.duplicate(),
                device.missing()))
        .toList();
  }
}
