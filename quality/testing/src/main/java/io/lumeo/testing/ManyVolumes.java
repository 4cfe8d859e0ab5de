package io.lumeo.testing;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A host with more volumes than anybody would make for a test: what LVM and the kernel would say
/// of it, in the form of LVM 2.03.31. Volumes lie in thin pools of a hundred, ten pools to a group;
/// every one is active and has an ext4 on it, every third is a snapshot of the one before, every
/// tenth is mounted.
///
/// Answers are made beforehand and given at once, so that what a reader of them takes is its own.
public final class ManyVolumes implements Commands {
  private static final int VOLUMES_OF_POOL = 100;
  private static final int POOLS_OF_GROUP = 10;
  private static final long VOLUME_BYTES = 10L << 30;
  private static final int MAJOR = 254;
  private static final String LETTERS =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  private final List<String> paths;
  private final String report;
  private final String names;
  private final String numbers;
  private final String statuses;
  private final String mounts;
  private final String counters;

  /// So many volumes, not counting pools and what is hidden.
  public ManyVolumes(int count) {
    var pools = IntStream.range(0, (count + VOLUMES_OF_POOL - 1) / VOLUMES_OF_POOL);
    var all = pools.mapToObj(p -> new Pool(p, Math.min(VOLUMES_OF_POOL, count - p * 100))).toList();
    this.paths = all.stream().flatMap(Pool::paths).toList();
    this.report = report(all);
    this.names = lines(all, Pool::names);
    this.numbers = lines(all, Pool::numbers);
    this.statuses = lines(all, Pool::statuses);
    this.mounts =
        "{\"filesystems\": [%s]}"
            .formatted(all.stream().flatMap(Pool::mounts).collect(Collectors.joining(",\n")));
    this.counters = lines(all, Pool::counters);
  }

  /// What `lvm fullreport` says.
  public String report() {
    return report;
  }

  /// The devices of the volumes, as their users name them.
  public List<String> paths() {
    return paths;
  }

  private static String lines(List<Pool> pools, Function<Pool, String> lines) {
    return pools.stream().map(lines).collect(Collectors.joining());
  }

  @Override
  public String host() {
    return "many";
  }

  @Override
  public CommandResult run(Command command) {
    var arguments = command.arguments();
    return answer(
        switch (command.program()) {
          case "lvm" -> lvm(arguments.get(1));
          case "dmsetup" -> dmsetup(arguments);
          case "findmnt" -> mounts;
          case "cat" -> counters;
          case "blkid" -> blkid(arguments);
          case "find" -> spans(arguments);
          default -> "";
        });
  }

  private String lvm(String subcommand) {
    return switch (subcommand) {
      case "version" -> "  LVM version:     2.03.31(2) (2025-02-27)\n";
      case "fullreport" -> report;
      case "lvmconfig" -> "thin_pool_autoextend_threshold=80\nthin_pool_autoextend_percent=20\n";
      default -> "";
    };
  }

  private String dmsetup(List<String> arguments) {
    if (arguments.get(1).equals("status")) {
      return statuses;
    }
    return arguments.getLast().startsWith("major") ? numbers : names;
  }

  private static CommandResult answer(String stdout) {
    return new CommandResult(0, stdout, "", Duration.ZERO, false);
  }

  /// Of a blkid that is new enough to say how far a file system reaches.
  private static String blkid(List<String> arguments) {
    return arguments.stream()
        .filter(argument -> argument.startsWith("/dev/"))
        .map(device ->
            "DEVNAME=%s\nUUID=0-0\nTYPE=ext4\nUSAGE=filesystem\nFSBLOCKSIZE=4096\nFSLASTBLOCK=%d\n\n"
                .formatted(device, VOLUME_BYTES / 4096))
        .collect(Collectors.joining());
  }

  /// Of `dumpe2fs`, run by `find` on one after the other.
  private static String spans(List<String> arguments) {
    return arguments.stream()
        .filter(argument -> argument.startsWith("/dev/"))
        .map(device ->
            "%s\nBlock count:              %d\nBlock size:               4096\n"
                .formatted(device, VOLUME_BYTES / 4096))
        .collect(Collectors.joining());
  }

