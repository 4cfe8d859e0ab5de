package io.lumeo.lvm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.Json;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/// A host with one volume group, in memory: as much of LVM and of the file-system tools as plans
/// use, in the way that they were seen to behave. It knows nothing of plans.
///
/// Its commands can be made to fail, hang, be killed or answer garbage, one [Trouble] at the n-th
/// command.
public final class SimulatedHost implements Commands {
  public static final long EXTENT = 4L << 20;
  public static final String GROUP = "vg";
  static final String GROUP_UUID = "GroupU-0000-0000-0000-0000-0000-000001";

  /// What can befall a command.
  public enum Trouble {
    FAILS,
    FAILS_HAVING_DONE_IT,
    HANGS,
    HANGS_HAVING_DONE_IT,
    HANGS_IN_THE_KERNEL,
    UNREACHABLE,
    UNREACHABLE_HAVING_DONE_IT,
    NOT_STARTED,
    GARBAGE,
    KILLS_US,
    KILLS_US_HAVING_DONE_IT
  }

  /// The process that runs the plan is no more.
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  public static final class Lv {
    final String uuid;
    String name;
    long extents;
    long metadataExtents;
    String pool = "";
    String origin = "";
    String kind;
    boolean active = true;
    boolean open;
    boolean skip;
    boolean readOnly;
    boolean hidden;
    boolean merging;
    boolean invalid;
    boolean monitored;
    String discards = "passdown";
    String profile = "";
    String data = "10.00";
    String metadata = "10.00";
    String health = "";
    boolean checkNeeded;
    String content = "";
    long contentBytes;
    String mount = "";
    boolean mountedReadOnly;
    final TreeSet<String> tags = new TreeSet<>();

    /// Its name now.
    public String name() {
      return name;
    }

    /// Another name, put there by somebody else.
    public Lv called(String other) {
      name = other;
      return this;
    }

    /// Nobody uses it any more.
    public Lv unmounted() {
      mount = "";
      open = false;
      return this;
    }

    /// It is a snapshot of that volume.
    public Lv of(String volume) {
      origin = volume;
      return this;
    }

    Lv(String uuid, String name, String kind, long extents) {
      this.uuid = uuid;
      this.name = name;
      this.kind = kind;
      this.extents = extents;
    }

    public Lv with(String type, String mountPoint) {
      content = type;
      contentBytes = extents * EXTENT;
      mount = mountPoint;
      open = !mountPoint.isEmpty();
      return this;
    }

    public Lv tagged(String... more) {
      tags.addAll(List.of(more));
      return this;
    }
  }

  final Map<String, Lv> volumes = new LinkedHashMap<>();
  final Map<String, Long> devices = new TreeMap<>();
  final Map<String, String> files = new TreeMap<>();
  private final Set<String> folders = new TreeSet<>();
  final TreeSet<String> blankDevices = new TreeSet<>();

  /// What LVM calls a device that has another name as well.
  final Map<String, String> links = new TreeMap<>();

  final TreeSet<String> missingTools = new TreeSet<>();
  final List<List<String>> changes = new ArrayList<>();
  final List<String> programs = new ArrayList<>();
  final Map<String, String> groupFields = new TreeMap<>();
  long sequence = 7;
  int threshold = 100;

  private Consumer<List<String>> beforeChange = arguments -> {};
  private int uuids;
  private int countdown = -1;
  private @Nullable Trouble trouble;

  public SimulatedHost() {
    devices.put("/dev/sda", 1000L);
    devices.put("/dev/sdb", 1000L);
  }

  public void beforeEachChange(Consumer<List<String>> hook) {
    beforeChange = hook;
  }

  /// Lets that befall the n-th command from now.
  public void inject(Trouble what, int commandsFromNow) {
    trouble = what;
    countdown = commandsFromNow;
  }

  public void heal() {
    countdown = -1;
  }

  Lv add(String name, String kind, long extents) {
    var lv = new Lv("Volume-0000-0000-0000-0000-0000-%06d".formatted(++uuids), name, kind, extents);
    volumes.put(lv.uuid, lv);
    return lv;
  }

  public Lv thick(String name, long extents) {
    return add(name, "linear", extents);
  }

