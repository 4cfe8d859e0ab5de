package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronSyntaxTest {
  private static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          61 * * * *        |  1 | 61 is not a minute; use 0 to 59
          0 24 * * *        |  3 | 24 is not an hour; use 0 to 23
          0 0 0 * *         |  5 | 0 is not a day of the month; use 1 to 31
          0 0 1 13 *        |  7 | 13 is not a month; use 1 to 12 or JAN to DEC
          0 0 1 JANUARY *   |  7 | JANUARY is not a month; use 1 to 12 or JAN to DEC
          0 0 * * 8         |  9 | 8 is not a day of the week; use 0 to 7 or SUN to SAT
          0 0 * * MO        |  9 | MO is not a day of the week; use 0 to 7 or SUN to SAT
          0 0 * *           |  8 | the day of the week is missing; write minute, hour, day of the month, month and day of the week
          0 0 * * * 2026    | 11 | there is more after the fifth field; seconds and years cannot be given
          5-1 * * * *       |  1 | the range ends at 1, before it begins at 5; write two ranges
          */0 * * * *       |  3 | a step of 0 leads nowhere; use 1 or more
          */60 * * * *      |  3 | a step of 60 leaves one value of 0 to 59; write that value
          0 0 31 2 *        |  5 | no month that is allowed has a day 31, so it would never run; use L for the last day
          0 0 31 4,6 MON    |  5 | no month that is allowed has a day 31, so it would never run; use L for the last day
          1,,2 * * * *      |  3 | "," stands where a minute should
          1,2- * * * *      |  5 | " " stands where a minute should
          ? * * * *         |  1 | "?" stands where a minute should
          5x * * * *        |  2 | "x" does not belong in the minute
          H(5 * * * *       |  4 | a range such as H(0-29) needs its end; "-" is missing
          H(5-9 * * * *     |  6 | the range of H is not closed; ")" is missing
          H(9-5) * * * *    |  3 | the range ends at 5, before it begins at 9; write two ranges
          @fortnightly      |  1 | @fortnightly is not known; use @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly
          0 0 * * FRI-      | 13 | a day of the week is missing at the end
          9999999 * * * *   |  1 | 999999 is not a minute; use 0 to 59
          """)
  void aMistakeIsNamedWithItsColumn(String expression, int column, String problem) {
    var mistake =
        catchThrowableOfType(
            CronSyntaxException.class, () -> CronSchedule.parse(expression.strip()));
    assertThat(mistake.problem()).isEqualTo(problem);
    assertThat(mistake.column()).isEqualTo(column);
    assertThat(mistake)
        .hasMessage(
            "the schedule \"%s\" is wrong at column %d: %s", expression.strip(), column, problem);
  }

  @Test
  void nothingIsNoSchedule() {
    assertThatThrownBy(() -> CronSchedule.parse("  ")).hasMessageContaining("minute is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          @hourly              | 0 * * * *
          @daily               | 0 0 * * *
          @midnight            | 0 0 * * *
          @weekly              | 0 0 * * SUN
          @monthly             | 0 0 1 * *
          @yearly              | 0 0 1 1 *
          @annually            | 0 0 1 JAN *
          0 0 * * 7            | 0 0 * * 0
          0 0 * * FRI-SUN      | 0 0 * * 5,6,0
          0 0 * * fri-7        | 0 0 * * 0,5-6
          0 0 1 jan-mar ?      | 0 0 1 1,2,3 *
          '  0   0 *  * * '    | 0 0 * * *
          5/20 * * * *         | 5,25,45 * * * *
          0 8-18/5 * * *       | 0 8,13,18 * * *
          0 0 L 2 *            | 0 0 28,29 2 *
          0 0 * * */2          | 0 0 * * 0,2,4,6
          """)
  void thereAreSeveralWaysToWriteOneThing(String one, String other) {
    // Two years without 29 February: L is not the 28th in a leap year.
    assertThat(CronSchedule.parse(one).next(NEW_YEAR, ZoneOffset.UTC, 20).getFirst())
        .isEqualTo(CronSchedule.parse(other).next(NEW_YEAR, ZoneOffset.UTC, 20).getFirst());
    if (!one.contains("L")) {
      assertThat(CronSchedule.parse(one).next(NEW_YEAR, ZoneOffset.UTC, 20))
          .isEqualTo(CronSchedule.parse(other).next(NEW_YEAR, ZoneOffset.UTC, 20));
    }
  }

  @Test
  void theLastDayIsTheLastInLeapYearsToo() {
    assertThat(
            CronSchedule.parse("0 0 L 2 *")
                .next(Instant.parse("2027-06-01T00:00:00Z"), ZoneOffset.UTC, 2))
        .containsExactly(
            Instant.parse("2028-02-29T00:00:00Z"), Instant.parse("2029-02-28T00:00:00Z"));
  }

  @Test
  void aLeapDayOnASundayIsWaitedFor() {
    assertThat(CronSchedule.parse("0 12 29 2 *").next(NEW_YEAR, ZoneOffset.UTC))
        .isEqualTo(Instant.parse("2028-02-29T12:00:00Z"));
    assertThat(
            CronSchedule.parse("0 12 29 2 */6")
                .next(Instant.parse("2032-03-01T00:00:00Z"), ZoneOffset.UTC))
        .isEqualTo(Instant.parse("2048-02-29T12:00:00Z"));
  }

  @Test
  void whenBothDaysAreGivenOneIsEnough() {
    assertThat(CronSchedule.parse("0 0 13 * FRI").next(NEW_YEAR, ZoneOffset.UTC, 4))
        .containsExactly(
            Instant.parse("2026-01-02T00:00:00Z"),
            Instant.parse("2026-01-09T00:00:00Z"),
            Instant.parse("2026-01-13T00:00:00Z"),
            Instant.parse("2026-01-16T00:00:00Z"));
  }

  @Test
  void aHashedTimeIsTheSameForOnePolicyAndSpreadOverMany() {
    var seen = new TreeSet<Instant>();
    for (var i = 0; i < 600; i++) {
      var next = CronSchedule.parse("H 2 * * *", "policy-" + i).next(NEW_YEAR, ZoneOffset.UTC);
      assertThat(next)
          .isEqualTo(CronSchedule.parse("H 2 * * *", "policy-" + i).next(NEW_YEAR, ZoneOffset.UTC))
          .isBetween(NEW_YEAR.plusSeconds(7200), NEW_YEAR.plusSeconds(3 * 3600 - 60));
      seen.add(next);
    }
    assertThat(seen).hasSizeGreaterThan(55);
  }

  @Test
  void whatIsDrawnForAPolicyNeverChangesBetweenVersions() {
    assertThat(CronSchedule.parse("H H H(1-7) H H", "nightly").next(NEW_YEAR, ZoneOffset.UTC))
        .isEqualTo(Instant.parse("2026-03-02T11:35:00Z"));
  }

  @Test
  void aHashedRangeAndAHashedStepStayInside() {
    for (var i = 0; i < 50; i++) {
      var id = "p" + i;
      for (var run : CronSchedule.parse("H(10-19) 3 * * *", id).next(NEW_YEAR, ZoneOffset.UTC, 3)) {
        assertThat(run.atZone(ZoneOffset.UTC).getMinute()).isBetween(10, 19);
      }
      var runs = CronSchedule.parse("H/20 * * * *", id).next(NEW_YEAR, ZoneOffset.UTC, 4);
      assertThat(runs.get(0).plusSeconds(1200)).isEqualTo(runs.get(1));
      assertThat(runs.get(2).plusSeconds(1200)).isEqualTo(runs.get(3));
      // A day of the month that is drawn is one that every month has.
      var monthly = CronSchedule.parse("0 0 H * *", id).next(NEW_YEAR, ZoneOffset.UTC, 12);
      assertThat(monthly)
          .extracting(run -> run.atZone(ZoneOffset.UTC).getDayOfMonth())
          .allMatch(day -> day <= 28);
      assertThat(monthly.getLast()).isBefore(Instant.parse("2027-01-29T00:00:00Z"));
    }
  }

  @Test
  void aScheduleIsAValue() {
    assertThat(CronSchedule.parse("H 1 * * *", "a"))
        .isEqualTo(CronSchedule.parse("H 1 * * *", "a"))
        .hasSameHashCodeAs(CronSchedule.parse("H 1 * * *", "a"))
        .isNotEqualTo(CronSchedule.parse("H 1 * * *", "b"))
        .isNotEqualTo("H 1 * * *")
        .hasToString("H 1 * * *");
  }
}
