package io.lumeo.tuning;

import io.lumeo.commands.Command;
import io.lumeo.lvm.HostCommands;
import io.lumeo.lvm.LvmCommand;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import java.util.List;
import java.util.regex.Pattern;

/// The paths of devices, which become arguments of commands that write to them: nothing passes that
/// does not look like one.
final class Devices {
  private static final Pattern PATH = Pattern.compile("/dev/[A-Za-z0-9_.:@/+-]+");

  private Devices() {}

  /// Guards a path that somebody has given.
  static void check(String path) throws Refused {
    if (!isPath(path)) {
      throw new Refused("'%s' is not the path of a device; name it as /dev/…".formatted(path));
    }
  }

  private static boolean isPath(String text) {
    return PATH.matcher(text).matches() && !text.contains("/../");
  }

  /// Those of a group.
  static List<String> of(HostCommands host, String group) throws StorageFailure {
    var devices =
        host.expectSuccess(
                Command.of(
                    LvmCommand.of(
                        "pvs", "--noheadings", "-o", "pv_name", "--select", "vg_name=" + group)))
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    if (devices.isEmpty() || !devices.stream().allMatch(Devices::isPath)) {
      throw new StorageFailure.CommandFailed(
          "LVM on %s does not say which devices group %s has; if one is missing, bring it back first"
              .formatted(host.host(), group));
    }
    return devices;
  }
}
