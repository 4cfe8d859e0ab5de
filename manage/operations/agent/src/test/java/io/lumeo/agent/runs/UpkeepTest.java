package io.lumeo.agent.runs;

import static io.lumeo.agent.Workplace.GIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.agent.Foresight;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.RealHand;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.TrimGain;
import io.lumeo.agent.Workplace;
import io.lumeo.audit.AuditResult;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.TrashSettings;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Progress;
import io.lumeo.storage.Volume;
import io.lumeo.testing.MemorySystem;
import io.lumeo.testing.MemorySystem.Mishap;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Verifications and trims of one host.
class UpkeepTest {
  private static final String SUM = "a".repeat(64);

  @TempDir Path folder;
  private Workplace place;
  private MemorySystem system;
  private String home;
  private String manifest = SUM + "  etc/passwd\n";
  private boolean stopping;
  private final Set<String> inspected = ConcurrentHashMap.newKeySet();

  @BeforeEach
  void open() throws IOException {
    place = new Workplace(folder);
    system = new MemorySystem("host", place.time).group("vg0", 100 * GIB);
    system.thinPool("vg0", "thin", 50 * GIB, GIB);
    home = system.thinVolume("thin", "home", 10 * GIB);
  }

  @AfterEach
  void close() throws IOException {
    place.close();
  }

  private HostSetup host() {
    return Workplace.host(
        system,
        ScriptedCommands.answering(command ->
            switch (command.program()) {
              case "mktemp" -> ScriptedCommands.success("/tmp/x\n");
              case "cat" -> ScriptedCommands.success(manifest);
              default -> ScriptedCommands.success("");
            }));
  }

  private Upkeep upkeep() {
    return new Upkeep(
        host(),
        new RealHand(place.ledger(), place.time),
        place.ledger(),
        place.runs(),
        place.time,
        inspected,
        () -> stopping);
  }

  private Configuration verified(String more) {
    return place.configure(
        """
        policies:
          - id: nightly
            volumes:
              - name: home
            schedule: 0 1 * * *
            verification:
              schedule: 0 4 * * *
              sentinels: [/PG_VERSION]
        %s
        """
            .formatted(more));
  }

  private static List<PolicyTerms> terms(Configuration configuration) {
    return configuration.policies().stream().map(PolicyTerms::of).toList();
  }

  /// Until four in the morning after the policy has made its snapshot at one.
  private void untilVerification(Configuration configuration) throws Exception {
    var protection =
        new Protection(
            host(),
            new RealHand(place.ledger(), place.time),
            place.ledger(),
            place.runs(),
            place.troubles(),
            Foresight.none(),
            place.time,
            () -> Duration.ZERO,
            inspected,
            TrashSettings::standard);
    protection.round(terms(configuration));
    upkeep().round(terms(configuration), configuration.trim());
    place.time.passUntil(Instant.parse("2026-03-02T01:00:00Z"));
    protection.round(terms(configuration));
    place.time.passUntil(Instant.parse("2026-03-02T04:00:00Z"));
  }

  private RunRecord.End lastVerification() {
    return place
        .runs()
        .last(Task.verification("nightly"), "host")
        .orElseThrow()
        .end()
        .orElseThrow();
  }

  @Test
  void theNewestSnapshotIsProvenReadableWhenThatIsDue() throws Exception {
    var configuration = verified("");
    untilVerification(configuration);

    var next = upkeep().round(terms(configuration), configuration.trim());

    assertThat(next).isEqualTo("2026-03-03T04:00:00Z");
    assertThat(system.inspections())
        .singleElement()
        .satisfies(request -> {
          assertThat(request.checkFileSystem()).isTrue();
          assertThat(request.sentinels()).containsExactly("/PG_VERSION");
        });
    assertThat(lastVerification().result()).isEqualTo(RunRecord.Result.DONE);
    assertThat(lastVerification().detail())
        .isEqualTo("vg0/home: home-nightly-20260302T010000Z can be read: 2 checks passed");
    assertThat(place.records().stream().map(one -> one.entry().verb()))
        .containsSubsequence("begin.snapshot.verify", "snapshot.verify");
    assertThat(inspected).isEmpty();
  }