  public Lv pool(String name, long extents) {
    var pool = add(name, "thin-pool", extents);
    pool.metadataExtents = 4;
    return pool;
  }

  public Lv thin(String name, String pool, long extents) {
    var lv = add(name, "thin", extents);
    lv.pool = pool;
    return lv;
  }

  public Lv classic(String name, String origin, long extents) {
    var lv = add(name, "snapshot", extents);
    lv.origin = origin;
    return lv;
  }

  public Lv named(String name) {
    return find(name).orElseThrow(() -> new AssertionError("no volume " + name));
  }

  public Optional<Lv> find(String name) {
    return volumes.values().stream().filter(lv -> lv.name.equals(name)).findFirst();
  }

  /// A device that is there and holds nothing.
  public SimulatedHost withBlankDevice(String path) {
    blankDevices.add(path);
    return this;
  }

  /// A backup of the group's metadata as they are now.
  public SimulatedHost withBackup(String file) {
    files.put(file, backupText());
    return this;
  }

  /// Lets the data of a pool or snapshot be so full, in percent with two decimals.
  public void fill(String name, String percent) {
    named(name).data = percent;
  }

  /// Removes a volume behind everybody's back.
  public void lose(Lv lv) {
    volumes.remove(lv.uuid);
  }

  /// All that can be told apart of the volumes.
  public String shape() {
    var text = new StringBuilder(devices.keySet() + "\n");
    for (var lv : volumes.values()) {
      text.append(
          "%s %s %d %d %s %s %s %b %s\n"
              .formatted(
                  lv.name,
                  lv.kind,
                  lv.extents,
                  lv.metadataExtents,
                  lv.tags,
                  lv.discards,
                  lv.profile,
                  lv.active,
                  lv.origin));
    }
    return text.toString();
  }

  @Override
  public String host() {
    return "simulated";
  }

