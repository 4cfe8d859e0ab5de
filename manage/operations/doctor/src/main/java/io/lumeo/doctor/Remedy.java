package io.lumeo.doctor;

import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.List;

/// The commands that give something more space: as much as is proposed where the group has it, else
/// what it has, else a device for the group first.
record Remedy(Host host) {

  /// More data space for a pool.
  List<String> extendData(Pool pool) {
    if (pool.kind() == Pool.Kind.LUMEO_POOL) {
      return List.of("lumeo pool extend --dir DIR --data-size +" + step(pool.data().sizeBytes()));
    }
    return fromGroup(
        host.groupOf(pool),
        pool.data().sizeBytes(),
        "lvextend -L +%s " + Words.word(host.name(pool)));
  }

  /// More metadata space for a pool: as much again, since it is small and its filling is the worst
  /// that can happen.
  List<String> extendMetadata(Pool pool) {
    var metadata = pool.metadata();
    long size = metadata == null ? 0 : metadata.sizeBytes();
    if (pool.kind() == Pool.Kind.LUMEO_POOL) {
      return List.of("lumeo pool extend --dir DIR --meta-size +" + Words.option(size));
    }
    // The spare grows with it, out of the same group.
    return fromGroup(
        host.groupOf(pool),
        (long) (size / Limits.EXTENSION_STEP),
        "lvextend --poolmetadatasize +%s " + Words.word(host.name(pool)));
  }

  /// A larger store for a classic snapshot, or its removal where there is no room.
  List<String> extendStore(Volume snapshot, long storeBytes) {
    var group = host.groupOf(snapshot);
    return group.isPresent() && room(group.get()) == 0
        ? List.of("lvremove " + Words.word(host.name(snapshot)))
        : group
            .map(
                g -> fromGroup(g, storeBytes, "lvextend -L +%s " + Words.word(host.name(snapshot))))
            .orElse(List.of());
  }

  /// A larger volume with a larger file system.
  List<String> extendVolume(Volume volume) {
    var pool = host.poolOf(volume);
    if (pool.isEmpty()) {
      return List.of();
    }
    var name = Words.word(host.name(volume));
    return switch (pool.get().kind()) {
      // A thin volume is a promise: it takes nothing of the group.
      case THIN_POOL -> List.of("lvextend -r -L +%s %s".formatted(step(volume.sizeBytes()), name));
      case VOLUME_GROUP -> fromGroup(pool.get(), volume.sizeBytes(), "lvextend -r -L +%s " + name);
      case LUMEO_POOL ->
          List.of(
              "lumeo volume resize %s +%s"
                  .formatted(Words.word(volume.name()), step(volume.sizeBytes())));
    };
  }

  /// A further device for a group: one that is free, or one to be found.
  String addDevice(Pool group) {
    var free = host.freeDevices();
    return "vgextend %s %s"
        .formatted(
            Words.word(group.name()), free.isEmpty() ? "DEVICE" : Words.word(free.getFirst()));
  }

  @SuppressWarnings("AnnotateFormatMethod") // a command with a place for the size
  private List<String> fromGroup(Pool group, long sizeBytes, String command) {
    var commands = new ArrayList<String>();
    long unit = Math.max(1, group.unitBytes());
    long wanted = stepBytes(sizeBytes, unit);
    long room = room(group) / unit * unit;
    if (room == 0) {
      commands.add(addDevice(group));
    } else {
      wanted = Math.min(wanted, room);
    }
    commands.add(command.formatted(Words.option(wanted)));
    return commands;
  }

  private static long room(Pool group) {
    return group.data().freeBytes();
  }

  private static String step(long sizeBytes) {
    return Words.option(stepBytes(sizeBytes, 4 << 20));
  }

  /// The proposed step in whole units, at least one.
  static long stepBytes(long sizeBytes, long unit) {
    long wanted = (long) Math.ceil(sizeBytes * Limits.EXTENSION_STEP);
    return Math.max(1, Math.ceilDiv(wanted, unit)) * unit;
  }
}