  @Test
  void aSnapshotThatCannotBeReadIsAFailure() throws Exception {
    var configuration = verified("");
    untilVerification(configuration);
    var snapshot = Holdings.snapshotVolumes(system.inventory()).findFirst().orElseThrow();
    system.setReadable(snapshot.uuid(), false);
    upkeep().round(terms(configuration), configuration.trim());

    assertThat(lastVerification().result()).isEqualTo(RunRecord.Result.FAILED);
    assertThat(lastVerification().detail()).contains("its superblock is gone");
    assertThat(place.runs().lastSuccess(Task.verification("nightly"), "host")).isEmpty();
    assertThat(place.results("snapshot.verify")).containsExactly(AuditResult.FAILED);
  }

  @Test
  void aVolumeWithoutASnapshotHasNothingThatProvesAnything() throws Exception {
    var configuration = verified("");
    upkeep().round(terms(configuration), configuration.trim());
    place.time.passUntil(Instant.parse("2026-03-02T04:00:00Z"));
    upkeep().round(terms(configuration), configuration.trim());

    assertThat(lastVerification().detail()).contains("has no snapshot of vg0/home to verify");
  }

  @Test
  void theSumsOfItsManifestAreCompared() throws Exception {
    var configuration = verified("      manifest: /SHA256SUMS");
    untilVerification(configuration);
    upkeep().round(terms(configuration), configuration.trim());

    assertThat(system.inspections())
        .extracting(InspectionRequest::copyOut)
        .containsExactly(List.of("/SHA256SUMS"), List.of());
    assertThat(system.inspections().getLast().checksums()).isEqualTo(Map.of("etc/passwd", SUM));
    assertThat(lastVerification().result()).isEqualTo(RunRecord.Result.DONE);
  }

  @Test
  void aManifestThatProvesNothingIsAFailure() throws Exception {
    var configuration = verified("      manifest: /SHA256SUMS");
    untilVerification(configuration);
    manifest = "";
    upkeep().round(terms(configuration), configuration.trim());
    assertThat(lastVerification().detail()).contains("proves nothing: it names no file");

    manifest = "rm -rf /\n";
    place.time.passUntil(Instant.parse("2026-03-03T04:00:00Z"));
    upkeep().round(terms(configuration), configuration.trim());
    assertThat(lastVerification().detail()).contains("line 1 is not one that sha256sum writes");

    var snapshot = Holdings.snapshotVolumes(system.inventory()).findFirst().orElseThrow();
    system.setReadable(snapshot.uuid(), false);
    place.time.passUntil(Instant.parse("2026-03-04T04:00:00Z"));
    upkeep().round(terms(configuration), configuration.trim());
    assertThat(lastVerification().detail()).contains("it could not be copied out");
  }

