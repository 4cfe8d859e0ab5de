package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import io.lumeo.audit.AuditResult;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ConfigurationHistory;
import io.lumeo.configuration.SourceText;
import io.lumeo.forecasts.Event;
import io.lumeo.forecasts.Forecast;
import io.lumeo.forecasts.Full;
import io.lumeo.forecasts.FullDate;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Poll;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import io.lumeo.storage.Pool;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForecastsTest {
  private static final Instant NOW = Instant.parse("2026-03-31T00:00:00Z");

  @TempDir Path folder;
  private Database database;
  private Samples samples;
  private ChangeRates changes;
  private Monitors monitors;
  private final List<AuditRecord> audit = new ArrayList<>();
  private Configuration configuration = Configured.with("");
  private ForecastRound round;
  private Instant historyAt = NOW;
  private Foreseen foreseen;

  @BeforeEach
  void open() throws StateException {
    database = Database.open(folder.resolve("state.db"));
    samples = Samples.open(database);
    changes = ChangeRates.open(database);
    monitors = new Monitors(samples, (host, inventoryAt) -> Map.of());
    round =
        new ForecastRound(
            monitors, samples, this::find, changes, new RuleChanges(database), () -> configuration);
    foreseen = new Foreseen(monitors::watched, round::outlook, changes, () -> NOW);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private List<AuditRecord> find(AuditQuery query) {
    return List.copyOf(audit);
  }

  /// A month in which the pool of `db1` grew by a GiB a day, up to what `host` says now.
  private void month(Fleet host, double leapGib, int leapDay) {
    var polls = new ArrayList<Poll>();
    for (var hour = 0; hour <= 30 * 24; hour++) {
      var daysAgo = 30 - hour / 24.0;
      var before = daysAgo > 30 - leapDay ? leapGib : 0;
      var used = host.poolUsedBytes - (daysAgo + before) * Fleet.GIB;
      polls.add(
          new Poll(
              NOW.minus(Duration.ofHours(30L * 24 - hour)),
              Map.of(new SeriesKey(host.name, Fleet.POOL, Measure.DATA_USED), used)));
    }
    samples.addAll(polls);
    samples.flush();
    samples.rollUp(NOW);
  }

  @Test
  void aPoolThatGrowsIsFullOnADay() {
    var host = Fleet.host("db1");
    month(host, 0, 0);
    monitors.look(host.seen(NOW));
    assertThat(round.perform(NOW)).isAfter(NOW);
    var outlook = round.outlook("db1").orElseThrow();
    var date = FullDate.first(outlook.datesOf(Fleet.POOL)).orElseThrow();
    assertThat(date.what()).isEqualTo(Full.DATA);
    assertThat(Duration.between(NOW, date.when().likely()))
        .isBetween(Duration.ofDays(48), Duration.ofDays(52));
    assertThat(foreseen.timeToFull("db1", Fleet.POOL, GrowthTarget.POOL_DATA).orElseThrow())
        .isBetween(Duration.ofDays(45), Duration.ofDays(51));
    assertThat(foreseen.fillBytesPerHour("db1", Fleet.POOL, GrowthTarget.POOL_DATA).orElseThrow())
        .isBetween(Fleet.GIB / 26, Fleet.GIB / 22);
    assertThat(foreseen.timeToFull("db1", Fleet.POOL, GrowthTarget.POOL_METADATA)).isEmpty();
    assertThat(foreseen.fillBytesPerHour("db1", Fleet.POOL, GrowthTarget.POOL_METADATA)).isEmpty();
    assertThat(foreseen.timeToFull("web1", Fleet.POOL, GrowthTarget.POOL_DATA)).isEmpty();
  }

  @Test
  void whatIsExtendedInTimeIsFullOnlyWhenTheGroupIs() {
    configuration =
        Configured.with(
            "growth: [{name: g, pool: vg0/thin, threshold: 80%, step: 20%, reserve: 20GiB}]\n");
    var host = Fleet.host("db1");
    month(host, 0, 0);
    monitors.look(host.seen(NOW));
    round.perform(NOW);
    var outlook = round.outlook("db1").orElseThrow();
    var date = FullDate.first(outlook.datesOf(Fleet.POOL)).orElseThrow();
    assertThat(date.what()).isEqualTo(Full.DATA_WITH_GROUP);
    assertThat(date.limitBytes()).isEqualTo(160.0 * Fleet.GIB);
    assertThat(outlook.datesOf(Fleet.POOL)).anyMatch(FullDate::averted);
    assertThat(outlook.promises().get(Fleet.POOL).reachableBytes()).isEqualTo(160 * Fleet.GIB);
    var purchase = outlook.purchase(pool(host), NOW.plus(Duration.ofDays(182))).orElseThrow();
    assertThat(purchase.missingBytes()).isGreaterThan(150.0 * Fleet.GIB);
  }

  @Test
  void otherRulesMakeAnotherFutureAtOnce() {
    var host = Fleet.host("db1");
    month(host, 0, 0);
    monitors.look(host.seen(NOW));
    round.perform(NOW);
    var first = round.outlook("db1").orElseThrow();
    round.perform(NOW.plusSeconds(60));
    assertThat(round.outlook("db1")).containsSame(first);
    configuration = Configured.with("growth: [{name: g, pool: vg0/thin, maximum: 120GiB}]\n");
    round.perform(NOW.plusSeconds(120));
    assertThat(round.outlook("db1").orElseThrow().promises().get(Fleet.POOL).reachableBytes())
        .isEqualTo(120 * Fleet.GIB);
    round.perform(NOW.plusSeconds(120).plus(Duration.ofHours(1)));
    assertThat(round.outlook("db1").orElseThrow().at()).isAfter(NOW.plusSeconds(3600));
  }

  /// LVM's own extension counts only while it is watched.
  @Test
  void aPoolThatExtendsItselfReachesWhatTheGroupHas() {
    var host = Fleet.host("db1");
    host.selfExtension = new Pool.SelfExtension(70, 20, true, null);
    var terms = new GrowthTerms(List.of());
    assertThat(terms.reachableBytes(host.inventory(NOW), pool(host))).isEqualTo(180 * Fleet.GIB);
    assertThat(terms.roomForNextSteps(host.inventory(NOW))).isEmpty();
    host.selfExtension = new Pool.SelfExtension(70, 20, false, null);
    assertThat(terms.reachableBytes(host.inventory(NOW), pool(host))).isEqualTo(host.poolBytes);
  }

  @Test
  void aRestoreIsNoGrowth() {
    var host = Fleet.host("db1").with(Fleet.thin("data"));
    month(host, 15, 20);
    audit.add(
        record(NOW.minus(Duration.ofDays(10)), "snapshot.restore", AuditResult.DONE, "data-uuid"));
    monitors.look(host.seen(NOW));
    round.perform(NOW);
    var outlook =
        round.outlook("db1").orElseThrow().outlook(Fleet.POOL, Measure.DATA_USED).orElseThrow();
    assertThat(outlook)
        .isInstanceOfSatisfying(
            Forecast.class,
            forecast -> {
              assertThat(forecast.adjustments())
                  .anyMatch(adjustment -> adjustment.event().kind() == Event.Kind.RESTORE);
              assertThat(forecast.growthPerDay()).isBetween(0.8 * Fleet.GIB, 1.2 * Fleet.GIB);
            });
  }

  /// Another retention is another future of the pools that hold its snapshots. Another title is
  /// not.
  @Test
  void otherRulesAreAnotherFutureOfThePoolsThatTheyFill() throws StateException {
    var host = Fleet.host("db1").with(Fleet.thin("data"));
    host.with(Fleet.ofPolicy(Fleet.thin("data-1"), "nightly"));
    month(host, 0, 0);
    var history = ConfigurationHistory.open(database, () -> historyAt);
    inForce(history, 25, "title: One, retention: {daily: 7}");
    inForce(history, 15, "title: One, retention: {daily: 14}");
    inForce(history, 5, "title: Two, retention: {daily: 14}");
    var changes = new RuleChanges(database);
    var inventory = host.inventory(NOW);
    assertThat(changes.events(inventory, NOW.minus(Duration.ofDays(30))))
        .isEqualTo(
            Map.of(
                Fleet.POOL,
                List.of(new Event(NOW.minus(Duration.ofDays(15)), Event.Kind.NEW_RULES))));
    assertThat(changes.events(inventory, NOW.minus(Duration.ofDays(7)))).isEmpty();

    monitors.look(host.seen(NOW));
    round.perform(NOW);
    assertThat(
            round.outlook("db1").orElseThrow().outlook(Fleet.POOL, Measure.DATA_USED).orElseThrow())
        .isInstanceOfSatisfying(
            Forecast.class,
            forecast ->
                assertThat(forecast.adjustments())
                    .anyMatch(made -> made.event().kind() == Event.Kind.NEW_RULES));
  }

  private void inForce(ConfigurationHistory history, int daysAgo, String policy) {
    historyAt = NOW.minus(Duration.ofDays(daysAgo));
    var text =
        Configured.HOSTS
            + "policies: [{id: nightly, volumes: [{name: data}], schedule: '@daily', %s}]\n"
                .formatted(policy);
    history.record(List.of(new SourceText("lumeo.yaml", text)), "ann", "because");
  }

  @Test
  void theRecordSaysWhatChangedWhoseUse() {
    var inventory = Fleet.host("db1").with(Fleet.thin("data")).inventory(NOW);
    var records =
        List.of(
            record(NOW, "grow.pool-data", AuditResult.DONE, Fleet.POOL),
            record(NOW, "begin.trim", AuditResult.DONE, "data-uuid"),
            record(NOW, "trim", AuditResult.PARTIAL, "data-uuid"),
            record(NOW, "trim", AuditResult.FAILED, "data-uuid"),
            record(NOW, "snapshot.create", AuditResult.DONE, "data-uuid"),
            record(NOW, "trash.purge", AuditResult.DONE, "gone-uuid"),
            record(NOW, "configuration.apply", AuditResult.DONE, ""));
    var events = AuditEvents.of(records, inventory);
    assertThat(events.get(Fleet.POOL))
        .extracting(Event::kind)
        .containsExactlyInAnyOrder(
            Event.Kind.EXTENSION, Event.Kind.TRIM, Event.Kind.SNAPSHOT_DELETION);
    assertThat(events.get("data-uuid")).extracting(Event::kind).containsExactly(Event.Kind.TRIM);
    assertThat(events).doesNotContainKey(Fleet.GROUP);
  }

  /// The record of it names the group that it changed.
  @Test
  void whatWasDoneByHandIsKnown() {
    var inventory = Fleet.host("db1").with(Fleet.thin("data")).inventory(NOW);
    var records =
        List.of(
            record(NOW, "begin.lvm.extend-pool-data", AuditResult.DONE, Fleet.GROUP),
            record(NOW, "lvm.extend-pool-data", AuditResult.DONE, Fleet.GROUP),
            record(NOW, "lvm.trim", AuditResult.DONE, Fleet.GROUP),
            record(NOW, "lvm.purge", AuditResult.FAILED, Fleet.GROUP),
            record(NOW, "lvm.roll-back", AuditResult.DONE, Fleet.GROUP),
            record(NOW, "lvm.rename", AuditResult.DONE, Fleet.GROUP),
            record(NOW, "lvm.trim", AuditResult.DONE, "another-group"),
            record(NOW, "grow.delegate", AuditResult.DONE, Fleet.POOL));
    var events = AuditEvents.of(records, inventory);
    assertThat(events.get(Fleet.POOL))
        .extracting(Event::kind)
        .containsExactly(Event.Kind.EXTENSION, Event.Kind.TRIM, Event.Kind.RESTORE);
    assertThat(events.get("data-uuid")).isEqualTo(events.get(Fleet.POOL));
  }

  /// A burst that no forecast sees: half of the pool is free, and full within the hour.
  @Test
  void aBurstIsForeseenByItsRate() {
    var host = Fleet.host("db1");
    for (var minute = 0; minute < 10; minute++) {
      host.poolUsedBytes += 2 * Fleet.GIB;
      monitors.look(host.seen(NOW.plusSeconds(minute * 60L)));
    }
    assertThat(foreseen.timeToFull("db1", Fleet.POOL, GrowthTarget.POOL_DATA))
        .contains(Duration.ofMinutes(15));
    assertThat(foreseen.fillBytesPerHour("db1", Fleet.POOL, GrowthTarget.POOL_DATA))
        .hasValue(120 * Fleet.GIB);
    assertThat(foreseen.fillBytesPerHour("db1", "gone", GrowthTarget.FILE_SYSTEM)).isEmpty();
  }

  @Test
  void theStoreOfASnapshotTellsHowMuchOfItsOriginChanges() {
    var host =
        Fleet.host("db1")
            .with(Fleet.snapshot("a", "home-uuid", NOW.minus(Duration.ofHours(10)), 100 << 20))
            .with(Fleet.snapshot("b", "home-uuid", NOW.minus(Duration.ofHours(2)), 40 << 20))
            .with(Fleet.snapshot("new", "root-uuid", NOW.minusSeconds(60), 1 << 20));
    assertThat(ChangeRates.of(host.inventory(NOW), NOW)).isEqualTo(Map.of("home-uuid", 20L << 20));
    monitors.look(host.seen(NOW));
    round.perform(NOW);
    assertThat(foreseen.changedBytesPerHour("db1", "home-uuid")).hasValue(20 << 20);
    assertThat(foreseen.changedBytesPerHour("db1", "root-uuid")).isEmpty();
    host.volumes.clear();
    changes.note(host.inventory(NOW), NOW);
    assertThat(foreseen.changedBytesPerHour("db1", "home-uuid"))
        .as("what was seen is remembered when the snapshots are gone")
        .hasValue(20 << 20);
  }

  @Test
  void fileSystemsAndStoresAreForeseenToo() {
    var host =
        Fleet.host("db1")
            .with(Fleet.mounted("home", 8 * Fleet.GIB))
            .with(Fleet.snapshot("snap", "home-uuid", NOW, Fleet.GIB));
    var series = HostOutlook.series(host.inventory(NOW));
    assertThat(series)
        .extracting(SeriesKey::measure)
        .containsExactly(
            Measure.DATA_USED,
            Measure.DATA_USED,
            Measure.METADATA_USED,
            Measure.FILE_SYSTEM_USED,
            Measure.DATA_USED);
    var outlook = HostOutlook.of(host.inventory(NOW), Map.of(), Map.of(), List.of(), NOW);
    assertThat(outlook.dates())
        .extracting(FullDate::what)
        .contains(Full.FILE_SYSTEM, Full.SNAPSHOT_STORE, Full.METADATA);
    assertThat(outlook.dates()).noneMatch(date -> date.when().isForeseen());
  }

  private static Pool pool(Fleet host) {
    return host.inventory(NOW).pools().getLast();
  }

  private static AuditRecord record(Instant at, String verb, AuditResult result, String target) {
    return new AuditRecord(
        1,
        "id",
        at,
        AuditEntry.of("policy:p", "schedule", verb, result, "db1: because")
            .about(List.of(target), ""),
        "",
        "");
  }
}
