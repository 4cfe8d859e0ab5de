package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.audit.Verification;
import io.lumeo.forecasts.DiskCounters;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Poll;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundsTest {
  private static final Instant NOW = Instant.parse("2026-03-30T10:00:00Z");

  @TempDir Path folder;

  @Test
  void theRecordIsCheckedEveryDayAndItsBreakRemembered() throws IOException {
    var checks = new ArrayList<Instant>();
    var answers = new ArrayList<Verification>();
    answers.add(new Verification.Intact(3, 0, 0));
    answers.add(new Verification.Broken(Path.of("audit.jsonl"), 2, "is not what was written"));
    var check =
        new RecordCheck(() -> {
          checks.add(NOW);
          return answers.removeFirst();
        });
    assertThat(check.perform(NOW)).isEqualTo(NOW.plus(Duration.ofDays(1)));
    assertThat(check.perform(NOW.plusSeconds(5))).isEqualTo(NOW.plus(Duration.ofDays(1)));
    assertThat(checks).hasSize(1);
    assertThat(check.isBroken()).isFalse();
    check.perform(NOW.plus(Duration.ofDays(1)));
    assertThat(check.isBroken()).isTrue();
  }

  /// Three weeks in which a volume does a thousand operations a second by day; then half of it,
  /// while requests wait.
  @Test
  void whatIsUsualIsLearntAndAFallIsSeen() throws IOException {
    try (var database = Database.open(folder.resolve("state.db"))) {
      var samples = Samples.open(database);
      var polls = new ArrayList<Poll>();
      for (var quarter = 0; quarter < 20 * 96; quarter++) {
        var at = NOW.minus(Duration.ofMinutes(15L * (20 * 96 - quarter)));
        polls.add(
            new Poll(
                at,
                Map.of(
                    new SeriesKey("db1", "data-uuid", Measure.READ_IOPS),
                    600.0,
                    new SeriesKey("db1", "data-uuid", Measure.WRITE_IOPS),
                    400.0)));
      }
      samples.addAll(polls);
      samples.flush();
      samples.rollUp(NOW);
      var counters = new HashMap<String, DiskCounters>();
      var monitors = new Monitors(samples, (host, inventoryAt) -> Map.copyOf(counters));
      var host = Fleet.host("db1").with(Fleet.thin("data")).with(Fleet.thin("new"));
      for (var look = 0; look <= 8; look++) {
        counters.put(
            "data-uuid",
            new DiskCounters(24_000L * look, 1, 1, 0, 0, 0, 8, 60_000L * look, 480_000L * look));
        monitors.look(host.seen(NOW.plusSeconds(60L * look)));
      }
      var baselines = new Baselines(monitors, samples, ZoneOffset.UTC);
      var now = NOW.plusSeconds(480);
      assertThat(baselines.perform(now)).isAfter(now);
      assertThat(baselines.usual("db1", "data-uuid", now).median()).isEqualTo(1000);
      assertThat(baselines.usual("db1", "new-uuid", now)).isNull();
      assertThat(baselines.usual("web1", "data-uuid", now)).isNull();
      var seen =
          HostObservations.of(
              monitors.watched("db1").orElseThrow(),
              Optional.empty(),
              baselines,
              List.of(),
              List.of(),
              now);
      assertThat(seen)
          .filteredOn(one -> one.metric().equals("lumeo_volume_iops_drop_ratio"))
          .singleElement()
          .satisfies(drop -> {
            assertThat(drop.value()).isEqualTo(0.6);
            assertThat(drop.labels()).containsEntry("lv", "data");
          });
    }
  }
}
