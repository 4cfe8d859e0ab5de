package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What `blkid -p` recognises on a device. It reads the device itself: blkid's cache is often old.
///
/// @param values its words: `TYPE`, `UUID`, `USAGE`, …; empty when it recognised nothing
/// @param ambivalent whether it saw signatures of several types, and so names none
record BlockProbe(Map<String, String> values, boolean ambivalent) {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int NOTHING_FOUND = 2;
  private static final int AMBIVALENT = 8;

  /// How many devices one command is given: an argument vector has its limits.
  private static final int BATCH = 100;

  static final BlockProbe NOTHING = new BlockProbe(Map.of(), false);

  BlockProbe {
    values = Map.copyOf(values);
  }

  String type() {
    return values.getOrDefault("TYPE", values.getOrDefault("PTTYPE", ""));
  }

  String usage() {
    return values.getOrDefault("USAGE", values.containsKey("PTTYPE") ? "partitiontable" : "");
  }

  String uuid() {
    return values.getOrDefault("UUID", "");
  }

  /// What the file system spans of its device, where blkid is new enough to say.
  OptionalLong spannedBytes() {
    try {
      return values.containsKey("FSLASTBLOCK") && values.containsKey("FSBLOCKSIZE")
          ? OptionalLong.of(
              Math.multiplyExact(
                  Long.parseLong(values.get("FSLASTBLOCK")),
                  Long.parseLong(values.get("FSBLOCKSIZE"))))
          : OptionalLong.empty();
    } catch (NumberFormatException | ArithmeticException odd) {
      return OptionalLong.empty();
    }
  }

  /// Looks at devices. `blkid` stops at the first on which it finds nothing, so that one is asked
  /// about alone, and then the rest.
  ///
  /// @param warnings gets a line for each that cannot be read, which is not in the answer
  static Map<String, BlockProbe> all(HostCommands host, List<String> devices, List<String> warnings)
      throws StorageFailure {
    var found = new HashMap<String, BlockProbe>();
    var left = new ArrayDeque<>(devices);
    while (!left.isEmpty()) {
      var result = host.run(command(left.stream().limit(BATCH).toList()));
      found.putAll(parse(result.stdout()));
      boolean anyFound = left.removeIf(found::containsKey);
      if (!left.isEmpty() && (!result.succeeded() || !anyFound)) {
        var device = left.remove();
        try {
          found.put(device, one(host, device));
        } catch (StorageFailure.CommandFailed unreadable) {
          warnings.add(unreadable.getMessage());
        }
      }
    }
    return found;
  }

  /// Looks at one device. One that is not there, or cannot be opened, is one with nothing on it to
  /// `blkid`; whoever is not sure of it must ask before.
  static BlockProbe one(HostCommands host, String device) throws StorageFailure {
    var command = command(List.of(device));
    var result = host.run(command);
    return switch (result.exit()) {
      case 0 -> parse(result.stdout()).getOrDefault(device, NOTHING);
      case AMBIVALENT -> new BlockProbe(Map.of(), true);
      case NOTHING_FOUND -> NOTHING;
      default -> throw host.failed(command, result);
    };
  }

  private static Command command(List<String> devices) {
    var arguments = new ArrayList<>(List.of("blkid", "-p", "-o", "export", "--"));
    arguments.addAll(devices);
    return Command.of(arguments).within(DEADLINE);
  }

  /// `NAME=value` lines, an empty line between devices; a backslash stands before what a shell
  /// would take for its own.
  static Map<String, BlockProbe> parse(String output) {
    var found = new HashMap<String, BlockProbe>();
    var values = new HashMap<String, String>();
    for (var line : (output + "\n\n").split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(
            line.substring(0, equals), line.substring(equals + 1).replaceAll("\\\\(.)", "$1"));
      } else if (values.containsKey("DEVNAME")) {
        found.put(values.get("DEVNAME"), new BlockProbe(values, false));
        values = new HashMap<>();
      }
    }
    return found;
  }
}
