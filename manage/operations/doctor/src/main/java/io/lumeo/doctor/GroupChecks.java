package io.lumeo.doctor;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.util.List;

/// What can be wrong with volume groups.
record GroupChecks(Host host, Findings findings) {

  void run() {
    for (var pool : host.inventory().pools()) {
      if (pool.kind() == Pool.Kind.VOLUME_GROUP) {
        health(pool);
        room(pool);
        metadata(pool);
      }
    }
  }

  private void health(Pool group) {
    var reason = group.health().reason();
    switch (group.health().state()) {
      case OK -> {}
      case UNKNOWN ->
          findings.note(
              Trouble.GROUP_NOT_USABLE,
              group.name(),
              reason,
              "Nothing in it is used or looked after here.",
              Words.commandsIn(reason));
      case DEGRADED, OUT_OF_SPACE, READ_ONLY, INVALID, FAILED ->
          findings.critical(
              Trouble.DEVICE_MISSING,
              group.name(),
              reason,
              "%s of it were on %s, and LVM changes little in the group until they are back."
                  .formatted(
                      Words.count(lost(group), "volume"),
                      Words.count(Math.max(1, missing(group)), "missing device")),
              List.of(
                  "pvs -o+pv_uuid,pv_missing",
                  "vgextend --restoremissing %s DEVICE".formatted(Words.word(group.name()))));
    }
  }

  private long missing(Pool group) {
    return host.inventory().devices().stream()
        .filter(device -> device.pool().equals(group.uuid()))
        .filter(Inventory.Device::missing)
        .count();
  }

  private long lost(Pool group) {
    return host.volumesIn(group).stream().filter(volume -> !volume.health().isOk()).count();
  }

  /// A group without free space is as it should be, unless something in it may want more.
  private void room(Pool group) {
    if (!group.health().isOk() || group.data().freeBytes() >= Math.max(1, group.unitBytes())) {
      return;
    }
    boolean growing =
        host.inventory().pools().stream().anyMatch(pool -> group.uuid().equals(pool.parent()))
            || host.volumesIn(group).stream()
                .anyMatch(volume -> volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT);
    findings.add(
        growing ? Severity.WARNING : Severity.NOTE,
        Trouble.GROUP_FULL,
        group.name(),
        "group %s has no extent free".formatted(group.name()),
        growing
            ? "Its thin pools and snapshots cannot be extended when they fill."
            : "Nothing in it can be extended, and no snapshot made.",
        List.of(new Remedy(host).addDevice(group)));
  }

  private void metadata(Pool group) {
    var metadata = group.metadata();
    if (metadata != null && metadata.ratio() >= Limits.GROUP_METADATA) {
      findings.warning(
          Trouble.GROUP_METADATA_FULL,
          group.name(),
          "LVM's own record of group %s fills %s of its place"
              .formatted(group.name(), Words.percent(metadata.ratio())),
          "Each volume and snapshot takes some of it; when it is full, every change is refused.",
          List.of(
              "vgs -o+vg_mda_free,vg_mda_size " + Words.word(group.name()),
              "pvcreate --metadatasize 16M DEVICE",
              "vgextend %s DEVICE".formatted(Words.word(group.name()))));
    }
  }
}
