package io.lumeo.lvm;

import java.util.ArrayList;
import java.util.List;

/// How LVM is called, always: through the one program, with settings that make its answers the same
/// on every host whatever its `lvm.conf` says.
public final class LvmCommand {

  /// Plain bytes, seconds since the epoch, no prefixes. Tried on 2.03.16 and 2.03.40.
  static final String CONFIG =
      "log/prefix=\"\" log/command_names=0 global/suffix=0 global/units=\"b\""
          + " report/time_format=\"%s\" report/buffered=1";

  private LvmCommand() {}

  /// The argument vector of an LVM command: `lvcreate` and what follows.
  public static List<String> of(String command, String... arguments) {
    return of(command, List.of(arguments));
  }

  /// The argument vector of an LVM command: `lvcreate` and what follows.
  public static List<String> of(String command, List<String> arguments) {
    var all = new ArrayList<>(List.of("lvm", command, "--config", CONFIG));
    all.addAll(arguments);
    return List.copyOf(all);
  }
}
