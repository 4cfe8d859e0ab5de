package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.Trouble;
import io.lumeo.alerts.Delivery;
import io.lumeo.alerts.LabelMatcher;
import io.lumeo.alerts.Silence;
import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Executed;
import io.lumeo.forecasts.DiskCounters;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Poll;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.SnapshotTags;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
  private static final String TOLD = Station.CHANNEL + "alerts: {channels: [team]}\n";

  @TempDir Path folder;

  /// A writer runs away with a pool that is half empty: people hear of it, with the time that is
  /// left, long before the pool is full.
  @Test
  void aBurstIsToldBeforeThePoolIsFull() throws IOException, InterruptedException {
    try (var station = new Station(folder, TOLD)) {
      var host = Fleet.host("db1");
      station.hosts.add(host);
      station.polls(10);
      assertThat(station.told()).isEmpty();
      var polls = 0;
      while (station.told.isEmpty()) {
        host.poolUsedBytes += Fleet.GIB / 2;
        station.poll();
        polls++;
      }
      assertThat(host.poolUsedBytes).isLessThan(host.poolBytes * 6 / 10);
      assertThat(polls).isLessThan(20);
      assertThat(station.told().getFirst())
          .contains("Pool vg0/thin on db1 is full in")
          .contains("at the rate of the last minutes")
          .contains("critical");
    }
  }

  /// What grows over weeks is told a week ahead, with the day.
  @Test
  void aPoolThatWillBeFullIsToldWeeksBefore() throws IOException, InterruptedException {
    try (var station = new Station(folder, TOLD)) {
      var host = Fleet.host("db1");
      host.poolUsedBytes = 78 * Fleet.GIB;
      station.hosts.add(host);
      month(station, host);
      station.polls(60);
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains(
              "PoolFullSoon",
              "Pool vg0/thin on db1 may be full in 6 d",
              "(data)",
              "That is at 2026-03-");
      assertThat(station.watch.outlooks()).containsOnlyKeys("db1");
      station.configuration =
          station.configured(TOLD + "growth: [{name: g, pool: vg0/thin, threshold: 90%}]\n");
      station.now = station.now.plus(Duration.ofHours(2));
      station.polls(400);
      assertThat(station.told())
          .as("what is extended in time is not full")
          .singleElement()
          .asString()
          .contains("resolved");
    }
  }

  private static void month(Station station, Fleet host) {
    var samples = Samples.openToRead(station.database);
    var polls = new ArrayList<Poll>();
    for (var hour = 0; hour < 30 * 24; hour++) {
      polls.add(
          new Poll(
              station.now.minus(Duration.ofHours(30L * 24 - hour)),
              Map.of(
                  new SeriesKey(host.name, Fleet.POOL, Measure.DATA_USED),
                  host.poolUsedBytes - (30 * 24 - hour) * 3.4 * Fleet.GIB / 24)));
    }
    samples.addAll(polls);
    samples.flush();
    samples.rollUp(station.now);
  }

  @Test
  void anAlertIsPendingThenFiresThenEndsOverARestart() throws IOException, InterruptedException {
    try (var station = new Station(folder, TOLD)) {
      var host = Fleet.host("db1");
      station.silent.add(host);
      station.polls(5);
      assertThat(station.told()).as("pending").isEmpty();
      station.restart();
      station.polls(4);
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Host db1 does not answer", "critical");
      station.restart();
      station.polls(20);
      assertThat(station.told()).as("told once").isEmpty();
      station.silent.clear();
      station.hosts.add(host);
      station.polls(20);
      assertThat(station.told()).singleElement().asString().contains("resolved");
    }
  }

  @Test
  void aReloadChangesWhatIsWorthTelling() throws IOException, InterruptedException {
    try (var station = new Station(folder, TOLD)) {
      var host = Fleet.host("db1");
      host.poolUsedBytes = 60 * Fleet.GIB;
      station.hosts.add(host);
      station.polls(3);
      assertThat(station.told()).isEmpty();
      station.configuration =
          station.configured(
              Station.CHANNEL
                  + "alerts: {channels: [team], rules: {pool-data-full: {warning: 55%}}}\n");
      station.polls(3);
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Data of pool vg0/thin on db1 is 60 % full");
      station.configuration =
          station.configured(
              Station.CHANNEL
                  + "alerts: {channels: [team], rules: {pool-data-full: {enabled: false}}}\n");
      station.polls(10);
      assertThat(station.told()).singleElement().asString().contains("resolved");
    }
  }

  @Test
  void aVolumeThatIsSlowerThanItsOwnLimitIsTold() throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder, TOLD + "monitors: {limits: [{volumes: [{name: pg}], latency: 20ms}]}\n")) {
      station.hosts.add(Fleet.host("db1").with(Fleet.thin("pg")).with(Fleet.thin("other")));
      for (var poll = 0; poll < 40; poll++) {
        station.counters.put("pg-uuid", counted(poll, 30));
        station.counters.put("other-uuid", counted(poll, 30));
        station.poll();
      }
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Operations on volume vg0/pg on db1 take 30 ms")
          .doesNotContain("other");
    }
  }

  /// A hundred reads at each look, of so many milliseconds.
  private static DiskCounters counted(long poll, long millis) {
    return new DiskCounters(
        100 * poll, 800 * poll, 100 * poll * millis, 0, 0, 0, 0, 1, 100 * poll * millis);
  }

  @Test
  void whatTheAgentCouldNotDoIsTold() throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder, TOLD + "policies: [{id: p, volumes: [{name: a}], schedule: '@hourly'}]\n")) {
      station.hosts.add(Fleet.host("db1"));
      report(station, Trouble.Kind.EXTENSION_FAILED, "vg0/thin metadata");
      report(station, Trouble.Kind.AUTOEXTEND_MISCONFIGURED, "vg0/thin");
      report(station, Trouble.Kind.RECORD_FAILED, "audit");
      report(station, Trouble.Kind.CLEAN_UP_FAILED, "p");
      report(station, Trouble.Kind.SNAPSHOT_FAILED, "vg0/a");
      report(station, Trouble.Kind.PLAN_UNFINISHED, "plan-7");
      station.runs.handledUpTo(Task.snapshot("p"), "db1", station.now);
      station.poll();
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("vg0/thin metadata on db1 could not be extended")
          .contains("towards its end. Why: because the test wants it.")
          .contains("Pool vg0/thin on db1 is to be extended by LVM, and LVM will not do it")
          .contains("The record of what was done is broken")
          .contains("Policy p could not remove its expired snapshots on db1")
          .doesNotContain("were begun and not ended");
      station.troubles.clear("db1", Trouble.Kind.EXTENSION_FAILED, "vg0/thin metadata");
      station.polls(60);
      assertThat(station.told().toString())
          .contains("resolved")
          .contains("1 changes on db1 were begun and not ended");
    }
  }

  @Test
  void aDelegatedPoolThatWillPassItsMaximumIsTold() throws IOException, InterruptedException {
    try (var station = new Station(folder, TOLD)) {
      station.hosts.add(Fleet.host("db1"));
      report(station, Trouble.Kind.SELF_EXTENSION_BEYOND_LIMIT, "vg0/thin data");
      station.poll();
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("LVM's next extension of pool vg0/thin on db1 passes the limits")
          .contains("lumeo grow explain --host db1")
          .doesNotContain("dmeventd");
      station.troubles.clear("db1", Trouble.Kind.SELF_EXTENSION_BEYOND_LIMIT, "vg0/thin data");
      station.polls(60);
      assertThat(station.told()).singleElement().asString().contains("resolved");
    }
  }

  /// Lumeo leaves the reserve alone, so what lies in it is no room to grow into.
  @Test
  void aGroupWhoseReserveStandsInTheWayIsTold() throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder, TOLD + "growth: [{name: g, pool: vg0/thin, step: 20GiB, reserve: 50GiB}]\n")) {
      var host = Fleet.host("db1");
      host.groupUsedGib = 130;
      station.hosts.add(host);
      station.polls(3);
      assertThat(station.told()).as("70 GiB are free").isEmpty();
      host.groupUsedGib = 144;
      station.polls(3);
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Volume group vg0 on db1 has free only 80 % of what its next extension needs");
    }
  }

  private static void report(Station station, Trouble.Kind kind, String object) {
    station.troubles.report("db1", kind, object, "because the test wants it", station.now);
  }

  @Test
  void aPolicyIsOverdueByItsScheduleAndItsVerificationTooOld()
      throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder,
            TOLD
                + """
                policies:
                  - id: nightly
                    title: The night's
                    volumes: [{name: a}]
                    schedule: 0 3 * * *
                    verification: {schedule: '@weekly', maximumAge: 10d}
                """)) {
      var snapshot =
          Fleet.tagged(
              Fleet.snapshot("a-1", "a-uuid", Station.START, 1),
              SnapshotTags.of(new RunKey("nightly", Station.START), "a-uuid", new TreeSet<>()));
      station.hosts.add(Fleet.host("db1").with(snapshot));
      var task = Task.snapshot("nightly");
      station.runs.handledUpTo(task, "db1", station.now);
      ran(station, task, RunRecord.Result.DONE);
      ran(station, Task.verification("nightly"), RunRecord.Result.DONE);
      station.poll();
      assertThat(station.told()).isEmpty();
      // The run of the next night fails; its absence is told in the afternoon.
      station.now = Instant.parse("2026-03-03T03:00:00Z");
      ran(station, task, RunRecord.Result.FAILED);
      station.poll();
      assertThat(station.told()).singleElement().asString().doesNotContain("has not succeeded");
      station.now = Instant.parse("2026-03-03T15:30:00Z");
      station.poll();
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Policy nightly on db1 has not succeeded");
      station.now = Station.START.plus(Duration.ofDays(10)).plusSeconds(60);
      station.poll();
      assertThat(station.told().toString())
          .contains("No snapshot of policy nightly on db1 has been verified for 10 d");
    }
  }

  /// A weekly policy would else be told of ten days later, as overdue.
  @Test
  void aRunThatFailedIsToldAtOnce() throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder, TOLD + "policies: [{id: p, volumes: [{name: a}], schedule: '@weekly'}]\n")) {
      station.hosts.add(Fleet.host("db1"));
      var task = Task.snapshot("p");
      station.runs.handledUpTo(task, "db1", station.now);
      station.poll();
      assertThat(station.told()).isEmpty();
      ran(station, task, RunRecord.Result.PARTIAL);
      station.poll();
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Policy p on db1 did not take all of its snapshots")
          .contains("lumeo audit list --actor policy:p")
          .doesNotContain("overdue");
      ran(station, task, RunRecord.Result.DONE);
      station.polls(60);
      assertThat(station.told()).singleElement().asString().contains("resolved");
    }
  }

  @Test
  void aSnapshotThatCannotBeReadIsTold() throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder,
            TOLD
                + """
                policies:
                  - id: p
                    volumes: [{name: a}]
                    schedule: '@daily'
                    verification: {schedule: '@weekly'}
                """)) {
      station.hosts.add(Fleet.host("db1"));
      var task = Task.verification("p");
      station.runs.handledUpTo(Task.snapshot("p"), "db1", station.now);
      ran(station, task, RunRecord.Result.INTERRUPTED);
      station.poll();
      assertThat(station.told()).as("it says nothing of any snapshot").isEmpty();
      ran(station, task, RunRecord.Result.FAILED);
      station.poll();
      assertThat(station.told())
          .singleElement()
          .asString()
          .contains("Snapshots of policy p on db1 could not be proven readable", "critical");
      ran(station, task, RunRecord.Result.INTERRUPTED);
      station.polls(60);
      assertThat(station.told()).as("and proves none").isEmpty();
      ran(station, task, RunRecord.Result.DONE);
      station.polls(60);
      assertThat(station.told()).singleElement().asString().contains("resolved");
    }
  }

  /// Nothing else would tell: such a policy has no run that could be overdue.
  @Test
  void aPolicyThatMatchesNothingIsTold() throws IOException, InterruptedException {
    try (var station =
        new Station(
            folder,
            TOLD
                + """
                policies:
                  - {id: typo, volumes: [{name: hmoe}], schedule: '@daily'}
                  - {id: gone, volumes: [{host: db1, name: a}], schedule: '@daily'}
                  - {id: one, volumes: [{name: home}], schedule: '@daily'}
                  - {id: off, enabled: false, volumes: [{name: x}], schedule: '@daily'}
                """)) {
      station.hosts.add(Fleet.host("db1"));
      station.runs.selected(Task.snapshot("typo"), "db1", 0);
      station.runs.selected(Task.snapshot("gone"), "db1", 0);
      station.runs.selected(Task.snapshot("one"), "db1", 1);
      station.polls(60);
      assertThat(station.told()).isEmpty();
      station.polls(2);
      assertThat(station.told())
          .as("web1 was never looked at, and may have what 'typo' means")
          .singleElement()
          .asString()
          .contains("Policy gone selects no volume of any host")
          .contains("lumeo policy show gone");
      station.runs.selected(Task.snapshot("typo"), "web1", 0);
      station.runs.selected(Task.snapshot("gone"), "db1", 1);
      station.polls(70);
      assertThat(station.told().toString())
          .contains("resolved")
          .contains("Policy typo selects no volume of any host")
          .doesNotContain("Policy one", "Policy off");
    }
  }

  private static void ran(Station station, Task task, RunRecord.Result result) {
    station.runs.add(
        task, "db1", station.now, new RunRecord.End(station.now, result, "the group is full"));
  }

  @Test
  void aPolicySignalsItsLifeOnce() throws IOException, InterruptedException {
    try (var pings = Pings.open();
        var station =
            new Station(
                folder,
                "policies: [{id: p, volumes: [{name: a}], schedule: '@daily', ping: '%s'}]\n"
                    .formatted(pings.address()))) {
      station.poll();
      assertThat(pings.paths).isEmpty();
      var task = Task.snapshot("p");
      station.runs.handledUpTo(task, "db1", station.now);
      var begun = station.now;
      station.runs.begin(task, "db1", begun, begun, begun);
      station.poll();
      assertThat(pings.paths).containsExactly("/secret/start");
      station.restart();
      station.runs.end(
          station.runs.last(task, "db1").orElseThrow(),
          new RunRecord.End(station.now, RunRecord.Result.DONE, "one snapshot"));
      station.polls(3);
      assertThat(pings.paths).containsExactly("/secret/start", "/secret");
      ran(station, task, RunRecord.Result.FAILED);
      station.polls(2);
      assertThat(pings.paths)
          .containsExactly("/secret/start", "/secret", "/secret/start", "/secret/fail");
      assertThat(pings.bodies.getLast()).isEqualTo("db1: the group is full");
    }
  }

  @Test
  void whatNoChannelTakesIsGivenUpAndRecorded() throws IOException, InterruptedException {
    try (var station = new Station(folder, TOLD)) {
      station.programEnds = 3;
      var host = Fleet.host("db1");
      host.poolUsedBytes = 95 * Fleet.GIB;
      station.hosts.add(host);
      while (failures(station).isEmpty()) {
        station.poll();
        station.now = station.now.plus(Duration.ofMinutes(20));
      }
      assertThat(failures(station).getFirst().entry().reason())
          .contains("was not taken by team at attempt 12")
          .contains("/usr/bin/tell ended with 3: the phone is dead");
      assertThat(station.watch.test("team").result()).isEqualTo(Delivery.Result.GIVEN_UP);
      assertThatThrownBy(() -> station.watch.test("nobody"))
          .hasMessageContaining("there are: team");
      station.programEnds = 0;
      assertThat(station.watch.test("team").result()).isEqualTo(Delivery.Result.DELIVERED);
      assertThat(station.told().getLast()).contains("This is a test of channel team");
    }
  }

  private static List<AuditRecord> failures(Station station) {
    return station.audit.find(AuditQuery.latest(10)).stream()
        .filter(record -> record.entry().verb().equals("message.deliver"))
        .toList();
  }

  @Test
  void aSilenceKeepsAnAlertFromBeingTold() throws IOException, InterruptedException {
    try (var station = new Station(folder, TOLD)) {
      var host = Fleet.host("db1");
      host.poolUsedBytes = 85 * Fleet.GIB;
      station.hosts.add(host);
      station.watch.silence(
          new Silence(
              "s",
              List.of(LabelMatcher.parse("object=vg0/thin")),
              station.now,
              station.now.plusSeconds(3600),
              "ann",
              "known"));
      station.polls(5);
      assertThat(station.told()).isEmpty();
      assertThat(station.watch.endSilence("s")).isTrue();
      station.poll();
      assertThat(station.told()).hasSize(1);
    }
  }

  @Test
  void prometheusFetchesWhatWasSeen() throws IOException, InterruptedException {
    var port = freePort();
    try (var station = new Station(folder, "")) {
      station.configuration =
          Configured.by("hosts: [{name: db1, kind: lvm}]\nmetrics: {port: %d}\n".formatted(port));
      station.hosts.add(Fleet.host("db1").with(Fleet.thin("data")));
      station.audit.append(
          AuditEntry.of("policy:p", "schedule", "snapshot.create", AuditResult.DONE, "db1: x")
              .ran(
                  List.of(new Executed(List.of("lvcreate"), 0, Duration.ofSeconds(2))),
                  Duration.ofSeconds(2),
                  Optional.empty()));
      station.poll();
      assertThat(get(port, "GET", "/metrics").body())
          .as("a counter that was never seen at 0 does not rise")
          .contains("lumeo_trim_reclaimed_bytes_total{host=\"db1\"} 0.0");
      station.audit.append(
          AuditEntry.of("trim:weekly", "schedule", "trim", AuditResult.DONE, "db1: as scheduled")
              .changed(new TreeMap<>(), new TreeMap<>(Map.of("reclaimedBytes", "1048576"))));
      station.poll();
      var page = get(port, "GET", "/metrics");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body())
          .contains("lumeo_host_up{host=\"db1\"} 1.0")
          .contains("lumeo_thin_pool_data_used_bytes{host=\"db1\",pool=\"thin\",vg=\"vg0\"}")
          .contains("lumeo_build_info{version=\"1.2.3\"} 1")
          .contains("lumeo_record_broken 0.0")
          .contains("lumeo_operations_total{op=\"snapshot.create\",result=\"done\"} 1.0")
          .contains("lumeo_trim_reclaimed_bytes_total{host=\"db1\"} 1048576.0")
          .contains("lumeo_operation_duration_seconds_bucket{op=\"snapshot.create\",le=\"5.0\"} 1");
      assertThat(get(port, "GET", "/health").body()).contains("ok");
      assertThat(get(port, "POST", "/metrics").statusCode()).isEqualTo(405);
      assertThat(get(port, "GET", "/metrics/x").statusCode()).isEqualTo(404);
      station.configuration = Configured.by("metrics: {port: 0}\n");
      station.perform();
      assertThatThrownBy(() -> get(port, "GET", "/health")).isInstanceOf(IOException.class);
      try (var taken = new ServerSocket(port, 1, java.net.InetAddress.getLoopbackAddress())) {
        station.configuration =
            Configured.by("metrics: {port: %d}\n".formatted(taken.getLocalPort()));
        assertThatThrownBy(() -> station.duty("metrics").perform(station.now))
            .hasMessageContaining("choose another port");
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// What a page answers.
  record Answer(int statusCode, String body) {}

  private static Answer get(int port, String method, String path) throws IOException {
    var connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:%d%s".formatted(port, path)).toURL().openConnection();
    connection.setRequestMethod(method);
    int status = connection.getResponseCode();
    try (var stream = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      var body = stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(status, body);
    } finally {
      connection.disconnect();
    }
  }
}
