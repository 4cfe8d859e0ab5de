package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.SeededTest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Schedules beside a model that looks at every minute.
class CronModelTest {
  private static final Duration AROUND = Duration.ofHours(27);

  @SeededTest(seeds = 8)
  void aScheduleFindsTheMinutesThatLookingAtEachOneFindsRoundEveryChangeOfClocks(Random random) {
    for (var zone : Zones.distinct()) {
      var transitions = Zones.transitions(zone);
      if (transitions.isEmpty()) {
        continue;
      }
      var cron = NaiveCron.random(random);
      var change = transitions.get(random.nextInt(transitions.size())).getInstant();
      compare(cron, change.minus(AROUND), change.plus(AROUND), zone);
    }
  }

  @SeededTest(seeds = 8)
  void aScheduleFindsTheMinutesThatLookingAtEachOneFindsAtAnyTime(Random random) {
    for (var zone : Zones.distinct()) {
      var minutes = Duration.between(Zones.BEGIN, Zones.END).toMinutes();
      var begin = Zones.BEGIN.plus(Duration.ofMinutes(random.nextLong(minutes)));
      compare(NaiveCron.random(random), begin, begin.plus(Duration.ofDays(2)), zone);
    }
  }

  @SeededTest(seeds = 20)
  void theLatestIsTheOneWhoseNextIsLater(Random random) {
    var zones = Zones.distinct();
    for (var i = 0; i < 200; i++) {
      var zone = zones.get(random.nextInt(zones.size()));
      var cron = NaiveCron.random(random);
      var schedule = CronSchedule.parse(cron.text());
      var at = Zones.BEGIN.plusMillis(random.nextLong(10L * 365 * 86_400_000));
      var latest = schedule.latest(at, zone);
      assertThat(latest).as(cron.text()).isBeforeOrEqualTo(at);
      assertThat(schedule.next(latest, zone)).as(cron.text()).isAfter(at);
      assertThat(schedule.next(latest.minusNanos(1), zone)).as(cron.text()).isEqualTo(latest);
    }
  }

  @Test
  void everyZoneIsLookedAt() {
    assertThat(Zones.all()).hasSizeGreaterThan(590);
    assertThat(Zones.distinct()).hasSizeGreaterThan(60);
    for (var name : List.of("US/Eastern", "Asia/Kolkata", "Europe/Vienna", "Pacific/Apia")) {
      assertThat(Zones.distinct()).contains(Zones.representative(ZoneId.of(name)));
    }
  }

  @Test
  void aDailyRunComesOnceForEveryDayOfTenYearsInEveryZone() {
    for (var time : List.of("30 2", "0 0", "0 3")) {
      var schedule = CronSchedule.parse(time + " * * *");
      for (var zone : Zones.distinct()) {
        var first = Zones.BEGIN.atZone(zone).toLocalDate().plusDays(1);
        var days = new ArrayList<LocalDate>();
        var begin = first.atStartOfDay(zone).toInstant();
        var end = first.plusYears(10).atStartOfDay(zone).toInstant();
        for (var run = schedule.next(begin.minusNanos(1), zone);
            run.isBefore(end);
            run = schedule.next(run, zone)) {
          days.add(run.atZone(zone).toLocalDate());
        }
        assertThat(days).as(time + " in " + zone).hasSize(3653).isSorted();
        assertThat(new TreeSet<>(days)).as(time + " in " + zone).hasSize(3653);
      }
    }
  }

  @Test
  void aQuarterOfAnHourIsAQuarterOfAnHourInEveryZoneWhateverTheClocksShow() {
    var quarter = Duration.ofMinutes(15);
    var schedule = CronSchedule.parse("*/15 * * * *");
    for (var zone : Zones.distinct()) {
      for (var transition : Zones.transitions(zone)) {
        var runs = schedule.next(transition.getInstant().minusSeconds(7200), zone, 16);
        for (var i = 1; i < runs.size(); i++) {
          var between = Duration.between(runs.get(i - 1), runs.get(i));
          assertThat(between).as(zone + " at " + runs.get(i)).isLessThanOrEqualTo(quarter);
          // Antarctica puts its clocks forward at one minute past: the skipped runs come then.
          if (transition.getInstant().getEpochSecond() % quarter.toSeconds() == 0) {
            assertThat(between).as(zone + " at " + runs.get(i)).isEqualTo(quarter);
          }
        }
      }
    }
  }

  private static void compare(NaiveCron cron, Instant begin, Instant end, ZoneId zone) {
    var schedule = CronSchedule.parse(cron.text());
    var found = new ArrayList<Instant>();
    for (var run = schedule.next(begin.minusNanos(1), zone);
        run.isBefore(end);
        run = schedule.next(run, zone)) {
      found.add(run);
    }
    assertThat(found)
        .as("%s in %s from %s", cron.text(), zone, begin)
        .isEqualTo(cron.between(begin, end, zone));
    assertThat(schedule.count(begin.minusNanos(1), end.minusNanos(1), zone, 10_000))
        .isEqualTo(found.size());
  }
}
