package io.lumeo.lvm;

import io.lumeo.storage.StorageFailure.Refused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What a file of `vgcfgbackup` says of a group: as much as is needed to know whether going back to
/// it is safe. LVM's text format is sections in braces with `key = value` lines in them, see
/// lvm(8).
///
/// @param volumes those that LVM shows, by uuid; not the invisible ones by which it keeps classic
///   snapshots
/// @param devices the uuids of its physical volumes
record GroupBackup(
    String groupUuid,
    long sequence,
    Map<String, Volume> volumes,
    List<String> devices,
    boolean hasThinPools) {

  private static final Pattern SECTION = Pattern.compile("\\s*([A-Za-z0-9+_.-]+)\\s*\\{.*");
  private static final Pattern VALUE =
      Pattern.compile("\\s*([a-z_0-9]+)\\s*=\\s*\"?([^\"\\[]*?)\"?\\s*(?:#.*)?");

  record Volume(String name, long extents) {}

  static GroupBackup parse(String text) throws Refused {
    var values = values(text);
    var ids = new ArrayList<String>();
    for (var path : values.keySet()) {
      if (path.endsWith("/id")) {
        ids.add(path.substring(0, path.length() - 3));
      }
    }
    var group = ids.stream().filter(path -> path.indexOf('/') < 0).findFirst().orElse("");
    var sequence = values.getOrDefault(group + "/seqno", "");
    if (group.isEmpty() || !sequence.matches("[0-9]{1,18}")) {
      throw new Refused("the file is not a backup of a volume group's metadata");
    }
    var volumes = new TreeMap<String, Volume>();
    var devices = new ArrayList<String>();
    for (var path : ids) {
      if (path.startsWith(group + "/physical_volumes/")) {
        devices.add(values.getOrDefault(path + "/id", ""));
      } else if (path.startsWith(group + "/logical_volumes/")
          && !types(values, path).contains("snapshot")) {
        volumes.put(
            values.getOrDefault(path + "/id", ""),
            new Volume(path.substring(path.lastIndexOf('/') + 1), extents(values, path)));
      }
    }
    boolean thin =
        values.entrySet().stream()
            .anyMatch(e -> e.getKey().endsWith("/type") && e.getValue().startsWith("thin"));
    return new GroupBackup(
        values.getOrDefault(group + "/id", ""), Long.parseLong(sequence), volumes, devices, thin);
  }

  /// Every value by its path: `vg/logical_volumes/data/segment1/type` → `striped`.
  private static Map<String, String> values(String text) {
    var values = new HashMap<String, String>();
    var path = new ArrayList<String>();
    for (var line : text.lines().toList()) {
      var section = SECTION.matcher(line);
      var value = VALUE.matcher(line);
      if (section.matches()) {
        path.add(section.group(1));
      } else if (line.strip().startsWith("}") && !path.isEmpty()) {
        path.removeLast();
      } else if (value.matches()) {
        values.put(String.join("/", path) + "/" + value.group(1), value.group(2));
      }
    }
    return values;
  }

  private static List<String> types(Map<String, String> values, String volume) {
    return segments(values, volume, "type");
  }

  private static long extents(Map<String, String> values, String volume) {
    return segments(values, volume, "extent_count").stream()
        .filter(count -> count.matches("[0-9]{1,15}"))
        .mapToLong(Long::parseLong)
        .sum();
  }

  private static List<String> segments(Map<String, String> values, String volume, String key) {
    return values.entrySet().stream()
        .filter(e -> e.getKey().startsWith(volume + "/segment") && e.getKey().endsWith("/" + key))
        .map(Map.Entry::getValue)
        .toList();
  }
}
