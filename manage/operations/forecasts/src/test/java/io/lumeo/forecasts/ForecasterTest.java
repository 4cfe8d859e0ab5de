package io.lumeo.forecasts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lumeo.testing.SeededTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForecasterTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private static Forecast forecast(List<Sample> samples, List<Event> events) {
    return (Forecast) Forecaster.look(samples, events, samples.getLast().at());
  }

  private static Forecast forecast(Shape shape, long seed, int days) {
    return forecast(shape.samples(seed, 0, days, DAY), shape.events(days));
  }

  @SeededTest(seeds = 10)
  void aLineIsFullOnItsDay(Random random) {
    var forecast = forecast(Shape.LINEAR, random.nextInt(1000), 60);
    assertThat(forecast.method()).isEqualTo(Method.THEIL_SEN_LINE);
    assertThat(forecast.growthPerDay()).isCloseTo(2, within(0.05));
    assertThat(forecast.explained()).isGreaterThan(0.99);
    assertThat(forecast.horizon()).isEqualTo(Duration.ofDays(7));
    assertThat(forecast.window()).isEqualTo(Duration.ofDays(60));
    assertThat(forecast.meanAbsoluteError()).isLessThan(1.5);
    assertThat(forecast.confidence(400)).isEqualTo(Confidence.HIGH);
    var crossing = forecast.reaches(400); // day 100
    assertThat(crossing.likely()).isBetween(Shape.at(98), Shape.at(102));
    assertThat(crossing.early()).isBefore(crossing.likely());
    assertThat(crossing.late()).isAfter(crossing.likely());
    assertThat(crossing.mayComeWithin(Duration.ofDays(42), Shape.at(60))).isTrue();
    assertThat(crossing.mayComeWithin(Duration.ofDays(20), Shape.at(60))).isFalse();
  }

  @Test
  void whatDoesNotGrowIsNeverFull() {
    var forecast = forecast(Shape.FLAT, 1, 120);
    assertThat(forecast.growthPerDay()).isCloseTo(0, within(0.05));
    assertThat(forecast.reaches(500).likely()).isNull();
    assertThat(Crossing.never().isForeseen()).isFalse();
    assertThat(Crossing.never().mayComeWithin(Duration.ofDays(900), Shape.START)).isFalse();
  }

  @Test
  void whatIsFullIsFullNow() {
    var forecast = forecast(Shape.LINEAR, 1, 60);
    assertThat(forecast.reaches(forecast.current() - 1).early()).isEqualTo(forecast.from());
    assertThat(forecast.reaches(forecast.current() - 1).late()).isEqualTo(forecast.from());
  }

  @Test
  void aWeeklyPatternIsSeenAndCarriedOn() {
    var forecast = forecast(Shape.WEEKLY, 5, 90);
    assertThat(forecast.method()).isEqualTo(Method.WEEKLY_PATTERN);
    for (var day = 91; day < 105; day++) {
      assertThat(forecast.at(Shape.at(day)).likely())
          .as("day %d", day)
          .isCloseTo(Shape.WEEKLY.value(5, day), within(8.0));
    }
  }

  @Test
  void trimsThatKeepHappeningAreGrowthToo() {
    var forecast = forecast(Shape.SAWTOOTH, 1, 90);
    assertThat(forecast.adjustments()).isEmpty();
    assertThat(forecast.growthPerDay()).isBetween(0.0, 2.5); // net 1, gross 6
  }

  @SeededTest(seeds = 10)
  void aRestoreThatIsKnownIsNotTakenForGrowth(Random random) {
    var forecast = forecast(Shape.STEP, random.nextInt(1000), 90);
    assertThat(forecast.growthPerDay()).isCloseTo(1, within(0.1));
    assertThat(forecast.adjustments()).hasSize(1);
    assertThat(forecast.adjustments().getFirst().step()).isCloseTo(80, within(2.5));
    assertThat(forecast.adjustments().getFirst().event().kind()).isEqualTo(Event.Kind.RESTORE);
    assertThat(forecast.current()).isGreaterThan(360);
  }

  @SeededTest(seeds = 10)
  void aLeapThatNobodyExplainsIsFoundAndNamed(Random random) {
    var samples = Shape.STEP.samples(random.nextInt(1000), 0, 90, DAY);
    var forecast = forecast(samples, List.of());
    assertThat(forecast.growthPerDay()).isCloseTo(1, within(0.1));
    assertThat(forecast.adjustments())
        .singleElement()
        .satisfies(adjustment -> {
          assertThat(adjustment.event())
              .isEqualTo(new Event(Shape.at(Shape.STEP_DAY), Event.Kind.UNEXPLAINED));
          assertThat(adjustment.step()).isCloseTo(80, within(2.5));
        });
  }

  @Test
  void underNewRulesOnlyWhatCameAfterCounts() {
    var samples = Shape.NEW_LOAD.samples(3, 0, 110, DAY);
    var rules = List.of(new Event(Shape.at(70), Event.Kind.NEW_RULES));
    var forecast = forecast(samples, rules);
    assertThat(forecast.window()).isEqualTo(Duration.ofDays(40));
    assertThat(forecast.growthPerDay()).isCloseTo(3, within(0.1));
    assertThat(forecast.adjustments()).containsExactly(new Adjustment(rules.getFirst(), 0));
  }

  @Test
  void newRulesOfYesterdayDoNotLeaveNothing() {
    var samples = Shape.LINEAR.samples(3, 0, 60, DAY);
    var forecast = forecast(samples, List.of(new Event(Shape.at(59), Event.Kind.NEW_RULES)));
    assertThat(forecast.window()).isEqualTo(Duration.ofDays(60));
  }

  @Test
  void aNewLoadIsFollowedByAMethodThatFollows() {
    var forecast = forecast(Shape.NEW_LOAD, 3, 90);
    assertThat(forecast.method()).isEqualTo(Method.DAMPED_TREND);
    assertThat(forecast.growthPerDay()).isGreaterThan(2);
  }

  @Test
  void growthDoesNotEndBecauseADampedTrendTires() {
    var forecast = forecast(Shape.NEW_LOAD, 3, 110);
    var year = forecast.at(Shape.at(110 + 365)).likely();
    assertThat(year - forecast.current()).isGreaterThan(365 * 0.5);
  }

  @Test
  void tooLittleDataIsSaidAndNotGuessedFrom() {
    var now = Shape.at(0.25);
    var outlook =
        Forecaster.look(Shape.LINEAR.samples(1, 0, 0.25, Duration.ofMinutes(5)), List.of(), now);
    assertThat(outlook)
        .isEqualTo(new Outlook.TooLittleData(Duration.ofHours(6), 73, Duration.ofHours(12)));
    assertThat(outlook.reaches(1).isForeseen()).isFalse();
    assertThat(outlook.confidence(1)).isEqualTo(Confidence.INSUFFICIENT_DATA);
    assertThat(Confidence.INSUFFICIENT_DATA.text()).isEqualTo("insufficient data");
    assertThat(Forecaster.look(List.of(), List.of(), now))
        .isEqualTo(new Outlook.TooLittleData(Duration.ZERO, 0, Duration.ofHours(12)));
  }

  @Test
  void aShortHistoryIsLookedAheadLessFarAndTrustedLess() {
    var hours = forecast(Shape.LINEAR.samples(1, 0, 2, HOUR), List.of());
    assertThat(hours.horizon()).isEqualTo(Duration.ofHours(12));
    assertThat(hours.confidence(1000)).isEqualTo(Confidence.LOW);
    var days = forecast(Shape.LINEAR.samples(1, 0, 10, HOUR), List.of());
    assertThat(days.horizon()).isEqualTo(Duration.ofHours(60));
    assertThat(days.confidence(1000)).isEqualTo(Confidence.MEDIUM);
    assertThat(days.growthPerDay()).isCloseTo(2, within(0.5));
    var minutes = forecast(Shape.LINEAR.samples(1, 0, 0.5, Duration.ofMinutes(15)), List.of());
    assertThat(minutes.window()).isEqualTo(Duration.ofHours(12));
  }

  @Test
  void theOrderOfTheSamplesAndAWrongClockDoNotMatter() {
    var samples = new ArrayList<>(Shape.LINEAR.samples(9, 0, 60, DAY));
    var expected = forecast(samples, List.of());
    samples.add(new Sample(Instant.parse("2099-01-01T00:00:00Z"), 1e9));
    samples.add(new Sample(samples.get(10).at(), samples.get(10).value()));
    Collections.shuffle(samples, new Random(4));
    var forecast = (Forecast) Forecaster.look(samples, List.of(), Shape.at(60));
    assertThat(forecast.reaches(900)).isEqualTo(expected.reaches(900));
    assertThat(forecast.from()).isEqualTo(Shape.at(60));
  }

  @Test
  void aHoleInTheHistoryIsBridged() {
    var samples =
        Shape.LINEAR.samples(2, 0, 90, DAY).stream()
            .filter(
                sample -> sample.at().isBefore(Shape.at(30)) || sample.at().isAfter(Shape.at(55)))
            .toList();
    assertThat(forecast(samples, List.of()).growthPerDay()).isCloseTo(2, within(0.1));
  }

  @Test
  void theFartherTheLessIsKnown() {
    var forecast = forecast(Shape.NOISY, 1, 120);
    var week = forecast.at(Shape.at(127));
    var year = forecast.at(Shape.at(120 + 365));
    assertThat(year.high() - year.low()).isGreaterThan(week.high() - week.low());
    var now = forecast.at(Shape.at(120));
    assertThat(now.likely()).isEqualTo(forecast.current());
    assertThat(now.high() - now.low()).isZero();
    assertThat(forecast.at(Shape.at(5000))).isEqualTo(forecast.at(Shape.at(120 + 731)));
  }

  @Test
  void aThousandSeriesAreForecastInSeconds() {
    var histories = new ArrayList<List<Sample>>();
    for (var seed = 0; histories.size() < 1000; seed++) {
      for (var shape : Shape.values()) {
        histories.add(shape.samples(seed, 0, 180, DAY));
      }
    }
    var start = processorTime();
    var dated = 0;
    for (var history : histories) {
      dated += forecast(history, List.of()).reaches(1000).isForeseen() ? 1 : 0;
    }
    assertThat(dated).isGreaterThan(500);
    assertThat(processorTime().minus(start)).isLessThan(Duration.ofSeconds(10));
  }

  /// What this process has used: the same on a machine that has other things to do.
  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }
}
