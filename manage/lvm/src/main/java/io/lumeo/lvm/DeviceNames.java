package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What LVM calls the block devices of a host, those that it does not use included: of the many
/// names of a device it reports one, which need not be where its links lead to.
record DeviceNames(HostCommands host, List<String> names) {
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  static DeviceNames read(HostCommands host) throws StorageFailure {
    // Asked for their numbers too, LVM lists physical volumes only.
    var listed =
        host.run(
            Command.of(LvmCommand.of("pvs", "-a", "--noheadings", "-o", "pv_name,vg_name"))
                .within(DEADLINE));
    return new DeviceNames(
        host,
        listed
            .stdout()
            .lines()
            .map(line -> line.strip().split(" ", 2)[0])
            .filter(name -> name.startsWith("/"))
            .toList());
  }

  /// The same devices by LVM's names; by the given ones where it has none.
  List<String> of(List<String> paths) throws StorageFailure {
    if (names.isEmpty() || names.containsAll(paths)) {
      return paths;
    }
    var numbers = numbers(paths);
    return paths.stream().map(path -> named(path, numbers)).toList();
  }

  private String named(String path, Map<String, String> numbers) {
    var number = numbers.get(path);
    return names.stream()
        .filter(name -> name.equals(path) || (number != null && number.equals(numbers.get(name))))
        .findFirst()
        .orElse(path);
  }

  /// Device numbers by path. One that is not there is left out.
  private Map<String, String> numbers(List<String> paths) throws StorageFailure {
    var command = new ArrayList<>(List.of("stat", "-L", "-c", "%t:%T %n", "--"));
    command.addAll(paths);
    command.addAll(names);
    var numbers = new HashMap<String, String>();
    for (var line : host.run(Command.of(command).within(DEADLINE)).stdout().lines().toList()) {
      var words = line.split(" ", 2);
      if (words.length == 2) {
        numbers.put(words[1], words[0]);
      }
    }
    return numbers;
  }
}
