package io.lumeo.tuning;

import static io.lumeo.testing.ScriptedCommands.failure;
import static io.lumeo.testing.ScriptedCommands.success;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.testing.ScriptedCommands;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A host as far as studies know one: groups, volumes and devices in memory, and a fio that is
/// faster with large chunks. What was there before must be there afterwards.
final class ScratchHost implements ScriptedCommands.Script {
  private static final Pattern UUID = Pattern.compile("[lv]v_uuid=(\\S+)|vg_uuid=(\\S+)");

  /// A volume or pool.
  record Volume(
      String uuid,
      String group,
      String name,
      String layout,
      String role,
      String pool,
      boolean tagged) {
    String fullName() {
      return group + "/" + name;
    }
  }

  /// A volume group.
  record Group(String uuid, String name, List<String> devices, boolean tagged) {}

  final Map<String, Volume> volumes = new LinkedHashMap<>();
  final Map<String, Group> groups = new LinkedHashMap<>();
  final List<String> physical = new ArrayList<>();
  final Map<String, String> signatures = new LinkedHashMap<>();
  final List<String> fioDevices = new ArrayList<>();
  String fioVersion = "fio-3.33";
  String vgFree = "107374182400";
  private int created;

  ScratchHost() {
    groups.put("g-vg", new Group("g-vg", "vg", List.of("/dev/sda", "/dev/sdb"), false));
    volumes.put("v-root", new Volume("v-root", "vg", "root", "linear", "public", "", false));
  }

  /// What a study must leave alone and what it must have removed.
  boolean isAsBefore() {
    return volumes.keySet().equals(Set.of("v-root"))
        && groups.keySet().equals(Set.of("g-vg"))
        && physical.isEmpty();
  }

  @Override
  public CommandResult run(Command command) {
    var words = command.arguments();
    return switch (command.program()) {
      case "lvm" -> lvm(words.get(1), words.subList(4, words.size()));
      case "fio" -> fio(words);
      case "dmsetup" -> success("0 131072 thin-pool 2 11/1024 512/1040 - rw no_discard_passdown\n");
      case "test" -> words.get(2).startsWith("/dev/sd") ? success("") : failure(1, "");
      case "blkid" ->
          signatures.containsKey(words.getLast())
              ? success("DEVNAME=x\nTYPE=" + signatures.get(words.getLast()) + "\n")
              : failure(2, "");
      default -> throw new AssertionError("nobody runs " + command);
    };
  }

  private CommandResult fio(List<String> words) {
    if (words.getLast().equals("--version")) {
      return fioVersion.isEmpty() ? failure(127, "fio: not found") : success(fioVersion);
    }
    fioDevices.add(words.get(2).substring("--filename=".length()));
    return success(
        FioReportTest.recorded(
            words.contains("--rw=randread") || words.contains("--rw=read")
                ? "fio-3.33-randread.json"
                : "fio-3.33-randwrite.json"));
  }

  // --- LVM

  private CommandResult lvm(String verb, List<String> words) {
    return switch (verb) {
      case "lvs" -> lvs(after(words, "--select"));
      case "vgs" -> vgs(words);
      case "pvs" -> success(devicesOf(after(words, "--select").substring("vg_name=".length())));
      case "vgcreate" -> vgcreate(words);
      case "lvcreate" -> lvcreate(words);
      case "lvconvert" -> lvconvert(words);
      case "lvchange" -> tagged(words.getLast());
      case "lvremove" -> lvremove(after(words, "--select"));
      case "vgremove" -> vgremove(after(words, "--select"));
      case "pvremove" -> {
        physical.remove(words.getLast());
        yield success("");
      }
      default -> throw new AssertionError("nobody runs lvm " + verb);
    };
  }

  private static String after(List<String> words, String option) {
    int at = words.indexOf(option);
    return at < 0 ? "" : words.get(at + 1);
  }

  private CommandResult lvs(String select) {
    if (select.startsWith("pool_lv_uuid=")) {
      var pool = volumes.get(select.substring("pool_lv_uuid=".length()));
      return success(
          volumes.values().stream()
              .filter(volume -> pool != null && volume.pool().equals(pool.name()))
              .map(volume -> "  " + volume.fullName() + "\n")
              .collect(Collectors.joining()));
    }
    return success(
        volumes.values().stream()
            .filter(Volume::tagged)
            .map(v -> "  %s\t%s\t%s\t%s\n".formatted(v.uuid(), v.fullName(), v.layout(), v.role()))
            .collect(Collectors.joining()));
  }

