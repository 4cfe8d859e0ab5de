package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.Commands;
import io.lumeo.lvm.FileSystemSpan.Question;
import io.lumeo.lvm.HostState.Content;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Looks at a host, changing nothing. Safe for use by several threads.
final class LvmReader {
  private static final Duration REPORT_DEADLINE = Duration.ofMinutes(2);
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final HostCommands host;
  private final InstantSource clock;
  private final KernelStatus kernel;
  private final SettingsReader settings;

  LvmReader(Commands commands, InstantSource clock) {
    this.host = new HostCommands(commands);
    this.clock = clock;
    this.kernel = new KernelStatus(host);
    this.settings = new SettingsReader(host);
  }

  /// Everything: LVM's report, the kernel's status, mounts and what lies on each volume.
  HostState read() throws StorageFailure {
    return read(_ -> true);
  }

  /// Everything, but of what lies on volumes only those of these uuids: a plan that looks again
  /// after each of its steps need not probe a whole host.
  HostState read(Set<String> volumes) throws StorageFailure {
    return read(volume -> volumes.contains(volume.uuid()));
  }

  private HostState read(Predicate<VolumeRow> wanted) throws StorageFailure {
    var takenAt = clock.instant();
    var warnings = new ArrayList<String>();
    var version = version();
    var report = report();
    warnings.addAll(report.messages());
    warnings.addAll(Contradictions.in(report));
    var status = status(report, warnings);
    return new HostState(
        takenAt,
        version,
        settings.read(profiles(report)),
        report,
        status,
        contents(report, wanted, warnings),
        warnings);
  }

  private LvmVersion version() throws StorageFailure {
    // Where the kernel has no device mapper it fails, after it has said what is asked for.
    var output = host.run(Command.of("lvm", "version").within(DEADLINE));
    return LvmVersion.parse(output.stdout())
        .orElseThrow(() ->
            new StorageFailure.CommandFailed(
                "lvm on %s does not say its version: %s"
                    .formatted(host.host(), output.complaint())));
  }

  /// LVM's report; when that is no JSON, because a message got into it, LVM is asked once more to
  /// keep quiet.
  LvmReport report() throws StorageFailure {
    try {
      return report(false);
    } catch (UnreadableReport unreadable) {
      try {
        return report(true);
      } catch (UnreadableReport again) {
        throw new StorageFailure.CommandFailed(
            "%s (on %s)".formatted(again.getMessage(), host.host()), again);
      }
    }
  }

  private LvmReport report(boolean quiet) throws StorageFailure, UnreadableReport {
    var command = Command.of(ReportFields.arguments(quiet)).within(REPORT_DEADLINE);
    var result = host.run(command);
    if (!result.succeeded() && !result.stdout().contains("\"report\"")) {
      throw host.failed(command, result);
    }
    if (result.truncated()) {
      throw new UnreadableReport("LVM's report is cut");
    }
    var report = ReportParser.parse(result.stdout());
    var messages = new ArrayList<>(report.messages());
    result.stderr().lines().map(String::strip).filter(l -> !l.isEmpty()).forEach(messages::add);
    return new LvmReport(report.groups(), report.freeDevices(), messages);
  }

  private static Set<String> profiles(LvmReport report) {
    var profiles = new TreeSet<String>();
    for (var group : report.groups()) {
      profiles.add(group.group().profile());
      group.volumes().forEach(volume -> profiles.add(volume.profile()));
    }
    profiles.remove("");
    return profiles;
  }

  /// Without the kernel's word a report is still worth having.
  private Map<String, TargetStatus> status(LvmReport report, List<String> warnings)
      throws StorageFailure {
    if (report.groups().isEmpty()) {
      return Map.of();
    }
    try {
      return kernel.read();
    } catch (StorageFailure.CommandFailed silent) {
      warnings.add(silent.getMessage());
      return Map.of();
    }
  }

