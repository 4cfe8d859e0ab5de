package io.lumeo.tuning;

import io.lumeo.commands.Command;
import io.lumeo.lvm.HostCommands;
import io.lumeo.lvm.LvmCommand;
import io.lumeo.storage.StorageFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// Something with the tag of a study: what a study has made, or one before it left when it was
/// killed. The tag was put on by the command that made it.
///
/// @param kind what it is, in the order in which they are removed
/// @param name `group/volume`, or a group's name
/// @param devices those of a group
record Leftover(Kind kind, String uuid, String name, List<String> devices) {
  /// On all that a study makes.
  static final String TAG = "lumeo.tune";

  private static final String SEPARATOR = "\t";

  /// What is no row of a report, such as a message of LVM's, has no such words in front.
  private static final Pattern UUID = Pattern.compile("[A-Za-z0-9-]+");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9+_.][A-Za-z0-9+_./-]*");

  enum Kind {
    SNAPSHOT,
    VOLUME,
    POOL,
    GROUP
  }

  Leftover {
    devices = List.copyOf(devices);
  }

  /// All that bears the tag, in the order in which it is removed.
  static List<Leftover> find(HostCommands host) throws StorageFailure {
    var found = new ArrayList<Leftover>();
    for (var line : report(host, "lvs", "lv_tags", "lv_uuid,lv_full_name,lv_layout,lv_role")) {
      found.add(new Leftover(kind(line[2], line[3]), line[0], line[1], List.of()));
    }
    for (var line : report(host, "vgs", "vg_tags", "vg_uuid,vg_name")) {
      found.add(new Leftover(Kind.GROUP, line[0], line[1], Devices.of(host, line[1])));
    }
    return found.stream().sorted(Comparator.comparing(Leftover::kind)).toList();
  }

  private static Kind kind(String layout, String role) {
    if (layout.contains("pool")) {
      return Kind.POOL;
    }
    return role.contains("snapshot") ? Kind.SNAPSHOT : Kind.VOLUME;
  }

  private static List<String[]> report(
      HostCommands host, String command, String tags, String fields) throws StorageFailure {
    var columns = fields.split(",", -1).length;
    return lines(
            host.expectSuccess(
                Command.of(
                    LvmCommand.of(
                        command,
                        "--noheadings",
                        "--separator",
                        SEPARATOR,
                        "-o",
                        fields,
                        "--select",
                        tags + "={\"" + TAG + "\"}"))))
        .stream()
        .map(line -> line.split(SEPARATOR, -1))
        .filter(words -> words.length == columns)
        .map(words -> Arrays.stream(words).map(String::strip).toArray(String[]::new))
        .filter(words -> UUID.matcher(words[0]).matches() && NAME.matcher(words[1]).matches())
        .toList();
  }

  private static List<String> lines(String output) {
    return output.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  /// Removes it, if it is still what it was: LVM is asked by its uuid and its tag, and refuses what
  /// is open.
  void remove(HostCommands host) throws StorageFailure {
    switch (kind) {
      case POOL -> {
        checkNobodyElse(host);
        removeVolume(host);
      }
      case SNAPSHOT, VOLUME -> removeVolume(host);

      case GROUP -> {
        run(
            host,
            "vgremove",
            "-y",
            "--select",
            "vg_uuid=%s && vg_tags={\"%s\"}".formatted(uuid, TAG));
        for (var device : devices) {
          run(host, "pvremove", "-y", device);
        }
      }
    }
  }

  private void removeVolume(HostCommands host) throws StorageFailure {
    run(host, "lvremove", "-y", "--select", "lv_uuid=%s && lv_tags={\"%s\"}".formatted(uuid, TAG));
  }

  /// A pool goes with all that is in it: nothing may be there that somebody else has made.
  private void checkNobodyElse(HostCommands host) throws StorageFailure {
    var inside =
        lines(
            host.expectSuccess(
                Command.of(
                    LvmCommand.of(
                        "lvs",
                        "--noheadings",
                        "-o",
                        "lv_full_name",
                        "--select",
                        "pool_lv_uuid=" + uuid))));
    if (!inside.isEmpty()) {
      throw new StorageFailure.Refused(
          "the scratch pool %s is not removed: %s is in it, which no study made"
              .formatted(name, String.join(", ", inside)));
    }
  }

  private static void run(HostCommands host, String command, String... arguments)
      throws StorageFailure {
    host.expectSuccess(Command.of(LvmCommand.of(command, arguments)));
  }
}