  @Override
  public synchronized CommandResult run(Command command)
      throws CommandFailure, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    var arguments = command.arguments();
    programs.add(arguments.getFirst());
    boolean now = countdown == 0;
    countdown = countdown < 0 ? countdown : countdown - 1;
    if (!now || trouble == null) {
      return execute(command);
    }
    return switch (trouble) {
      case FAILS -> failed("  Something is wrong.");
      case FAILS_HAVING_DONE_IT -> {
        execute(command);
        yield failed("  Something is wrong.");
      }
      case HANGS -> throw new CommandFailure.TimedOut(command + " did not end in time");
      case HANGS_HAVING_DONE_IT -> {
        execute(command);
        throw new CommandFailure.TimedOut(command + " did not end in time");
      }
      case HANGS_IN_THE_KERNEL -> throw new CommandFailure.Stuck(command + " hangs in the kernel");
      case UNREACHABLE -> throw new CommandFailure.Unreachable("the host does not answer");
      case UNREACHABLE_HAVING_DONE_IT -> {
        execute(command);
        throw new CommandFailure.Unreachable("the host does not answer");
      }
      case NOT_STARTED -> throw new CommandFailure.NotStarted(command + " could not be started");
      case GARBAGE -> ok("\u0000\u001b[31m{\"report\": [garbage");
      case KILLS_US -> throw new Killed();
      case KILLS_US_HAVING_DONE_IT -> {
        execute(command);
        throw new Killed();
      }
    };
  }

  private static CommandResult ok(String stdout) {
    return new CommandResult(0, stdout, "", Duration.ofMillis(1), false);
  }

  private static CommandResult failed(String stderr) {
    return failed(5, stderr);
  }

  private static CommandResult failed(int exit, String stderr) {
    return new CommandResult(exit, "", stderr, Duration.ofMillis(1), false);
  }

  private CommandResult execute(Command command) throws CommandFailure {
    var a = command.arguments();
    if (missingTools.contains(a.getFirst())) {
      throw new CommandFailure.NotStarted(a.getFirst() + " is not there");
    }
    if (a.getFirst().equals("lvm")) {
      return lvm(a.get(1), withoutConfig(a.subList(2, a.size())));
    }
    return switch (a.getFirst()) {
      case "test" -> isThere(a) ? ok("") : failed(1, "");
      case "pgrep", "pidof", "touch", "unshare", "rmdir" -> ok("");
      case "dmsetup" -> ok("");
      case "findmnt" -> findmnt();
      case "blkid" -> blkid(a);
      case "dumpe2fs", "xfs_info" -> span(a.getFirst(), a.getLast());
      case "mkdir" -> {
        folders.add(a.getLast());
        yield ok("");
      }
      case "tee" -> tee(a, text(command.input()));
      case "cat" ->
          files.containsKey(a.getLast()) ? ok(files.get(a.getLast())) : failed(1, "cat: no file");
      case "ls" ->
          ok(
              String.join(
                  "\n",
                  files.keySet().stream()
                      .filter(file -> file.startsWith(a.getLast() + "/"))
                      .map(file -> file.substring(a.getLast().length() + 1))
                      .toList()));
      case "rm" -> {
        a.forEach(files::remove);
        yield ok("");
      }
      case "stat" ->
          ok(
              a.subList(a.indexOf("--") + 1, a.size()).stream()
                  .map(path ->
                      "8:%x %s\n".formatted(links.getOrDefault(path, path).hashCode(), path))
                  .collect(Collectors.joining()));
      case "resize2fs", "xfs_growfs" -> grow(a);
      case "grep" -> failed(1, ""); // LVM keeps no backups here
      case "find" -> a.contains("-exec") ? spans(a) : ok("");
      case "e2fsck" -> ok("clean");
      case "fstrim" -> {
        change(a);
        yield ok(a.getLast() + ": 12 MiB (12582912 bytes) trimmed\n");
      }
      case "mount", "umount", "nsenter", "xfs_repair" -> ok("");
      default -> throw new CommandFailure.NotStarted(a.getFirst() + " is not there");
    };
  }

  private static List<String> withoutConfig(List<String> arguments) {
    return arguments.size() > 1 && arguments.getFirst().equals("--config")
        ? arguments.subList(2, arguments.size())
        : arguments;
  }

  private void change(List<String> arguments) {
    beforeChange.accept(arguments);
    changes.add(arguments);
  }

  private CommandResult findmnt() {
    var mounts = Json.MAPPER.createArrayNode();
    for (var lv : volumes.values()) {
      if (!lv.mount.isEmpty()) {
        mounts.add(
            Json.object()
                .put("target", lv.mount)
                .put("source", device(lv))
                .put("maj:min", "254:1")
                .put("fstype", lv.content)
                .put("options", lv.mountedReadOnly ? "ro,relatime" : "rw,relatime")
                .put("used", 4096)
                .put("avail", 4096));
      }
    }
    return ok(Json.object().set("filesystems", mounts).toString());
  }

  private static String device(Lv lv) {
    return "/dev/" + GROUP + "/" + lv.name;
  }

  private CommandResult blkid(List<String> a) {
    var text = new StringBuilder();
    for (var path : a.subList(a.indexOf("--") + 1, a.size())) {
      var lv = volumes.values().stream().filter(v -> device(v).equals(path)).findFirst();
      if (lv.isEmpty() && !blankDevices.contains(path)) {
        return failed(2, "blkid: error: " + path + ": No such file or directory");
      }
      if (lv.isPresent() && !lv.get().content.isEmpty()) {
        text.append(
            "DEVNAME=%s\nUUID=u\nTYPE=%s\nUSAGE=filesystem\n\n".formatted(path, lv.get().content));
      }
    }
    return text.isEmpty() ? failed(2, "") : ok(text.toString());
  }

  private boolean isThere(List<String> a) {
    var path = a.getLast();
    return !a.contains("-b")
        || blankDevices.contains(path)
        || devices.containsKey(path)
        || volumes.values().stream().anyMatch(lv -> device(lv).equals(path));
  }

  /// `find PLACE… -maxdepth 0 -print -exec TOOL … {} ;`
  private CommandResult spans(List<String> a) {
    var tool = a.get(a.indexOf("-exec") + 1);
    if (missingTools.contains(tool)) {
      return failed(1, "find: '%s': No such file or directory".formatted(tool));
    }
    return ok(
        a.subList(1, a.indexOf("-maxdepth")).stream()
            .map(place -> place + "\n" + span(tool, place).stdout())
            .collect(Collectors.joining()));
  }

  private CommandResult span(String tool, String place) {
    var form =
        tool.equals("dumpe2fs")
            ? "Block count: %d\nBlock size: 4096\n"
            : "data     =      bsize=4096   blocks=%d, imaxpct=25\n";
    return volumes.values().stream()
        .filter(lv -> device(lv).equals(place) || lv.mount.equals(place))
        .findFirst()
        .map(lv -> ok(form.formatted(lv.contentBytes / 4096)))
        .orElse(failed(1, "no such"));
  }

  private static String text(@Nullable ByteBuffer input) {
    return input == null ? "" : UTF_8.decode(input.duplicate()).toString();
  }

  private CommandResult tee(List<String> a, String input) {
    var file = a.getLast();
    change(a);
    if (!folders.contains(file.substring(0, file.lastIndexOf('/')))) {
      return failed(1, "tee: %s: No such file or directory".formatted(file));
    }
    files.put(file, input);
    return ok(input);
  }

  private CommandResult grow(List<String> a) {
    if (a.contains("-V")) {
      return ok("version");
    }
    var place = a.getLast();
    for (var lv : volumes.values()) {
      if (device(lv).equals(place) || (!lv.mount.isEmpty() && lv.mount.equals(place))) {
        change(a);
        lv.contentBytes = lv.extents * EXTENT;
        return ok("grown");
      }
    }
    return failed(1, a.getFirst() + ": no such place");
  }

  // --- LVM

  private CommandResult lvm(String command, List<String> a) {
    return switch (command) {
      case "version" -> ok("  LVM version:     2.03.16(2) (2022-05-18)\n");
      case "systemid" -> ok("  system ID: \n");
      case "lvmconfig" ->
          ok(
              """
              thin_pool_autoextend_threshold=%d
              thin_pool_autoextend_percent=20
              snapshot_autoextend_threshold=100
              snapshot_autoextend_percent=20
              monitoring=1
              profile_dir="/etc/lvm/profile"
              """
                  .formatted(threshold));
      case "fullreport" -> ok(report());
      case "vgcfgbackup" -> {
        files.put(a.get(1), backupText());
        yield ok("");
      }
      case "pvs" ->
          ok(
              Stream.concat(devices.keySet().stream(), blankDevices.stream())
                  .map(name -> "  " + name + "\n")
                  .collect(Collectors.joining()));
      case "lvcreate" -> lvcreate(a);
      case "lvextend" -> lvextend(a);
      case "lvremove" -> lvremove(a);
      case "lvrename" -> lvrename(a);
      case "lvchange" -> lvchange(a);
      case "lvconvert" -> lvconvert(a);
      case "lvpoll" -> {
        change(a);
        endMerge(named(bare(a.getLast())), "snapshot");
        yield ok("");
      }
      case "vgextend" -> {
        change(a);
        sequence++;
        devices.put(links.getOrDefault(a.get(1), a.get(1)), 500L);
        yield ok("");
      }
      case "vgreduce" -> {
        change(a);
        sequence++;
        devices.remove(a.get(1));
        yield ok("");
      }
      default -> failed(2, "No such command '" + command + "'");
    };
  }

  private long free() {
    long used =
        volumes.values().stream()
            .filter(lv -> !lv.kind.equals("thin"))
            .mapToLong(lv -> lv.extents + 2 * lv.metadataExtents)
            .sum();
    return devices.values().stream().mapToLong(Long::longValue).sum() - used;
  }

  private CommandResult noRoom(long needed) {
    return failed(
        "  Insufficient free space: %d extents needed, but only %d available"
            .formatted(needed, free()));
  }

  private static String option(List<String> a, String name) {
    int at = a.indexOf(name);
    return at < 0 ? "" : a.get(at + 1);
  }

  private static List<String> options(List<String> a, String name) {
    var values = new ArrayList<String>();
    for (int i = 0; i < a.size() - 1; i++) {
      if (a.get(i).equals(name)) {
        values.add(a.get(i + 1));
      }
    }
    return values;
  }

  private static long extentsOf(String bytes) {
    if (!bytes.endsWith("b")) {
      throw new AssertionError("not plain bytes: " + bytes);
    }
    return Long.parseLong(bytes.substring(0, bytes.length() - 1)) / EXTENT;
  }

  private static String bare(String full) {
    return full.substring(full.indexOf('/') + 1);
  }

  private CommandResult lvcreate(List<String> a) {
    var name = option(a, "-n");
    if (find(name).isPresent()) {
      return failed("  Logical Volume \"%s\" already exists in volume group".formatted(name));
    }
    boolean thin = a.contains("-T") || (a.contains("-s") && !a.contains("-l"));
    long extents = a.contains("-l") ? Long.parseLong(option(a, "-l")) : 0;
    if (!thin && extents > free()) {
      return noRoom(extents);
    }
    change(a);
    sequence++;
    Lv made;
    if (a.contains("-T")) {
      made = thin(name, bare(a.getLast()), extentsOf(option(a, "-V")));
    } else if (a.contains("-s")) {
      var origin = named(bare(a.getLast()));
      made = thin ? thin(name, origin.pool, origin.extents) : classic(name, origin.name, extents);
      made.origin = origin.name;
      made.skip = a.contains("-ky");
      made.active = !made.skip;
      made.content = origin.content;
      made.contentBytes = origin.contentBytes;
    } else if (option(a, "--type").equals("thin-pool")) {
      made = pool(name, extents);
      made.metadataExtents = extentsOf(option(a, "--poolmetadatasize"));
    } else {
      made = thick(name, extents);
    }
    made.readOnly = a.contains("-pr");
    made.tags.addAll(options(a, "--addtag"));
    return ok("");
  }

  private CommandResult lvextend(List<String> a) {
    var lv = named(bare(a.getLast()));
    if (a.contains("--poolmetadatasize")) {
      change(a);
      sequence++;
      lv.metadataExtents = extentsOf(option(a, "--poolmetadatasize"));
      return ok("");
    }
    long extents = Long.parseLong(option(a, "-l"));
    if (extents <= lv.extents) {
      return failed(
          "  New size given (%d extents) not larger than existing size (%d extents)"
              .formatted(extents, lv.extents));
    }
    if (lv.active && volumes.values().stream().anyMatch(s -> isClassicOf(s, lv))) {
      return failed("  Snapshot origin volumes can be resized only while inactive");
    }
    if (!lv.kind.equals("thin") && extents - lv.extents > free()) {
      return noRoom(extents - lv.extents);
    }
    change(a);
    sequence++;
    lv.extents = extents;
    return ok("");
  }

  private static boolean isClassicOf(Lv snapshot, Lv origin) {
    return snapshot.kind.equals("snapshot") && snapshot.origin.equals(origin.name);
  }

  private CommandResult lvremove(List<String> a) {
    var lv = find(bare(a.getLast()));
    if (lv.isEmpty()) {
      return failed("  Failed to find logical volume \"%s\"".formatted(a.getLast()));
    }
    if (lv.get().open) {
      return failed("  Logical volume %s in use.".formatted(a.getLast()));
    }
    change(a);
    sequence++;
    volumes.remove(lv.get().uuid);
    return ok("");
  }

  private CommandResult lvrename(List<String> a) {
    if (find(a.get(1)).isEmpty() || find(a.get(2)).isPresent()) {
      return failed("  Logical Volume \"%s\" already exists".formatted(a.get(2)));
    }
    change(a);
    sequence++;
    var lv = named(a.get(1));
    for (var other : volumes.values()) {
      if (other.origin.equals(lv.name)) {
        other.origin = a.get(2);
      }
      if (other.pool.equals(lv.name)) {
        other.pool = a.get(2);
      }
    }
    lv.name = a.get(2);
    return ok("");
  }

  private CommandResult lvchange(List<String> a) {
    var lv = named(bare(a.getLast()));
    if (a.contains("-ay")) {
      if (lv.skip && !a.contains("-K")) {
        return ok(""); // LVM says nothing and does nothing
      }
      change(a);
      lv.active = true;
      return ok("");
    }
    if (a.contains("-an")) {
      if (lv.open) {
        return failed("  Logical volume %s in use.".formatted(a.getLast()));
      }
      change(a);
      lv.active = false;
      return ok("");
    }
    change(a);
    sequence++;
    if (a.contains("--refresh")) {
      endMerge(lv, "thin"); // that of a classic snapshot has only begun
    }
    lv.tags.removeAll(options(a, "--deltag"));
    lv.tags.addAll(options(a, "--addtag"));
    if (a.contains("--discards")) {
      lv.discards = option(a, "--discards");
    }
    if (a.contains("--metadataprofile")) {
      lv.profile = option(a, "--metadataprofile");
    }
    if (a.contains("--detachprofile")) {
      lv.profile = "";
    }
    if (a.contains("--monitor")) {
      lv.monitored = true;
    }
    return ok("");
  }

  private void endMerge(Lv origin, String kind) {
    boolean ended =
        volumes
            .values()
            .removeIf(lv -> lv.hidden && lv.kind.equals(kind) && lv.origin.equals(origin.name));
    if (ended) {
      sequence++;
      origin.merging = false;
    }
  }

  private CommandResult lvconvert(List<String> a) {
    var lv = named(bare(a.getLast()));
    change(a);
    sequence++;
    if (a.contains("--repair")) {
      thick(lv.name + "_meta0", lv.metadataExtents).active = false;
      return ok(
          "  WARNING: LV %s_meta0 holds a backup of the unrepaired metadata.".formatted(lv.name));
    }
    if (a.contains("--merge")) {
      var origin = named(lv.origin);
      if (origin.open) {
        lv.hidden = true;
        origin.merging = true;
        return ok("  Delaying merge since origin volume is open.");
      }
      volumes.remove(lv.uuid);
      return ok("  Merging of volume %s started.".formatted(a.getLast()));
    }
    var metadata = named(bare(option(a, "--poolmetadata")));
    volumes.remove(metadata.uuid);
    lv.kind = "thin-pool";
    lv.metadataExtents = metadata.extents;
    lv.tags.clear();
    return ok("");
  }

  String backupText() {
    var text = new StringBuilder();
    text.append("contents = \"Text Format Volume Group\"\nversion = 1\n\n");
    text.append("%s {\n\tid = \"%s\"\n\tseqno = %d\n".formatted(GROUP, GROUP_UUID, sequence));
    text.append("\tphysical_volumes {\n");
    for (var device : devices.keySet()) {
      text.append(
          "\t\t"
              + device.replace("/dev/", "pv-")
              + " {\n\t\t\tid = \"%s\"\n\t\t}\n".formatted(deviceUuid(device)));
    }
    text.append("\t}\n\n\tlogical_volumes {\n");
    for (var lv : volumes.values()) {
      text.append(
          """
          \t\t%s {
          \t\t\tid = "%s"
          \t\t\tsegment1 {
          \t\t\t\textent_count = %d\t# %d
          \t\t\t\ttype = "%s"
          \t\t\t}
          \t\t}
          """
              .formatted(lv.name, lv.uuid, lv.extents, lv.extents, lv.kind));
    }
    return text.append("\t}\n}\n").toString();
  }

  private static String deviceUuid(String path) {
    return "Device-" + path.replace('/', '-');
  }

  // --- the report

  String report() {
    var group =
        Json.object()
            .put("vg_uuid", GROUP_UUID)
            .put("vg_name", GROUP)
            .put("vg_attr", "wz--n-")
            .put("vg_extent_size", Long.toString(EXTENT))
            .put("vg_extent_count", Long.toString(total()))
            .put("vg_free_count", Long.toString(free()))
            .put("vg_size", Long.toString(total() * EXTENT))
            .put("vg_free", Long.toString(free() * EXTENT))
            .put("vg_seqno", Long.toString(sequence))
            .put("vg_missing_pv_count", "0")
            .put("vg_systemid", "");
    groupFields.forEach(group::put);
    var pvs = Json.MAPPER.createArrayNode();
    long used = total() - free();
    for (var device : devices.entrySet()) {
      long here = Math.min(used, device.getValue());
      used -= here;
      pvs.add(
          Json.object()
              .put("pv_uuid", deviceUuid(device.getKey()))
              .put("pv_name", device.getKey())
              .put("vg_name", GROUP)
              .put("pv_size", Long.toString(device.getValue() * EXTENT))
              .put("pv_free", Long.toString((device.getValue() - here) * EXTENT))
              .put("pv_attr", "a--"));
    }
    var lvs = Json.MAPPER.createArrayNode();
    var segs = Json.MAPPER.createArrayNode();
    volumes.values().forEach(lv -> row(lv, lvs, segs));
    var one = Json.object();
    one.putArray("vg").add(group);
    one.set("pv", pvs);
    one.set("lv", lvs);
    one.putArray("pvseg");
    one.set("seg", segs);
    var all = Json.object();
    all.putArray("report").add(one);
    return all.toString();
  }

  private long total() {
    return devices.values().stream().mapToLong(Long::longValue).sum();
  }

  private void row(Lv lv, ArrayNode lvs, ArrayNode segs) {
    boolean classicOrigin = volumes.values().stream().anyMatch(s -> isClassicOf(s, lv));
    var origin = find(lv.origin);
    lvs.add(
        Json.object()
            .put("lv_uuid", lv.uuid)
            .put("lv_name", lv.hidden ? "[" + lv.name + "]" : lv.name)
            .put("vg_name", GROUP)
            .put("lv_path", lv.kind.equals("thin-pool") || lv.hidden ? "" : device(lv))
            .put("lv_dm_path", "/dev/mapper/" + GROUP + "-" + lv.name)
            .put("lv_attr", letters(lv))
            .put("lv_size", Long.toString(lv.extents * EXTENT))
            .put("lv_metadata_size", Long.toString(lv.metadataExtents * EXTENT))
            .put("lv_layout", layout(lv.kind))
            .put("lv_role", role(lv, classicOrigin))
            .put("pool_lv", lv.pool)
            .put("origin", lv.origin)
            .put("origin_uuid", origin.map(o -> o.uuid).orElse(""))
            .put("origin_size", origin.map(o -> Long.toString(o.extents * EXTENT)).orElse(""))
            .put("lv_time", "1700000000")
            .put("lv_tags", String.join(",", lv.tags))
            .put("lv_profile", lv.profile)
            .put("lv_active", lv.active ? "active" : "")
            .put("lv_device_open", lv.open ? "open" : "")
            .put("lv_permissions", lv.readOnly ? "read-only" : "writeable")
            .put("lv_skip_activation", lv.skip ? "skip activation" : "")
            .put("lv_merging", lv.merging && !lv.kind.equals("thin") ? "merging" : "")
            .put("lv_snapshot_invalid", lv.invalid ? "snapshot invalid" : "")
            .put("lv_check_needed", lv.checkNeeded ? "check needed" : "")
            .put("lv_health_status", lv.health)
            .put("data_percent", lv.active ? lv.data : "")
            .put("metadata_percent", lv.kind.equals("thin-pool") && lv.active ? lv.metadata : "")
            .put("lv_kernel_major", "-1")
            .put("lv_kernel_minor", "-1"));
    segs.add(
        Json.object()
            .put("lv_uuid", lv.uuid)
            .put("segtype", lv.kind)
            .put("seg_start_pe", "0")
            .put("seg_size_pe", Long.toString(lv.extents))
            .put("stripes", "1")
            .put("chunk_size", lv.kind.equals("thin-pool") ? "65536" : "0")
            .put("discards", lv.kind.equals("thin-pool") ? lv.discards : "")
            .put("seg_monitor", lv.monitored ? "monitored" : ""));
  }

  private static String letters(Lv lv) {
    if (lv.merging) {
      return "Owi-ao----";
    }
    return lv.invalid ? "swi-I-s---" : "-wi-a-----";
  }

  private static String layout(String kind) {
    return switch (kind) {
      case "thin" -> "thin,sparse";
      case "thin-pool" -> "thin,pool";
      case "snapshot" -> "linear";
      default -> kind;
    };
  }

  private static String role(Lv lv, boolean classicOrigin) {
    if (lv.kind.equals("spare")) {
      return "private,pool,spare";
    }
    if (lv.kind.equals("snapshot")) {
      return "public,snapshot,thicksnapshot";
    }
    if (classicOrigin) {
      return "public,origin,thickorigin";
    }
    return lv.kind.equals("thin") && !lv.origin.isEmpty()
        ? "public,snapshot,thinsnapshot"
        : "public";
  }
}
