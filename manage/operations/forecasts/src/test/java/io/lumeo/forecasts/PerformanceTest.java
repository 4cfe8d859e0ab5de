package io.lumeo.forecasts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PerformanceTest {
  private static final String STAT =
      "  4526  12 361026 1510  9120 3011 1200456 8800  3 7040 10400  0 0 0 0 20 90\n";
  private static final Instant NOW = Instant.parse("2026-03-02T09:30:00Z"); // a Monday

  private static DiskCounters counters(long factor) {
    return new DiskCounters(
        100 * factor,
        800 * factor,
        50 * factor,
        200 * factor,
        1600 * factor,
        400 * factor,
        1,
        300 * factor,
        450 * factor);
  }

  @Test
  void theKernelsCountersAreReadOfEveryAge() {
    var expected = new DiskCounters(4526, 361026, 1510, 9120, 1200456, 8800, 3, 7040, 10400);
    assertThat(DiskCounters.parseStat(STAT)).isEqualTo(expected);
    assertThat(DiskCounters.parseStat("4526 12 361026 1510 9120 3011 1200456 8800 3 7040 10400"))
        .isEqualTo(expected);
    assertThat(DiskCounters.parseDiskstats(" 253       3 dm-3 " + STAT))
        .isEqualTo(new DiskCounters.Named("253:3", "dm-3", expected));
  }

  @Test
  void whatIsNotCountersIsRefused() {
    for (var text : List.of("", "1 2 3", "a b c d e f g h i j k", "1 2 3 4 5 6 7 8 9 10")) {
      assertThatThrownBy(() -> DiskCounters.parseStat(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not hold the counters of a block device");
    }
    assertThatThrownBy(() -> DiskCounters.parseDiskstats("8 0 sda 1 2 3 4"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratesAreWhatPassedBetweenTwoLooks() {
    var rates = DiskRates.between(counters(1), counters(2), Duration.ofSeconds(10)).orElseThrow();
    assertThat(rates).isEqualTo(new DiskRates(10, 20, 40_960, 81_920, 0.0005, 0.002, 0.045, 0.03));
    assertThat(rates.iops()).isEqualTo(30);
    assertThat(rates.latencySeconds()).isCloseTo(0.0015, within(1e-12));
    var idle = DiskRates.between(counters(1), counters(1), Duration.ofSeconds(10)).orElseThrow();
    assertThat(idle.latencySeconds()).isNull();
    assertThat(idle.readLatencySeconds()).isNull();
    assertThat(DiskRates.between(counters(1), counters(2), Duration.ZERO)).isEmpty();
  }

  @Test
  void aCounterThatWrapsGoesOn() {
    var top = (1L << 32) - 500;
    var before = new DiskCounters(10, 10, top, 10, 10, 10, 0, top, top);
    var after = new DiskCounters(20, 20, 500, 20, 20, 20, 0, 500, 500);
    var rates = DiskRates.between(before, after, Duration.ofSeconds(10)).orElseThrow();
    assertThat(rates.readLatencySeconds()).isCloseTo(0.1, within(1e-12));
    assertThat(rates.queueDepth()).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void aDeviceThatWasMadeAgainHasNoRates() {
    assertThat(DiskRates.between(counters(9), counters(1), Duration.ofSeconds(10))).isEmpty();
    var old = new DiskCounters(1L << 40, 0, 0, 0, 0, 0, 0, 0, 0);
    assertThat(DiskRates.between(old, counters(1), Duration.ofSeconds(10))).isEmpty();
  }

  /// 100 at night, 1,000 on working days from nine to five, each ± 5 %.
  private static List<Sample> weeks(int weeks) {
    var samples = new ArrayList<Sample>();
    var start = NOW.minus(Duration.ofDays(7L * weeks));
    for (var i = 0; i < weeks * 7 * 96; i++) {
      var at = start.plus(Duration.ofMinutes(15L * i));
      var local = at.atZone(ZoneOffset.UTC);
      var works = local.getDayOfWeek().getValue() <= 5 && local.getHour() / 8 == 1;
      samples.add(new Sample(at, (works ? 1000 : 100) * (1 + (i % 5 - 2) * 0.025)));
    }
    return samples;
  }

  @Test
  void whatIsUsualDependsOnTheHourOfTheWeek() {
    var baseline = Baseline.learn(weeks(4), ZoneOffset.UTC);
    var monday = baseline.at(NOW);
    assertThat(monday).isNotNull();
    assertThat(monday.median()).isCloseTo(1000, within(30.0));
    assertThat(monday.deviation()).isBetween(10.0, 100.0);
    assertThat(monday.samples()).isEqualTo(16);
    assertThat(baseline.at(NOW.minus(Duration.ofDays(1))).median()).isCloseTo(100, within(5.0));
    var elsewhere = Baseline.learn(weeks(4), ZoneId.of("Asia/Tokyo")).at(NOW);
    assertThat(elsewhere.median()).as("the same moment").isCloseTo(1000, within(30.0));
  }

  @Test
  void withoutTwoWeeksNothingIsUsual() {
    assertThat(Baseline.learn(weeks(1), ZoneOffset.UTC).at(NOW)).isNull();
    assertThat(Baseline.learn(List.of(), ZoneOffset.UTC).at(NOW)).isNull();
  }

  @Test
  void anHourThatWasSeenTooSeldomIsSpokenForByTheSameHourOfAllDaysOrByAll() {
    var daily = new ArrayList<Sample>();
    for (var day = 0; day < 28; day++) {
      daily.add(new Sample(NOW.minus(Duration.ofDays(day)), day % 2 == 0 ? 10 : 12));
      daily.add(new Sample(NOW.minus(Duration.ofDays(day)).plus(Duration.ofHours(5)), 99));
    }
    var baseline = Baseline.learn(daily, ZoneOffset.UTC);
    assertThat(baseline.at(NOW)).isEqualTo(new Baseline.Usual(11, 1.4826, 28));
    assertThat(baseline.at(NOW.plus(Duration.ofHours(2))).samples()).isEqualTo(56);
  }

  private static Load load(int minutesAgo, double iops, double queue, @Nullable Double latency) {
    return new Load(
        NOW.minus(Duration.ofMinutes(minutesAgo)),
        new DiskRates(iops, 0, 0, 0, latency, null, queue, 1));
  }

  private static List<Load> loads(double iops, double queue, @Nullable Double latency) {
    var loads = new ArrayList<Load>();
    for (var minute = 12; minute >= 0; minute--) {
      loads.add(load(minute, iops, queue, latency));
    }
    return loads;
  }

  @Test
  void fewerIopsAreAFaultOnlyWhenSomebodyWantsMore() {
    var rule = PerformanceRule.IopsFall.standard();
    var usual = new Baseline.Usual(1000, 50, 16);
    assertThat(rule.judge(loads(400, 8, 0.02), usual, NOW))
        .isEqualTo(
            new PerformanceRule.Verdict(
                true,
                "400 IOPS over 10 minutes with 8.0 requests under way, where 1000 are usual at"
                    + " this hour"));
    assertThat(rule.judge(loads(400, 0.2, 0.0005), usual, NOW).broken()).as("idle").isFalse();
    assertThat(rule.judge(loads(600, 8, 0.01), usual, NOW).broken()).as("enough").isFalse();
    assertThat(rule.judge(loads(400, 8, 0.02), null, NOW).broken()).as("unknown").isFalse();
    assertThat(rule.judge(List.of(load(1, 400, 8, 0.02)), usual, NOW).broken()).isFalse();
    var erratic = new Baseline.Usual(1000, 300, 16);
    assertThat(rule.judge(loads(400, 8, 0.02), erratic, NOW).broken()).as("noise").isFalse();
  }

  @Test
  void latencyIsAFaultWhenItStaysOverTheLimit() {
    var rule = PerformanceRule.LatencyOver.standard();
    assertThat(rule.judge(loads(50, 8, 0.15), null, NOW))
        .isEqualTo(
            new PerformanceRule.Verdict(
                true, "requests took at least 150 ms for 5 minutes, and 100 ms is the limit"));
    assertThat(rule.judge(loads(50, 8, 0.1), null, NOW).broken()).isFalse();
    assertThat(rule.judge(loads(0, 0, null), null, NOW).broken()).isFalse();
    var once = loads(50, 8, 0.15);
    once.set(10, load(2, 50, 8, 0.01));
    assertThat(rule.judge(once, null, NOW).broken()).as("fell in between").isFalse();
    assertThat(rule.judge(loads(50, 8, 0.15).subList(9, 13), null, NOW).broken())
        .as("not for that long yet")
        .isFalse();
  }
}
