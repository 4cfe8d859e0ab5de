package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the kernel says of the volumes of a host that are active: two short commands that take none
/// of LVM's locks and do not make a pool write out its metadata.
final class KernelStatus {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final HostCommands host;

  KernelStatus(HostCommands host) {
    this.host = host;
  }

  /// The status of every active volume that says more than that it is there, by its uuid.
  Map<String, TargetStatus> read() throws StorageFailure {
    var names = names();
    if (names.isEmpty()) {
      return Map.of();
    }
    var statuses =
        StatusParser.parse(
            host.expectSuccess(Command.of("dmsetup", "status", "--noflush").within(DEADLINE)));
    var byVolume = new HashMap<String, TargetStatus>();
    names.forEach((name, uuid) -> {
      var status = statuses.get(name);
      if (status != null && tells(uuid.layer(), status)) {
        byVolume.put(uuid.volume(), status);
      }
    });
    return byVolume;
  }

  /// A volume can have several devices. Its usage is told by the one with the pool, by the hidden
  /// `real` one of an origin, or by the volume itself; the store of a snapshot says nothing.
  private static boolean tells(String layer, TargetStatus status) {
    return List.of("", "tpool", "real").contains(layer) && !(status instanceof TargetStatus.Other);
  }

  /// The devices that are LVM's, by name.
  private Map<String, DeviceMapperUuid> names() throws StorageFailure {
    var output =
        host.expectSuccess(
            Command.of(
                    "dmsetup", "info", "-c", "--noheadings", "--separator", "\t", "-o", "name,uuid")
                .within(DEADLINE));
    var names = new HashMap<String, DeviceMapperUuid>();
    output
        .lines()
        .map(line -> line.split("\t", 2))
        .filter(pair -> pair.length == 2)
        .forEach(pair ->
            DeviceMapperUuid.parse(pair[1].strip())
                .ifPresent(uuid -> names.put(pair[0].strip(), uuid)));
    return names;
  }
}
