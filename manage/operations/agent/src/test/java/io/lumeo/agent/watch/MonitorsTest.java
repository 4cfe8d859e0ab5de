package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.forecasts.DiskCounters;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Resolution;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import io.lumeo.storage.Health;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitorsTest {
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  @TempDir Path folder;
  private Database database;
  private Samples samples;
  private Monitors monitors;
  private final Map<String, DiskCounters> counters = new HashMap<>();
  private String mute = "";

  @BeforeEach
  void open() throws StateException {
    database = Database.open(folder.resolve("state.db"));
    samples = Samples.open(database);
    monitors = new Monitors(samples, (host, inventoryAt) -> counters());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Map<String, DiskCounters> counters() throws StorageFailure {
    if (!mute.isEmpty()) {
      throw new StorageFailure.TimedOut(mute);
    }
    return Map.copyOf(counters);
  }

  @Test
  void eachLookIsMeasured() {
    var host =
        Fleet.host("db1")
            .with(Fleet.thin("data"))
            .with(Fleet.mounted("home", 3 * Fleet.GIB))
            .with(Fleet.snapshot("home-snap", "home-uuid", START, 1 << 20));
    monitors.look(host.seen(START));
    monitors.look(host.seen(START.plusSeconds(60)));
    assertThat(last(Fleet.POOL, Measure.DATA_USED)).isEqualTo(50.0 * Fleet.GIB);
    assertThat(last(Fleet.POOL, Measure.DATA_SIZE)).isEqualTo(100.0 * Fleet.GIB);
    assertThat(last(Fleet.POOL, Measure.METADATA_SIZE)).isEqualTo(1.0 * Fleet.GIB);
    assertThat(last(Fleet.GROUP, Measure.DATA_USED)).isEqualTo(120.0 * Fleet.GIB);
    assertThat(last("data-uuid", Measure.DATA_USED)).isEqualTo(5.0 * Fleet.GIB);
    assertThat(last("home-uuid", Measure.FILE_SYSTEM_USED)).isEqualTo(3.0 * Fleet.GIB);
    assertThat(last("home-snap-uuid", Measure.DATA_USED)).isEqualTo(1 << 20);
  }

  @Test
  void whatWasSeenSinceTheInventoryWins() {
    var host = Fleet.host("db1").with(Fleet.snapshot("snap", "x", START, 1 << 20));
    var fresher =
        List.of(
            new UsageSample(
                Fleet.POOL,
                new Usage(100 * Fleet.GIB, 60 * Fleet.GIB),
                new Usage(Fleet.GIB, 7),
                Health.ok()),
            new UsageSample(
                "snap-uuid",
                new Usage(10, 10),
                null,
                new Health(Health.State.INVALID, "it overflowed")));
    monitors.look(host.seen(START, fresher));
    samples.flush();
    assertThat(last(Fleet.POOL, Measure.DATA_USED)).isEqualTo(60.0 * Fleet.GIB);
    assertThat(last(Fleet.POOL, Measure.METADATA_USED)).isEqualTo(7);
    assertThat(samples.keys("db1"))
        .as("a snapshot that is lost says nothing of how it filled")
        .noneMatch(key -> key.uuid().equals("snap-uuid"));
  }

  @Test
  void ratesAreMeasuredBetweenTwoReadingsOfTheKernelsCounters() {
    var host = Fleet.host("db1").with(Fleet.thin("data"));
    counters.put("data-uuid", new DiskCounters(100, 800, 50, 0, 0, 0, 0, 100, 100));
    monitors.look(host.seen(START));
    assertThat(monitors.watched("db1").orElseThrow().loads()).isEmpty();
    counters.put("data-uuid", new DiskCounters(250, 2000, 350, 0, 0, 0, 0, 400, 900));
    monitors.look(host.seen(START.plusSeconds(15)));
    samples.flush();
    assertThat(last("data-uuid", Measure.READ_IOPS)).isEqualTo(10);
    assertThat(last("data-uuid", Measure.WRITE_IOPS)).isEqualTo(0);
    assertThat(last("data-uuid", Measure.READ_RATE)).isEqualTo(1200 * 512 / 15.0);
    assertThat(last("data-uuid", Measure.READ_LATENCY)).isEqualTo(0.002);
    assertThat(last("data-uuid", Measure.QUEUE_DEPTH)).isEqualTo(0.8 / 15);
    assertThat(samples.keys("db1"))
        .as("nothing was written, so that nobody waited")
        .noneMatch(key -> key.measure() == Measure.WRITE_LATENCY);
    assertThat(monitors.watched("db1").orElseThrow().loads().get("data-uuid")).hasSize(1);
  }

  @Test
  void countersThatCannotBeReadCostNothingElse() {
    var host = Fleet.host("db1").with(Fleet.thin("data"));
    counters.put("data-uuid", new DiskCounters(1, 1, 1, 1, 1, 1, 0, 1, 1));
    monitors.look(host.seen(START));
    mute = "cat hangs";
    monitors.look(host.seen(START.plusSeconds(15)));
    samples.flush();
    var known = monitors.watched("db1").orElseThrow();
    assertThat(known.problem()).isEqualTo("cat hangs");
    assertThat(known.loads()).isEmpty();
    assertThat(last(Fleet.POOL, Measure.DATA_USED)).isEqualTo(50.0 * Fleet.GIB);
    mute = "";
    monitors.look(host.seen(START.plusSeconds(30)));
    assertThat(monitors.watched("db1").orElseThrow().problem()).isEmpty();
    assertThat(monitors.watched("db1").orElseThrow().loads())
        .as("the reading before the trouble is too old to compare with")
        .isEmpty();
  }

  @Test
  void aHostThatDoesNotAnswerKeepsWhatWasKnownOfIt() {
    var host = Fleet.host("db1");
    monitors.look(host.seen(START));
    monitors.look(host.missed(START.plusSeconds(60), null));
    var known = monitors.watched("db1").orElseThrow();
    assertThat(known.isReachable()).isFalse();
    assertThat(known.inventory()).isEqualTo(host.inventory(START));
    samples.flush();
    assertThat(
            samples.history(
                new SeriesKey("db1", Fleet.POOL, Measure.DATA_USED),
                START,
                START.plusSeconds(3600),
                Resolution.MINUTE))
        .hasSize(1);
    monitors.look(Fleet.host("web1").missed(START, null));
    assertThat(monitors.watched("web1").orElseThrow().inventory()).isNull();
    assertThat(Monitors.burns(monitors.watched("web1").orElseThrow())).isEmpty();
  }

  @Test
  void onlyTheLastMinutesAreRemembered() {
    var host = Fleet.host("db1").with(Fleet.thin("data"));
    for (var minute = 0; minute < 60; minute++) {
      counters.put("data-uuid", new DiskCounters(minute, 1, 1, 1, 1, 1, 0, 1, 1));
      host.poolUsedBytes += Fleet.GIB / 4;
      monitors.look(host.seen(START.plusSeconds(minute * 60L)));
    }
    var known = monitors.watched("db1").orElseThrow();
    assertThat(known.loads().get("data-uuid")).hasSize(12);
    var used = known.used().get(new SeriesKey("db1", Fleet.POOL, Measure.DATA_USED));
    assertThat(used).hasSize(12);
    assertThat(known.used().keySet())
        .as("a thin volume cannot be full suddenly")
        .noneMatch(key -> key.uuid().equals("data-uuid"));
    var burn = Monitors.burns(known).get(new SeriesKey("db1", Fleet.POOL, Measure.DATA_USED));
    assertThat(burn.toFull()).isEqualTo(Duration.ofMinutes(140));
  }

  @Test
  void aClockThatWasSetBackLeavesNothingOfItsFuture() {
    var host = Fleet.host("db1");
    monitors.look(host.seen(START.plus(Duration.ofDays(400))));
    monitors.look(host.seen(START));
    assertThat(
            monitors
                .watched("db1")
                .orElseThrow()
                .used()
                .get(new SeriesKey("db1", Fleet.POOL, Measure.DATA_USED)))
        .hasSize(1);
  }

  @Test
  void aHostThatIsNotConfiguredAnyMoreIsForgotten() {
    monitors.look(Fleet.host("db1").seen(START));
    monitors.look(Fleet.host("old").seen(START));
    assertThat(monitors.watched()).extracting(Watched::host).containsExactly("db1", "old");
    monitors.retain(Configured.with(""));
    assertThat(monitors.watched()).extracting(Watched::host).containsExactly("db1");
  }

  private double last(String uuid, Measure measure) {
    samples.flush();
    return samples
        .history(
            new SeriesKey("db1", uuid, measure),
            START.minusSeconds(60),
            START.plusSeconds(7200),
            Resolution.MINUTE)
        .getLast()
        .last();
  }
}
