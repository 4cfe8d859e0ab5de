package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.Inspection.Finding;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an inspection runs, what it makes of the answers, and that it leaves nothing behind.
class InspectionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;
  private final SimulatedHost host = new SimulatedHost();
  private final FilesInside inside = new FilesInside(host);

  private LvmSystem system() {
    return new LvmSystem(
        "host", inside, folder, DriverRules.defaults(), InstantSource.fixed(NOW), new Random(3));
  }

  private static InspectionRequest request(String snapshot, @Nullable Path copyTo) {
    return new InspectionRequest(
        snapshot,
        true,
        List.of("etc/there", "/etc/missing", "a/../b", "leads/out"),
        Map.of("/etc/there", "AB12", "etc/other", "ffff"),
        copyTo == null ? List.of() : List.of("etc/there", "etc/exists"),
        copyTo);
  }

  @Test
  void aThinSnapshotIsLookedIntoThroughACloneThatIsGoneAfterwards() throws StorageFailure {
    var snapshot = thinSnapshot("ext4");
    inside.exists("/restore/exists");
    var found = system().inspect(request(snapshot.uuid, Path.of("/restore")), Progress.none());
    assertThat(found.findings())
        .extracting(Finding::check, Finding::passed)
        .containsExactly(
            tuple("check the file system", true),
            tuple("find etc/there", true),
            tuple("find /etc/missing", false),
            tuple("find a/../b", false),
            tuple("find leads/out", false),
            tuple("checksum of /etc/there", true),
            tuple("checksum of etc/other", false),
            tuple("copy etc/there", true),
            tuple("copy etc/exists", false));
    assertThat(found.passed()).isFalse();
    assertThat(found.copied()).containsExactly("/restore/there");
    nothingIsLeft();
    assertThat(inside.lines("mount -t"))
        .allMatch(line -> line.contains("nsenter --mount="))
        .anyMatch(line -> line.contains("-o nosuid,nodev,noexec /dev/vg/lumeo-verify-"))
        .anyMatch(line -> line.contains("-o nosuid,nodev,noexec,ro /dev/vg/lumeo-verify-"));
  }

  private SimulatedHost.Lv thinSnapshot(String type) {
    host.pool("pool", 200);
    host.thin("home", "pool", 10).with(type, "/home");
    var snapshot = host.thin("snap", "pool", 10).with(type, "");
    snapshot.origin = "home";
    return snapshot;
  }

  private void nothingIsLeft() throws StorageFailure {
    assertThat(host.volumes.values()).noneMatch(lv -> lv.name.startsWith("lumeo-verify-"));
    assertThat(system().unfinished()).isEmpty();
    assertThat(inside.lines("umount /run/lumeo/inspect/")).isNotEmpty();
    assertThat(inside.lines("rmdir ")).isNotEmpty();
  }

  @Test
  void anXfsIsMountedBesideItsTwin() throws StorageFailure {
    var found =
        system()
            .inspect(
                new InspectionRequest(
                    thinSnapshot("xfs").uuid,
                    true,
                    List.of("etc/there"),
                    Map.of(),
                    List.of(),
                    null),
                Progress.none());
    assertThat(found.passed()).isTrue();
    assertThat(inside.lines("mount -t xfs")).allMatch(line -> line.contains("nouuid"));
    assertThat(inside.lines("xfs_repair -n /dev/vg/lumeo-verify-")).hasSize(1);
    nothingIsLeft();
  }

  @Test
  void nothingIsWrittenToAClassicSnapshot() throws StorageFailure {
    host.thick("data", 10).with("xfs", "/data");
    var snapshot = host.classic("snap", "data", 3).with("xfs", "");
    inside.answer(
        "xfs_repair",
        new CommandResult(
            1, "", "ALERT: valuable metadata changes in a log", Duration.ZERO, false));
    var found =
        system()
            .inspect(
                new InspectionRequest(
                    snapshot.uuid, true, List.of("etc/there"), Map.of(), List.of(), null),
                Progress.none());
    assertThat(found.passed()).isTrue();
    assertThat(found.findings().getFirst().detail()).contains("its log was not replayed");
    assertThat(inside.lines("mount -t xfs"))
        .allMatch(line -> line.contains("ro,nouuid,norecovery /dev/vg/snap"));
    assertThat(host.changes).isEmpty();
  }

  @Test
  void damageIsFound() throws StorageFailure {
    var snapshot = thinSnapshot("ext4");
    inside.answer("e2fsck", new CommandResult(4, "", "bad block", Duration.ZERO, false));
    var found = system().inspect(request(snapshot.uuid, null), Progress.none());
    assertThat(found.findings().getFirst())
        .isEqualTo(
            new Finding("check the file system", false, "e2fsck ended with status 4: bad block"));
  }

  @Test
  void whatCannotBeMountedOrIsNotKnownDoesNotPass() throws StorageFailure {
    var snapshot = thinSnapshot("ext4");
    inside.answer("mount -t", new CommandResult(32, "", "bad superblock", Duration.ZERO, false));
    assertThat(system().inspect(request(snapshot.uuid, null), Progress.none()).findings())
        .allMatch(finding -> !finding.passed());
    snapshot.content = "btrfs";
    var unknown = system().inspect(request(snapshot.uuid, null), Progress.none());
    assertThat(unknown.passed()).isFalse();
    assertThat(unknown.findings()).hasSize(1);
    nothingIsLeft();
  }

  @Test
  void aCloneThatAKilledInspectionLeftIsReportedAndRemoved() throws StorageFailure {
    var snapshot = thinSnapshot("ext4");
    inside.dieAt("e2fsck");
    var first = system();
    assertThatThrownBy(() -> first.inspect(request(snapshot.uuid, null), Progress.none()))
        .isInstanceOf(SimulatedHost.Killed.class);
    // The killed process could not clean up: put back what its last act took away.
    host.thin("lumeo-verify-left", "pool", 10)
        .tagged(
            OwnTags.MANAGED,
            OwnTags.VERIFY,
            OwnTags.run(PlanId.at(NOW.minusSeconds(60), new Random(9))));
    var second = system();
    var left = second.unfinished();
    assertThat(left).hasSize(1);
    assertThat(second.finish(left.getFirst(), Progress.none()).volumes()).hasSize(1);
    assertThat(host.find("lumeo-verify-left")).isEmpty();
    nothingIsLeft();
  }

  @Test
  void whatIsNoSnapshotIsNotLookedInto() {
    var data = host.thick("data", 10).with("ext4", "/data");
    assertThatThrownBy(() -> system().inspect(request(data.uuid, null), Progress.none()))
        .isInstanceOf(StorageFailure.Unsupported.class);
    assertThatThrownBy(() -> system().inspect(request("nothing", null), Progress.none()))
        .isInstanceOf(StorageFailure.NotFound.class);
    var overflowed = host.classic("snap", "data", 3);
    overflowed.invalid = true;
    assertThatThrownBy(() -> system().inspect(request(overflowed.uuid, null), Progress.none()))
        .isInstanceOf(StorageFailure.Refused.class);
  }

  /// A host with a few files in every file system.
  private static final class FilesInside implements Commands {
    private final Commands commands;
    private final List<String> ran = new ArrayList<>();
    private final List<String> existing = new ArrayList<>();
    private final Map<String, CommandResult> answers = new TreeMap<>();
    private String deadly = "never";

    FilesInside(Commands commands) {
      this.commands = commands;
    }

    void exists(String path) {
      existing.add(path);
    }

    void answer(String beginning, CommandResult result) {
      answers.put(beginning, result);
    }

    void dieAt(String word) {
      deadly = word;
    }

    List<String> lines(String part) {
      return ran.stream().filter(line -> line.contains(part)).toList();
    }

    @Override
    public String host() {
      return commands.host();
    }

    @Override
    public CommandResult run(Command command) throws CommandFailure, InterruptedException {
      var a = command.arguments();
      ran.add(String.join(" ", a));
      var inside = a.getFirst().equals("nsenter") ? a.subList(3, a.size()) : a;
      var line = String.join(" ", inside);
      if (line.contains(deadly)) {
        throw new SimulatedHost.Killed();
      }
      for (var answer : answers.entrySet()) {
        if (line.startsWith(answer.getKey())) {
          return answer.getValue();
        }
      }
      var path = inside.getLast();
      return switch (inside.getFirst()) {
        case "realpath" -> realpath(path);
        case "sha256sum" -> new CommandResult(0, "ab12  " + path, "", Duration.ZERO, false);
        case "test" -> exit(inside.contains("-d") || existing.contains(path) ? 0 : 1);
        case "cp" -> exit(0);
        default -> commands.run(command);
      };
    }

    private static CommandResult realpath(String path) {
      if (path.endsWith("missing")) {
        return exit(1);
      }
      return new CommandResult(
          0, path.endsWith("leads/out") ? "/etc/shadow\0" : path + "\0", "", Duration.ZERO, false);
    }

    private static CommandResult exit(int status) {
      return new CommandResult(status, "", "", Duration.ZERO, false);
    }
  }
}
