package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The nights on which clocks are changed. Numbers are those of the users' reports that these tests
/// answer, as the design's list of them has it.
class CronDaylightSavingTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  /// Report 16: sixty snapshots in the night that summer time ended.
  @Test
  void anHourlyRunComesOnceAnHourInTheNightThatHasTwentyFive() {
    var runs = runs("0 * * * *", BERLIN, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    assertThat(runs).hasSize(25);
    assertThat(runs.getFirst()).isEqualTo(Instant.parse("2026-10-24T22:00:00Z"));
  }

  /// Report 17: a job for two in the morning ran at one and at three.
  @Test
  void aFixedTimeThatComesTwiceRunsTheFirstTimeOnly() {
    assertThat(runs("30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"))
        .containsExactly(Instant.parse("2026-10-25T00:30:00Z"));
    assertThat(runs("30 1 * * *", NEW_YORK, "2026-10-31T12:00:00Z", "2026-11-02T00:00:00Z"))
        .containsExactly(Instant.parse("2026-11-01T05:30:00Z"));
  }

  /// Report 17, the other night.
  @Test
  void aFixedTimeThatIsSkippedRunsAtTheFirstInstantAfterTheGap() {
    assertThat(runs("30 2 * * *", BERLIN, "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"))
        .containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
    assertThat(runs("0 2 * * *", NEW_YORK, "2026-03-07T12:00:00Z", "2026-03-09T00:00:00Z"))
        .containsExactly(Instant.parse("2026-03-08T07:00:00Z"));
  }

  @Test
  void severalTimesThatAreSkippedRunOnce() {
    assertThat(runs("0,20,40 2 * * *", BERLIN, "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"))
        .containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
  }

  @Test
  void aSkippedTimeAndTheOneAfterTheGapAreOneRun() {
    assertThat(runs("30 2,3 * * *", BERLIN, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"))
        .containsExactly(
            Instant.parse("2026-03-29T01:00:00Z"), Instant.parse("2026-03-29T01:30:00Z"));
    assertThat(runs("0 2,3 * * *", BERLIN, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"))
        .containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
  }

  @Test
  void anIntervalRunsInBothOfTheTwoHours() {
    assertThat(runs("*/30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"))
        .containsExactly(
            Instant.parse("2026-10-25T00:00:00Z"),
            Instant.parse("2026-10-25T00:30:00Z"),
            Instant.parse("2026-10-25T01:00:00Z"),
            Instant.parse("2026-10-25T01:30:00Z"));
    assertThat(runs("0 */2 * * *", BERLIN, "2026-10-24T23:00:00Z", "2026-10-25T04:00:00Z"))
        .containsExactly(
            Instant.parse("2026-10-25T00:00:00Z"),
            Instant.parse("2026-10-25T01:00:00Z"),
            Instant.parse("2026-10-25T03:00:00Z"));
  }

  @Test
  void whoStartsInTheMiddleOfTheSecondHourDoesNotRunItsFixedTimesAgain() {
    var schedule = CronSchedule.parse("10,50 2 * * *");
    assertThat(schedule.next(Instant.parse("2026-10-25T01:20:00Z"), BERLIN))
        .isEqualTo(Instant.parse("2026-10-26T01:10:00Z"));
    assertThat(schedule.next(Instant.parse("2026-10-25T01:00:00Z"), BERLIN))
        .isEqualTo(Instant.parse("2026-10-26T01:10:00Z"));
    assertThat(schedule.next(Instant.parse("2026-10-25T00:59:59Z"), BERLIN))
        .isEqualTo(Instant.parse("2026-10-26T01:10:00Z"));
  }

  @Test
  void aMidnightThatDoesNotExistRunsWhenTheDayBegins() {
    assertThat(
            runs(
                "0 0 * * *",
                ZoneId.of("Asia/Beirut"),
                "2026-03-28T12:00:00Z",
                "2026-03-29T12:00:00Z"))
        .containsExactly(Instant.parse("2026-03-28T22:00:00Z"));
  }

  @Test
  void halfAnHourOfSummerTimeIsHalfAnHour() {
    var lordHowe = ZoneId.of("Australia/Lord_Howe");
    assertThat(runs("15 2 * * *", lordHowe, "2026-10-03T00:00:00Z", "2026-10-04T06:00:00Z"))
        .containsExactly(Instant.parse("2026-10-03T15:30:00Z"));
    assertThat(runs("45 1 * * *", lordHowe, "2026-04-04T00:00:00Z", "2026-04-05T06:00:00Z"))
        .containsExactly(Instant.parse("2026-04-04T14:45:00Z"));
  }

  @Test
  void aDayThatAnIslandSkipsIsMadeUpForAtTheStartOfTheNext() {
    var apia = ZoneId.of("Pacific/Apia");
    assertThat(runs("30 2 * * *", apia, "2011-12-29T12:00:00Z", "2011-12-31T00:00:00Z"))
        .containsExactly(
            Instant.parse("2011-12-29T12:30:00Z"),
            Instant.parse("2011-12-30T10:00:00Z"),
            Instant.parse("2011-12-30T12:30:00Z"));
  }

  /// Report 25: nobody could tell which zone a schedule was in.
  @Test
  void aScheduleHasAZoneAndShowsIt() {
    var utc = Timetable.of("nightly", "30 2 * * *");
    var berlin = utc.in(BERLIN);
    var eve = Instant.parse("2026-07-01T12:00:00Z");
    assertThat(utc.next(eve)).isEqualTo(Instant.parse("2026-07-02T02:30:00Z"));
    assertThat(berlin.next(eve)).isEqualTo(Instant.parse("2026-07-02T00:30:00Z"));
    assertThat(utc.show(utc.next(eve))).isEqualTo("2026-07-02 02:30 UTC");
    assertThat(berlin.show(berlin.next(eve)))
        .isEqualTo("2026-07-02 02:30 Europe/Berlin (2026-07-02 00:30 UTC)");
  }

  /// Report 16: two snapshots of one night wanted the same name.
  @Test
  void theNamesOfSnapshotsAreInUtcAndSortByTime() {
    var names =
        runs("0 * * * *", BERLIN, "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z").stream()
            .map(run -> new RunKey("hourly", run).snapshotName("web"))
            .toList();
    assertThat(names)
        .isSorted()
        .doesNotHaveDuplicates()
        .startsWith("web-hourly-20261024T230000Z", "web-hourly-20261025T000000Z");
  }

  private static List<Instant> runs(String cron, ZoneId zone, String begin, String end) {
    var schedule = CronSchedule.parse(cron);
    var from = Instant.parse(begin).minusNanos(1);
    var count = schedule.count(from, Instant.parse(end).minusNanos(1), zone, 1000);
    return schedule.next(from, zone, count);
  }
}
