package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.lumeo.agent.Look;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.Trouble;
import io.lumeo.alerts.Observation;
import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditResult;
import io.lumeo.configuration.ReportSettings;
import io.lumeo.forecasts.DiskCounters;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.reports.HtmlReport;
import io.lumeo.reports.MarkdownReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportRunsTest {
  private static final String WEEKLY =
      "reports: [{name: weekly, schedule: 0 7 * * 1, channels: [team]}]\n";

  @TempDir Path folder;

  /// Monday at seven: one report, whatever happens around it, with every host in it.
  @Test
  void aReportIsMadeOnceAtItsTimeAndHoldsEveryHost() throws IOException, InterruptedException {
    try (var station = new Station(folder, Station.CHANNEL + WEEKLY)) {
      station.hosts.add(Fleet.host("db1").with(Fleet.thin("data")));
      station.poll();
      assertThat(reports()).isEmpty();
      station.now = Instant.parse("2026-03-02T07:00:00Z");
      station.poll();
      assertThat(reports())
          .extracting(file -> String.valueOf(file.getFileName()))
          .containsExactly("report-weekly-20260302T070000Z.html");
      assertThat(Files.readString(reports().getFirst()))
          .contains("db1", "vg0/thin", "vg0/thin/data")
          .contains("web1", "It has never answered.");
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Storage: weekly: nothing needs a person")
          .contains("report-weekly-20260302T070000Z.html");
      station.restart();
      station.polls(3);
      assertThat(reports()).hasSize(1);
      assertThat(station.told()).isEmpty();
    }
  }

  /// The agent was off on Monday, and makes up for it, once.
  @Test
  void aReportThatWasMissedIsMadeUpFor() throws IOException, InterruptedException {
    try (var station = new Station(folder, Station.CHANNEL + WEEKLY)) {
      station.poll();
      station.now = Instant.parse("2026-03-18T00:00:00Z");
      station.restart();
      station.polls(3);
      assertThat(reports())
          .extracting(file -> String.valueOf(file.getFileName()))
          .containsExactly("report-weekly-20260316T070000Z.html");
    }
  }

  @Test
  void aReportGoesByMailInBothForms() throws Exception {
    var server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    server.start();
    try (var station =
        new Station(
            folder,
            """
            channels:
              - name: team
                kind: smtp
                server: 127.0.0.1
                port: %d
                security: none
                from: lumeo@example.com
                to: [ops@example.com]
            reports:
              - {name: daily, schedule: '@daily', format: markdown, channels: [team]}
            """
                .formatted(server.getSmtp().getPort()))) {
      station.hosts.add(Fleet.host("db1"));
      station.poll();
      station.now = Instant.parse("2026-03-03T00:00:00Z");
      station.poll();
      var letter = server.getReceivedMessages()[0];
      assertThat(letter.getSubject()).isEqualTo("Storage: daily: nothing needs a person");
      assertThat(GreenMailUtil.getBody(letter)).contains("text/plain", "text/html", "vg0/thin");
      assertThat(Files.readString(reports().getFirst())).startsWith("# Storage: daily");
    } finally {
      server.stop();
    }
  }

  @Test
  void whatIsNotTakenIsTriedAgainAndThenGivenUp() throws IOException, InterruptedException {
    try (var station = new Station(folder, Station.CHANNEL + WEEKLY)) {
      station.poll();
      station.programEnds = 1;
      station.now = Instant.parse("2026-03-02T07:00:00Z");
      station.poll();
      station.programEnds = 0;
      station.poll();
      assertThat(station.told()).as("delivered at the second attempt").hasSize(1);

      station.programEnds = 1;
      station.now = Instant.parse("2026-03-09T07:00:00Z");
      station.poll();
      station.configuration = station.configured("");
      station.now = station.now.plusSeconds(60);
      station.poll();
      assertThat(station.audit.find(AuditQuery.latest(1)).getFirst().entry().reason())
          .contains("there is no such channel any more");
    }
  }

  @Test
  void aReportThatNobodyTookForADayIsOfNoUse() throws IOException, InterruptedException {
    try (var station = new Station(folder, Station.CHANNEL + WEEKLY)) {
      station.poll();
      station.programEnds = 1;
      station.now = Instant.parse("2026-03-02T07:00:00Z");
      station.poll();
      station.now = station.now.plus(Duration.ofDays(2));
      station.poll();
      assertThat(station.audit.find(AuditQuery.latest(1)).getFirst().entry().reason())
          .contains("it waited for a day");
    }
  }

  @Test
  void onlyTheNewestReportsAreKept() throws IOException, InterruptedException {
    try (var station =
        new Station(folder, "reports: [{name: hourly, schedule: '@hourly', hosts: [db1]}]\n")) {
      for (var hour = 0; hour < 104; hour++) {
        station.perform();
        station.now = station.now.plus(Duration.ofHours(1));
      }
      assertThat(reports()).hasSize(100);
    }
  }

  /// What a person at a terminal asks for holds what needs a person, what was done and what is
  /// foreseen, and is left out when it is not wanted.
  @Test
  void aReportHoldsWhatIsWanted() throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder,
            """
            policies:
              - {id: p, title: The databases, volumes: [{name: a}], schedule: '@daily'}
            monitors: {latency: 20ms}
            reports:
              - {name: all, schedule: '@daily'}
              - {name: short, schedule: '@daily', content: [growth], hosts: [db1]}
            """)) {
      var host = Fleet.host("db1").with(Fleet.thin("data"));
      host.poolUsedBytes = 95 * Fleet.GIB;
      station.hosts.add(host);
      station.runs.handledUpTo(Task.snapshot("p"), "db1", station.now);
      station.runs.add(
          Task.snapshot("p"),
          "db1",
          station.now,
          new RunRecord.End(station.now, RunRecord.Result.FAILED, ""));
      station.troubles.report(
          "db1", Trouble.Kind.SNAPSHOT_FAILED, "p", "the group is full", station.now);
      done(station, "begin.snapshot.create", "db1: one of many");
      done(station, "snapshot.create", "db1: as scheduled");
      done(station, "configuration.apply", "somebody wanted it");
      trimmed(station, "db1", 3 * Fleet.GIB);
      for (var poll = 0; poll < 40; poll++) {
        station.counters.put(
            "data-uuid",
            new DiskCounters(100L * poll, 1, 3000L * poll, 0, 0, 0, 0, 1, 3000L * poll));
        station.poll();
      }
      var now = station.now;
      List<Look> looks = List.of(host.seen(now), Fleet.host("web1").missed(now, null));
      var demand = new OnDemand(station.configuration, station.database, looks);
      var all = demand.report(settings(station, "all"), Duration.ofDays(1), now);
      assertThat(all.hosts()).extracting(one -> one.name()).containsExactly("db1", "web1");
      assertThat(MarkdownReport.of(all))
          .contains("Data of pool vg0/thin on db1 is 95 % full")
          .containsOnlyOnce("Policy p on db1 did not take all of its snapshots")
          .contains("the group is full")
          .contains("The databases")
          .contains("snapshot.create", "vg0/data", "as scheduled", "somebody wanted it")
          .contains("volumes may grow to 0.20 times the pool")
          .contains("Trims gave back 3 GiB.")
          .doesNotContain("one of many");
      assertThat(HtmlReport.of(all)).contains("vg0/thin/data");
      var made = station.watch.report(settings(station, "all"), now.minus(Duration.ofDays(1)), now);
      assertThat(MarkdownReport.of(made))
          .as("the agent itself knows how fast volumes were")
          .contains("vg0/data: requests took at least 30 ms for 5 minutes");
      var shorter = demand.report(settings(station, "short"), Duration.ofDays(1), now);
      assertThat(shorter.hosts()).hasSize(1);
      assertThat(shorter.hosts().getFirst().volumes()).isEmpty();
      assertThat(shorter.concerns()).isEmpty();
      assertThat(shorter.done()).isEmpty();

      assertThat(demand.forecast("db1", now)).isPresent();
      assertThat(demand.forecast("web1", now)).isEmpty();
      assertThat(demand.alerts()).isNotEmpty();
      assertThat(demand.standing(now))
          .extracting(notice -> notice.alert().rule())
          .contains("PoolDataFull");
    }
  }

  @Test
  void whatIsInTheTrashIsNoSnapshotThatAPolicyKeeps() throws IOException {
    try (var station =
        new Station(folder, "policies: [{id: p, volumes: [{name: a}], schedule: '@daily'}]\n")) {
      station.runs.handledUpTo(Task.snapshot("p"), "db1", station.now);
      var inventory =
          Fleet.host("db1")
              .with(Fleet.ofPolicy(Fleet.thin("a-1"), "p"))
              .with(Fleet.ofPolicy(Fleet.thin("a-2"), "p", "lumeo.trash=a-2"))
              .with(Fleet.ofPolicy(Fleet.thin("a-3"), "other"))
              .inventory(station.now);
      assertThat(
              new PolicyObservations(station.runs, station.configuration.policies())
                  .of("db1", inventory, List.of(), station.now))
          .contains(
              Observation.of("lumeo_policy_snapshots", Map.of("host", "db1", "policy", "p"), 1.0));
    }
  }

  @Test
  void everySnapshotHasItsReasonInTheReport() throws Exception {
    try (var station =
        new Station(
            folder,
            """
            policies:
              - id: p
                volumes: [{name: a}]
                schedule: '@daily'
                retention: {daily: 2, weekly: 0, monthly: 0}
            reports:
              - {name: all, schedule: '@daily'}
            """)) {
      var host = Fleet.host("db1");
      for (var age = 1; age <= 3; age++) {
        var at = Station.START.minus(Duration.ofDays(age));
        host.with(
            Fleet.tagged(
                Fleet.snapshot("a-" + age, "a-uuid", at, 1),
                SnapshotTags.of(new RunKey("p", at), "a-uuid", new TreeSet<>())));
      }
      station.hosts.add(host);
      station.runs.handledUpTo(Task.snapshot("p"), "db1", station.now);
      station.poll();
      var report =
          station.watch.report(
              settings(station, "all"), station.now.minus(Duration.ofDays(1)), station.now);
      assertThat(MarkdownReport.of(report))
          .contains("Snapshots of p")
          .containsPattern("a-1 \\| kept \\| newest of day .*1 of 2 daily")
          .containsPattern("a-3 \\| goes next \\| day .* is past the 2 daily");
      assertThat(HtmlReport.of(report)).contains("goes next", "is past the 2 daily that are kept");
    }
  }

  private static void done(Station station, String verb, String reason) throws IOException {
    station.audit.append(
        AuditEntry.of("policy:p", "schedule", verb, AuditResult.DONE, reason)
            .about(List.of("data-uuid", "gone-uuid"), ""));
  }

  private static void trimmed(Station station, String host, long bytes) throws IOException {
    station.audit.append(
        AuditEntry.of("trim:weekly", "schedule", "trim", AuditResult.DONE, host + ": as scheduled")
            .changed(
                new TreeMap<>(), new TreeMap<>(Map.of("reclaimedBytes", String.valueOf(bytes)))));
  }

  private static ReportSettings settings(Station station, String name) {
    return station.configuration.reports().stream()
        .filter(report -> report.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private List<Path> reports() throws IOException {
    var reports = folder.resolve("reports");
    if (!Files.isDirectory(reports)) {
      return List.of();
    }
    try (var files = Files.list(reports)) {
      return files.sorted().toList();
    }
  }
}