  private static String report(List<Pool> pools) {
    var groups =
        pools.stream()
            .collect(Collectors.groupingBy(pool -> pool.index / POOLS_OF_GROUP))
            .entrySet()
            .stream()
            .map(entry -> group(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(",\n"));
    return "{\n    \"report\": [\n%s\n    ]\n    ,\n    \"log\": [\n    ]\n}\n".formatted(groups);
  }

  private static String group(int group, List<Pool> pools) {
    return """
    {
        "vg": [%s],
        "pv": [%s],
        "lv": [%s],
        "seg": [%s]
    }\
    """
        .formatted(
            groupRow(group),
            deviceRow(group),
            pools.stream().map(Pool::rows).collect(Collectors.joining(",\n")),
            pools.stream().map(Pool::segments).collect(Collectors.joining(",\n")));
  }

  private static String groupRow(int group) {
    return row(
        "vg_uuid=" + uuid(group, 999, 0),
        "vg_name=vg" + group,
        "vg_attr=wz--n-",
        "vg_size=109951162777600",
        "vg_free=5497558138880",
        "vg_extent_size=4194304",
        "vg_extent_count=26214400",
        "vg_free_count=1310720",
        "vg_seqno=4711",
        "pv_count=1",
        "vg_missing_pv_count=0",
        "vg_tags=",
        "vg_profile=",
        "vg_mda_free=3000000",
        "vg_mda_size=16777216",
        "vg_lock_type=",
        "vg_systemid=",
        "vg_exported=",
        "vg_partial=");
  }

  private static String deviceRow(int group) {
    return row(
        "pv_uuid=" + uuid(group, 998, 0),
        "pv_name=/dev/sd" + group,
        "vg_name=vg" + group,
        "pv_size=109951162777600",
        "pv_free=5497558138880",
        "pv_used=104453604638720",
        "dev_size=109951163826176",
        "pe_start=1048576",
        "pv_attr=a--",
        "pv_missing=",
        "pv_duplicate=",
        "pv_tags=");
  }

  /// A row of JSON of `name=value` pairs.
  private static String row(String... fields) {
    return Stream.of(fields)
        .map(field -> "\"" + field.replaceFirst("=", "\":\"") + "\"")
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /// In LVM's own form, with dashes.
  private static String uuid(int a, int b, int c) {
    return plainUuid(a, b, c)
        .replaceFirst("(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})", "$1-$2-$3-$4-$5-$6-$7");
  }

  private static String plainUuid(int a, int b, int c) {
    var uuid = new StringBuilder("%010d%010d%010d".formatted(a, b, c));
    uuid.append(LETTERS.charAt(a % LETTERS.length())).append(LETTERS.charAt(b % LETTERS.length()));
    return uuid.toString();
  }

  /// A pool with its volumes; its number 0 is the pool itself.
  private record Pool(int index, int count) {
    private int group() {
      return index / POOLS_OF_GROUP;
    }

    private String rows() {
      return IntStream.rangeClosed(0, count)
          .mapToObj(i -> i == 0 ? poolRow() : volumeRow(i))
          .collect(Collectors.joining(",\n"));
    }

    private String poolRow() {
      return row(
          0,
          "lv_name=pool" + index,
          "lv_path=",
          "lv_attr=twi-aotz--",
          "lv_device_open=open",
          "lv_size=" + (1L << 40),
          "lv_metadata_size=4294967296",
          "lv_layout=thin,pool",
          "lv_role=private",
          "pool_lv=",
          "pool_lv_uuid=",
          "origin=",
          "origin_uuid=");
    }

    private String volumeRow(int i) {
      boolean snapshot = isSnapshot(i);
      return row(
          i,
          "lv_name=" + name(i),
          "lv_path=" + path(i),
          "lv_attr=Vwi-a-tz--",
          "lv_device_open=",
          "lv_size=" + VOLUME_BYTES,
          "lv_metadata_size=",
          "lv_layout=thin,sparse",
          "lv_role=" + (snapshot ? "public,snapshot,thinsnapshot" : "public,origin,thinorigin"),
          "pool_lv=pool" + index,
          "pool_lv_uuid=" + uuid(group(), index, 0),
          "origin=" + (snapshot ? name(i - 1) : ""),
          "origin_uuid=" + (snapshot ? uuid(group(), index, i - 1) : ""));
    }

    /// What is the same of all, with what is not.
    private String row(int i, String... own) {
      var fields = new ArrayList<>(List.of(own));
      fields.addAll(
          List.of(
              "lv_uuid=" + uuid(group(), index, i),
              "lv_full_name=vg%d/v%d_%d".formatted(group(), index, i),
              "lv_dm_path=/dev/mapper/" + device(i),
              "vg_name=vg" + group(),
              "data_lv=",
              "metadata_lv=",
              "origin_size=",
              "lv_ancestors=",
              "lv_descendants=",
              "lv_time=1764194540",
              "lv_host=many",
              "lv_tags=lumeo.managed,lumeo.policy#daily",
              "lv_profile=",
              "lv_active=active",
              "lv_permissions=writeable",
              "lv_suspended=",
              "lv_skip_activation=",
              "lv_merging=",
              "lv_converting=",
              "lv_merge_failed=",
              "lv_snapshot_invalid=",
              "lv_check_needed=",
              "lv_health_status=",
              "lv_when_full=",
              "data_percent=42.28",
              "snap_percent=",
              "metadata_percent=",
              "sync_percent=",
              "copy_percent=",
              "raid_sync_action=",
              "raid_mismatch_count=",
              "kernel_discards=passdown",
              "lv_kernel_major=" + MAJOR,
              "lv_kernel_minor=" + minor(i),
              "lv_historical="));
      return ManyVolumes.row(fields.toArray(String[]::new));
    }

    private static boolean isSnapshot(int i) {
      return i % 3 == 0;
    }

    private String name(int i) {
      return "v%d_%d".formatted(index, i);
    }

    private int minor(int i) {
      return index * (VOLUMES_OF_POOL + 1) + i;
    }

    private String segments() {
      return IntStream.rangeClosed(0, count)
          .mapToObj(i ->
              ManyVolumes.row(
                  "lv_uuid=" + uuid(group(), index, i),
                  "segtype=" + (i == 0 ? "thin-pool" : "thin"),
                  "seg_start_pe=0",
                  "seg_size_pe=2560",
                  "stripes=0",
                  "stripe_size=0",
                  "chunk_size=" + (i == 0 ? 65536 : 0),
                  "region_size=0",
                  "thin_count=",
                  "discards=" + (i == 0 ? "passdown" : ""),
                  "zero=zero",
                  "transaction_id=" + (i == 0 ? "100" : ""),
                  "thin_id=" + i,
                  "seg_monitor=monitored",
                  "devices=",
                  "metadata_devices="))
          .collect(Collectors.joining(",\n"));
    }

    private String names() {
      return IntStream.rangeClosed(0, count)
          .mapToObj(i ->
              "%s\tLVM-%s%s%s\n"
                  .formatted(
                      device(i),
                      plainUuid(group(), 999, 0),
                      plainUuid(group(), index, i),
                      i == 0 ? "-tpool" : ""))
          .collect(Collectors.joining());
    }

    private Stream<String> paths() {
      return IntStream.rangeClosed(1, count).mapToObj(this::path);
    }

    private String path(int i) {
      return "/dev/vg%d/%s".formatted(group(), name(i));
    }

    /// What `dmsetup info` says of numbers.
    private String numbers() {
      return IntStream.rangeClosed(0, count)
          .mapToObj(i ->
              "%d\t%d\tLVM-%s%s%s\n"
                  .formatted(
                      MAJOR,
                      minor(i),
                      plainUuid(group(), 999, 0),
                      plainUuid(group(), index, i),
                      i == 0 ? "-tpool" : ""))
          .collect(Collectors.joining());
    }

    private Stream<String> mounts() {
      return IntStream.rangeClosed(1, count)
          .filter(i -> i % 10 == 0)
          .mapToObj(i ->
              ManyVolumes.row(
                  "target=/srv/" + name(i),
                  "source=/dev/mapper/" + device(i),
                  "maj:min=%d:%d".formatted(MAJOR, minor(i)),
                  "fstype=ext4",
                  "options=rw,relatime",
                  "used=4294967296",
                  "avail=5368709120"));
    }

    /// The lines of `/proc/diskstats`.
    private String counters() {
      return IntStream.rangeClosed(0, count)
          .mapToObj(i ->
              "%4d %7d dm-%d 4711 0 301504 1200 8000 0 640000 5400 0 4400 6600 0 0 0 0 12 30\n"
                  .formatted(MAJOR, minor(i), minor(i)))
          .collect(Collectors.joining());
    }

    private String device(int i) {
      return i == 0
          ? "vg%d-pool%d-tpool".formatted(group(), index)
          : "vg%d-%s".formatted(group(), name(i));
    }

    private String statuses() {
      return IntStream.rangeClosed(0, count)
          .mapToObj(i ->
              i == 0
                  ? device(i)
                      + ": 0 2147483648 thin-pool 100 1000/1048576 700000/16777216 - rw"
                      + " discard_passdown queue_if_no_space - 1024\n"
                  : device(i) + ": 0 20971520 thin 8865792 20971519\n")
          .collect(Collectors.joining());
    }
  }
}