  private CommandResult vgs(List<String> words) {
    if (words.contains("vg_size,vg_free")) {
      return groups.values().stream().anyMatch(group -> group.name().equals(words.getLast()))
          ? success("  107374182400\t" + vgFree + "\n")
          : failure(5, "Volume group \"%s\" not found".formatted(words.getLast()));
    }
    if (words.contains("vg_free")) {
      return success("  " + vgFree + "\n");
    }
    return success(
        groups.values().stream()
            .filter(Group::tagged)
            .map(group -> "  %s\t%s\n".formatted(group.uuid(), group.name()))
            .collect(Collectors.joining()));
  }

  private String devicesOf(String name) {
    return groups.values().stream()
        .filter(group -> group.name().equals(name))
        .flatMap(group -> group.devices().stream())
        .map(device -> "  " + device + "\n")
        .collect(Collectors.joining());
  }

  private CommandResult vgcreate(List<String> words) {
    var name = words.get(3);
    var devices = words.subList(4, words.size());
    var uuid = "g-" + name.replace('_', '-');
    groups.put(uuid, new Group(uuid, name, devices, words.contains(Leftover.TAG)));
    physical.addAll(devices);
    return success("");
  }

  private CommandResult lvcreate(List<String> words) {
    created++;
    var uuid = "v" + created;
    var type = after(words, "--type");
    boolean snapshot = words.contains("-s");
    var origin = snapshot ? find(words.getLast()) : null;
    var group =
        snapshot
            ? words.getLast().replaceFirst("/.*", "")
            : words.stream()
                .filter(word -> groups.containsKey("g-" + word.replace('_', '-')))
                .reduce((_, last) -> last)
                .orElseThrow(() -> new AssertionError("no group in " + words));
    var layout =
        type.equals("thin-pool")
            ? "thin,pool"
            : type.equals("thin") || (origin != null && origin.layout().startsWith("thin"))
                ? "thin,sparse"
                : "linear";
    var pool = origin == null ? after(words, "--thinpool") : origin.pool();
    volumes.put(
        uuid,
        new Volume(
            uuid,
            group,
            after(words, "-n"),
            layout,
            snapshot ? "public,snapshot" : "public",
            pool,
            words.contains(Leftover.TAG)));
    return success("");
  }

  private Volume find(String fullName) {
    return volumes.values().stream()
        .filter(volume -> volume.fullName().equals(fullName))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + fullName));
  }

  /// The pool takes the name of its data and bears no tag.
  private CommandResult lvconvert(List<String> words) {
    var data = find(words.getLast());
    var metadata = find(after(words, "--poolmetadata"));
    volumes.remove(metadata.uuid());
    volumes.put(
        data.uuid(),
        new Volume(data.uuid(), data.group(), data.name(), "thin,pool", "public", "", false));
    return success("");
  }

  private CommandResult tagged(String fullName) {
    var v = find(fullName);
    volumes.put(
        v.uuid(), new Volume(v.uuid(), v.group(), v.name(), v.layout(), v.role(), v.pool(), true));
    return success("");
  }

  private static String uuidIn(String select) {
    var found = UUID.matcher(select);
    if (!found.find() || !select.contains(Leftover.TAG)) {
      throw new AssertionError("what is removed is named by uuid and tag, not by " + select);
    }
    return found.group(1) == null ? found.group(2) : found.group(1);
  }

  private CommandResult lvremove(String select) {
    var uuid = uuidIn(select);
    var volume = volumes.get(uuid);
    if (volume != null && volume.tagged()) {
      volumes.remove(uuid);
    }
    return success("");
  }

  private CommandResult vgremove(String select) {
    var group = groups.get(uuidIn(select));
    if (group != null && group.tagged()) {
      groups.remove(group.uuid());
      volumes.values().removeIf(volume -> volume.group().equals(group.name()));
    }
    return success("");
  }
}
