package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// What is mounted on a host, from `findmnt`. It asks each file system how full it is, and one
/// whose server is gone would never answer: so those of networks are left out.
final class MountTable {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final JsonFactory FACTORY = new JsonFactory();

  /// findmnt(8): a type with `no` in front leaves that type out.
  private static final String LOCAL_TYPES =
      "noautofs,nonfs,nonfs4,nocifs,nosmb3,nosmbfs,noceph,noglusterfs,nolustre,noafs,no9p,"
          + "nofuse,nofuse.sshfs,nofuse.glusterfs,noproc,nosysfs,nocgroup,nocgroup2,nodebugfs,"
          + "notracefs,nodevpts";

  static final Command COMMAND =
      Command.of(
              "findmnt",
              "--json",
              "--bytes",
              "--list",
              "--types",
              LOCAL_TYPES,
              "--output",
              "TARGET,SOURCE,MAJ:MIN,FSTYPE,OPTIONS,USED,AVAIL")
          .within(DEADLINE);

  private final List<Mount> mounts;
  private final Map<String, List<Mount>> byDevice;
  private final Map<String, List<Mount>> bySource;

  private MountTable(List<Mount> mounts) {
    this.mounts = List.copyOf(mounts);
    this.byDevice = mounts.stream().collect(Collectors.groupingBy(Mount::device));
    this.bySource =
        mounts.stream().collect(Collectors.groupingBy(mount -> withoutRoot(mount.source())));
  }

  List<Mount> mounts() {
    return mounts;
  }

  static MountTable read(HostCommands host) throws StorageFailure {
    var result = host.run(COMMAND);
    if (result.exit() == 1 && result.stdout().isBlank()) {
      return new MountTable(List.of());
    }
    if (!result.succeeded()) {
      throw host.failed(COMMAND, result);
    }
    try {
      return parse(result.stdout());
    } catch (JacksonException e) {
      throw new StorageFailure.CommandFailed(
          "what findmnt on %s wrote is not JSON: %s".formatted(host.host(), e.getOriginalMessage()),
          e);
    }
  }

  static MountTable parse(String text) {
    var mounts = new ArrayList<Mount>();
    try (var json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        json.nextToken();
        readAll(json, mounts);
      }
    }
    return new MountTable(mounts);
  }

  private static void readAll(JsonParser json, List<Mount> mounts) {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.START_OBJECT) {
      var fields = new HashMap<String, String>();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = json.currentName();
        var token = json.nextToken();
        if (token == JsonToken.START_ARRAY) {
          readAll(json, mounts); // Those mounted below, when it is a tree after all.
        } else if (token != JsonToken.VALUE_NULL) {
          fields.put(name, json.getString());
        }
      }
      mounts.add(mount(fields));
    }
  }

  private static Mount mount(Map<String, String> fields) {
    return new Mount(
        fields.getOrDefault("target", ""),
        fields.getOrDefault("source", ""),
        fields.getOrDefault("maj:min", ""),
        fields.getOrDefault("fstype", ""),
        List.of(fields.getOrDefault("options", "").split(",")),
        number(fields.get("used")),
        number(fields.get("avail")));
  }

  private static @Nullable Long number(@Nullable String text) {
    return text != null && text.matches("\\d{1,18}") ? Long.valueOf(text) : null;
  }

  /// Where a device is mounted, the shortest path first: by its number, or for file systems that
  /// have numbers of their own (btrfs), by its path.
  List<Mount> of(String device, List<String> paths) {
    var found = new LinkedHashSet<>(byDevice.getOrDefault(device, List.of()));
    paths.forEach(path -> found.addAll(bySource.getOrDefault(path, List.of())));
    return found.stream()
        .sorted(
            Comparator.comparingInt((Mount mount) -> mount.target().length())
                .thenComparing(Mount::target))
        .toList();
  }

  /// Of a bind mount or subvolume, `findmnt` names the part: `/dev/vg/data[/part]`.
  private static String withoutRoot(String source) {
    int bracket = source.indexOf('[');
    return bracket < 0 ? source : source.substring(0, bracket);
  }
}