  @Test
  void aManifestIsReadAsSha256sumWritesIt() {
    assertThat(Manifest.read("%s  a b\n\n%s *c\n\\%s  new\\nline\n".formatted(SUM, SUM, SUM)))
        .isEqualTo(Map.of("a b", SUM, "c", SUM, "new\nline", SUM));
    assertThatThrownBy(() -> Manifest.read("\n")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatTakesTooLongOrIsNotWantedAnyMoreIsCut() throws Exception {
    var configuration = verified("");
    untilVerification(configuration);
    stopping = true;
    upkeep().round(terms(configuration), configuration.trim());
    assertThat(lastVerification().detail()).contains("the inspection was stopped");
    assertThat(lastVerification().result()).isEqualTo(RunRecord.Result.INTERRUPTED);

    stopping = false;
    var deadline = new Deadline(place.time, Duration.ofMinutes(1), () -> stopping);
    deadline.report("anything", 1, 2);
    assertThat(deadline.isCancelled()).isFalse();
    place.time.pass(Duration.ofMinutes(2));
    assertThat(deadline.isCancelled()).isTrue();
  }

  @Test
  void whateverADriverThrowsProvesNothing() throws Exception {
    var configuration = verified("");
    untilVerification(configuration);
    var snapshot = Holdings.snapshotVolumes(system.inventory()).findFirst().orElseThrow();
    var run = new VerificationRun(place.ledger(), inspected);
    for (var mishap : List.of(Mishap.ANSWERS_GARBAGE, Mishap.IS_NOT_REACHED)) {
      system.unreliable(new Random(1), 1, EnumSet.of(mishap));
      var upshot =
          run.verify(
              host(),
              "uid:0",
              snapshot.uuid(),
              snapshot.name(),
              List.of(),
              java.util.Optional.empty(),
              Progress.none());
      assertThat(upshot.isGood()).isFalse();
      system.reliable();
    }
    assertThat(place.results("snapshot.verify")).containsOnly(AuditResult.FAILED).hasSize(2);
    assertThat(inspected).isEmpty();
  }

  @Test
  void anInspectionThatFindsNothingToCheckProvesNothing() {
    assertThat(new Inspection(List.of(), List.of()).passed()).isFalse();
  }

  @Test
  void whatARestartInterruptedIsEnded() throws Exception {
    var configuration = verified("");
    var at = Instant.parse("2026-03-01T04:00:00Z");
    place.runs().begin(Task.verification("nightly"), "host", at, at, at);
    place.runs().begin(Task.trim("weekly"), "host", at, at, at);
    place.runs().begin(Task.snapshot("nightly"), "host", at, at, at);
    upkeep().round(terms(configuration), configuration.trim());

    assertThat(place.runs().underWay("host"))
        .extracting(RunRecord::task)
        .containsExactly(Task.snapshot("nightly"));
    assertThat(lastVerification().result()).isEqualTo(RunRecord.Result.INTERRUPTED);
    assertThat(place.results("run.interrupted")).containsOnly(AuditResult.FAILED).hasSize(2);
  }

  @Test
  void aTrimGivesBackWhatFilesHaveFreedAndSaysHowMuch() throws Exception {
    var configuration =
        place.configure(
            """
            trim:
              - name: weekly
                volumes:
                  - pool: thin
                schedule: 0 3 * * 1
                jitter: 30m
            """);
    system.thickVolume("vg0", "raw", GIB);
    var mail = system.thinVolume("thin", "mail", 10 * GIB);
    system.write(home, 4 * GIB);
    system.write(mail, GIB);
    system.delete(home, 3 * GIB);
    var next = upkeep().round(List.of(), configuration.trim());
    place.time.passUntil(next);
    upkeep().round(List.of(), configuration.trim());

    var end = place.runs().last(Task.trim("weekly"), "host").orElseThrow().end().orElseThrow();
    assertThat(end.result()).isEqualTo(RunRecord.Result.DONE);
    assertThat(end.detail()).isEqualTo("%d bytes given back; 2 done".formatted(3 * GIB));
    assertThat(system.inventory().pool("thin").orElseThrow().data().usedBytes()).isEqualTo(2 * GIB);
    assertThat(place.results("trim")).containsOnly(AuditResult.DONE).hasSize(2);
    assertThat(place.records("trim"))
        .extracting(record -> TrimGain.in(record.entry()))
        .containsExactlyInAnyOrder(OptionalLong.of(3 * GIB), OptionalLong.of(0));
    assertThat(place.records("trim"))
        .filteredOn(record -> record.entry().targets().equals(List.of(home)))
        .singleElement()
        .extracting(record -> record.entry().reason())
        .asString()
        .contains("3 GiB given back");
  }

  @Test
  void onlyWhatCanBeTrimmedIs() throws Exception {
    var configuration =
        place.configure(
            """
            trim:
              - name: all
                volumes:
                  - pool: vg0
                schedule: 0 3 * * *
            """);
    system.thickVolume("vg0", "raw", GIB);
    var names = new HashSet<String>();
    TrimRun.volumes(configuration.trim().getFirst(), "host", system.inventory())
        .forEach((Volume volume) -> names.add(volume.name()));
    assertThat(names).containsExactly("home");
    system.setMounted(home, false);
    var gain =
        new TrimRun(new RealHand(place.ledger(), place.time), place.time, () -> false)
            .run(host(), configuration.trim().getFirst(), List.of(home, "nothing"));
    assertThat(gain.report().result()).isEqualTo(RunRecord.Result.REFUSED);
    assertThat(gain.detail()).contains("home is not mounted");
  }
}
