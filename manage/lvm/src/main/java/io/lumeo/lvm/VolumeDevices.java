package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.Commands;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which block device of the kernel is which volume or pool: what the kernel counts, it counts by
/// device.
public final class VolumeDevices {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private VolumeDevices() {}

  /// The volumes and thin pools that are active.
  ///
  /// @return number of the device, as `253:7` → uuid
  /// @throws StorageFailure if the host does not answer, or its device mapper does not
  public static Map<String, String> read(Commands commands) throws StorageFailure {
    var output =
        new HostCommands(commands)
            .expectSuccess(
                Command.of(
                        "dmsetup",
                        "info",
                        "-c",
                        "--noheadings",
                        "--separator",
                        "\t",
                        "-o",
                        "major,minor,uuid")
                    .within(DEADLINE));
    var devices = new HashMap<String, String>();
    for (var line : output.lines().toList()) {
      var fields = line.split("\t", 3);
      if (fields.length == 3) {
        DeviceMapperUuid.parse(fields[2].strip())
            .filter(uuid -> isWhatIsWrittenTo(uuid.layer()))
            .ifPresent(
                uuid -> devices.put(fields[0].strip() + ":" + fields[1].strip(), uuid.volume()));
      }
    }
    return devices;
  }

  /// What lies below a volume sees its requests once more, and is not counted.
  private static boolean isWhatIsWrittenTo(String layer) {
    return List.of("", "tpool").contains(layer);
  }
}