  /// What `blkid` and `findmnt` say of one device, which need not be LVM's.
  ///
  /// @throws StorageFailure.NotFound if there is no such block device
  Content probe(String device) throws StorageFailure {
    if (!host.run(Command.of("test", "-b", device).within(DEADLINE)).succeeded()) {
      throw new StorageFailure.NotFound(
          "there is no block device %s on %s; `lsblk` lists those there are"
              .formatted(device, host.host()));
    }
    var probe = BlockProbe.one(host, device);
    var seen = new Seen(device, probe, MountTable.read(host).of("", List.of(device)));
    return seen.content(FileSystemSpan.ask(host, seen.questions()));
  }

  private Map<String, Content> contents(
      LvmReport report, Predicate<VolumeRow> wanted, List<String> warnings) throws StorageFailure {
    var volumes =
        report.groups().stream()
            .flatMap(group -> group.volumes().stream())
            .filter(volume -> canBeLookedAt(volume) && wanted.test(volume))
            .toList();
    if (volumes.isEmpty()) {
      return Map.of();
    }
    var mounts = MountTable.read(host);
    var probes = BlockProbe.all(host, volumes.stream().map(LvmReader::device).toList(), warnings);
    var seen = new LinkedHashMap<String, Seen>();
    for (var volume : volumes) {
      var device = device(volume);
      var probe = probes.get(device);
      var mounted = mounts.of(number(volume), List.of(device, volume.deviceMapperPath()));
      if (probe != null || !mounted.isEmpty()) {
        seen.put(
            volume.uuid(), new Seen(device, probe == null ? BlockProbe.NOTHING : probe, mounted));
      }
    }
    var questions = seen.values().stream().flatMap(any -> any.questions().stream()).toList();
    var spans = FileSystemSpan.ask(host, questions);
    var contents = new HashMap<String, Content>();
    seen.forEach((volume, any) -> contents.put(volume, any.content(spans)));
    return contents;
  }

  /// One that a user sees and that answers: reading a suspended one would wait for its resumption,
  /// an invalid one gives errors only.
  private static boolean canBeLookedAt(VolumeRow volume) {
    return volume.path() != null
        && volume.active()
        && !volume.isThinPool()
        && !volume.suspended().isYes()
        && !volume.snapshotInvalid()
        && !volume.healthStatus().equals("partial");
  }

  private static String device(VolumeRow volume) {
    var path = volume.path();
    return path == null ? "" : path;
  }

  private static String number(VolumeRow volume) {
    var major = volume.kernelMajor();
    var minor = volume.kernelMinor();
    return major.isPresent() && minor.isPresent()
        ? major.getAsLong() + ":" + minor.getAsLong()
        : "none";
  }

  /// What was seen of a device, when what its file system spans may still have to be asked.
  private record Seen(String device, BlockProbe probe, List<Mount> mounts) {
    List<Question> questions() {
      // What blkid reads of a mounted one may be older than what the kernel has of it.
      boolean isKnown = mounts.isEmpty() && probe.spannedBytes().isPresent();
      return isKnown || !FileSystemSpan.knows(type()) ? List.of() : List.of(question());
    }

    private Question question() {
      boolean byMountPoint = !mounts.isEmpty() && type().equals("xfs");
      return new Question(type(), byMountPoint ? mounts.getFirst().target() : device);
    }

    private String type() {
      return mounts.isEmpty() ? probe.type() : mounts.getFirst().type();
    }

    Content content(Map<Question, Long> spans) {
      var mount = mounts.isEmpty() ? null : mounts.getFirst();
      return new Content(
          type(),
          mount == null ? probe.usage() : "filesystem",
          probe.uuid(),
          span(spans),
          mount == null ? null : mount.usedBytes(),
          mount == null ? null : mount.availableBytes(),
          mounts.stream().map(Mount::target).distinct().toList(),
          mount != null && mount.readOnly(),
          probe.ambivalent());
    }

    private @Nullable Long span(Map<Question, Long> spans) {
      if (!FileSystemSpan.knows(type())) {
        return null;
      }
      return questions().isEmpty()
          ? Long.valueOf(probe.spannedBytes().orElseThrow())
          : spans.get(question());
    }
  }
}
