package io.lumeo.forecasts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.state.Database;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesTest {
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final SeriesKey DATA = new SeriesKey("host", "p1", Measure.DATA_USED);
  private static final SeriesKey METADATA = new SeriesKey("host", "p1", Measure.METADATA_USED);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir Path folder;
  private Database database;
  private Samples samples;

  @BeforeEach
  void open() throws IOException {
    database = Database.open(folder.resolve("state.db"));
    samples = Samples.open(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void poll(Instant at, double value) {
    samples.add(new Poll(at, Map.of(DATA, value)));
  }

  /// One poll for each minute, whose value is the number of minutes since the start.
  private void pollMinutes(Instant from, Instant to) {
    poll(from, to, MINUTE);
  }

  private void poll(Instant from, Instant to, Duration step) {
    var polls = new ArrayList<Poll>();
    for (var at = from; at.isBefore(to); at = at.plus(step)) {
      polls.add(new Poll(at, Map.of(DATA, (double) Duration.between(START, at).toMinutes())));
    }
    samples.addAll(polls);
    samples.flush();
  }

  private List<Bucket> history(Instant from, Instant to, Resolution resolution) {
    return samples.history(DATA, from, to, resolution);
  }

  private static Instant minute(long minutes) {
    return START.plus(Duration.ofMinutes(minutes));
  }

  private static Instant day(long days) {
    return START.plus(Duration.ofDays(days));
  }

  @Test
  void ofSeveralPollsInAMinuteTheLastIsKept() {
    for (var second = 0; second < 120; second += 15) {
      poll(START.plusSeconds(second), second);
    }
    assertThat(history(START, minute(5), Resolution.MINUTE))
        .as("the minute that is over")
        .containsExactly(new Bucket(START, MINUTE, 45, 45, 45));
    samples.flush();
    samples.flush();
    assertThat(history(START, minute(5), Resolution.MINUTE))
        .extracting(Bucket::last)
        .containsExactly(45.0, 105.0);
    assertThat(history(minute(1), minute(2), Resolution.MINUTE)).hasSize(1);
    assertThat(history(minute(2), minute(1), Resolution.MINUTE)).isEmpty();
    assertThat(samples.history(METADATA, START, minute(5), Resolution.MINUTE)).isEmpty();
  }

  @Test
  void quartersAndDaysHoldTheLeastTheMostAndTheLast() {
    pollMinutes(START, minute(40));
    poll(minute(45), day(2).plus(Duration.ofMinutes(20)), Duration.ofMinutes(5));
    samples.rollUp(day(2).plus(Duration.ofMinutes(20)));
    assertThat(history(START, minute(30), Resolution.QUARTER_HOUR))
        .containsExactly(
            new Bucket(START, Duration.ofMinutes(15), 0, 14, 14),
            new Bucket(minute(15), Duration.ofMinutes(15), 15, 29, 29));
    assertThat(history(START, day(9), Resolution.DAY))
        .containsExactly(
            new Bucket(START, Duration.ofDays(1), 0, 1435, 1435),
            new Bucket(day(1), Duration.ofDays(1), 1440, 2875, 2875));
  }

  @Test
  void whatIsNotOverIsNotRolledUp() {
    pollMinutes(START, minute(20));
    samples.rollUp(minute(20));
    assertThat(history(START, day(1), Resolution.QUARTER_HOUR)).hasSize(1);
    assertThat(history(START, day(1), Resolution.DAY)).isEmpty();
  }

  @Test
  void rollingUpTwiceIsRollingUpOnce() {
    poll(START, day(2), Duration.ofMinutes(15));
    samples.rollUp(day(2));
    var quarters = history(START, day(3), Resolution.QUARTER_HOUR);
    var days = history(START, day(3), Resolution.DAY);
    samples.rollUp(day(2));
    samples.rollUp(day(2).plus(Duration.ofHours(7)));
    assertThat(history(START, day(3), Resolution.QUARTER_HOUR)).isEqualTo(quarters).hasSize(192);
    assertThat(history(START, day(3), Resolution.DAY)).isEqualTo(days).hasSize(2);
  }

  @Test
  void afterADowntimeWhatWasMeasuredBeforeIsRolledUpAndNothingIsForgotten() {
    pollMinutes(START, minute(40));
    pollMinutes(day(400), day(400).plus(MINUTE));
    samples.rollUp(day(401));
    assertThat(history(START, day(500), Resolution.QUARTER_HOUR)).hasSize(4);
    assertThat(history(START, day(500), Resolution.DAY))
        .extracting(Bucket::start)
        .containsExactly(START, day(400));
    assertThat(history(START, day(500), Resolution.MINUTE)).hasSize(41);
  }

  @Test
  void aClockThatWasSetBackReplacesWhatItMeasuresAgain() {
    pollMinutes(START, minute(60));
    samples.rollUp(minute(60));
    poll(minute(5), 1000);
    poll(minute(6), 2000);
    samples.flush();
    samples.rollUp(minute(60));
    assertThat(history(START, minute(15), Resolution.QUARTER_HOUR))
        .containsExactly(new Bucket(START, Duration.ofMinutes(15), 0, 2000, 14));
  }

  @Test
  void aClockThatLeaptIntoAnotherCenturyForgetsNothing() {
    poll(START, day(1), Duration.ofMinutes(15));
    samples.rollUp(day(1));
    var century = Instant.parse("2099-06-01T00:00:00Z");
    poll(century, 5);
    samples.flush();
    samples.rollUp(century.plus(Duration.ofDays(2)));
    assertThat(history(START, day(1), Resolution.QUARTER_HOUR)).hasSize(96);
    assertThat(history(START, day(1), Resolution.DAY)).hasSize(1);
    assertThat(
            samples.histories(List.of(DATA), day(1).minus(Duration.ofDays(60)), day(1)).get(DATA))
        .as("and what it measured then is not seen from now")
        .allMatch(sample -> !sample.at().isAfter(day(1)));
    poll(Instant.EPOCH, 7);
    samples.flush();
    samples.rollUp(day(1));
    assertThat(history(START, day(1), Resolution.DAY)).hasSize(1);
  }

  @Test
  void eachResolutionIsKeptAsLongAsItSays() {
    for (var week = 0; week < 35; week += 7) {
      poll(day(week), day(Math.min(31, week + 7)), Duration.ofMinutes(15));
      samples.rollUp(day(Math.min(31, week + 7)));
    }
    assertThat(history(START, day(40), Resolution.MINUTE)).hasSize(192);
    assertThat(history(START, day(40), Resolution.QUARTER_HOUR))
        .hasSize(30 * 96)
        .first()
        .satisfies(bucket -> assertThat(bucket.start()).isEqualTo(day(1)));
    assertThat(history(START, day(40), Resolution.DAY)).hasSize(31);
    assertThat(samples.keys("host")).containsExactly(DATA);
  }

  @Test
  void aSeriesThatIsGoneForTwoYearsIsForgottenAndMayComeBack() {
    samples.add(new Poll(START, Map.of(DATA, 1.0, METADATA, 2.0)));
    samples.flush();
    samples.rollUp(day(1));
    samples.rollUp(day(2));
    poll(day(1), day(732), Duration.ofDays(1));
    samples.rollUp(day(733));
    assertThat(samples.keys("host")).containsExactly(DATA);
    assertThat(history(START, day(800), Resolution.DAY)).hasSize(731);
    samples.add(new Poll(day(733), Map.of(METADATA, 3.0)));
    samples.flush();
    assertThat(samples.history(METADATA, day(733), day(734), Resolution.MINUTE)).hasSize(1);
  }

  @Test
  void aWindowIsReadAtTheFinestResolutionThatReachesBack() {
    assertThat(Resolution.fitting(START, day(1))).isEqualTo(Resolution.MINUTE);
    assertThat(Resolution.fitting(START, day(2))).isEqualTo(Resolution.QUARTER_HOUR);
    assertThat(Resolution.fitting(START, day(20))).isEqualTo(Resolution.QUARTER_HOUR);
    assertThat(Resolution.fitting(START, day(21))).isEqualTo(Resolution.DAY);
    assertThat(Resolution.fitting(START, day(2000))).isEqualTo(Resolution.DAY);
    assertThat(Resolution.DAY.length()).isEqualTo(Duration.ofDays(1));

    poll(START, day(4), Duration.ofMinutes(15));
    var now = day(4).plus(Duration.ofMinutes(7));
    pollMinutes(day(4).minus(Duration.ofMinutes(60)), now);
    samples.rollUp(now);
    var hour = samples.histories(List.of(DATA, METADATA), now.minus(Duration.ofHours(1)), now);
    assertThat(hour.get(DATA)).hasSize(60);
    assertThat(hour.get(METADATA)).isEmpty();
    var month = samples.histories(List.of(DATA), now.minus(Duration.ofDays(20)), now).get(DATA);
    assertThat(month).hasSize(4 * 96 + 1);
    assertThat(month.getLast()).isEqualTo(new Sample(now, 4 * 1440 + 6));
    var year = samples.histories(List.of(DATA), now.minus(Duration.ofDays(300)), now).get(DATA);
    assertThat(year).as("it began four days ago").isEqualTo(month);
    poll(day(24), day(25), Duration.ofHours(12));
    samples.rollUp(day(25));
    var longAgo = day(25).minus(Duration.ofDays(300));
    assertThat(samples.histories(List.of(DATA), longAgo, day(25)).get(DATA))
        .extracting(Sample::value)
        .containsExactly(1425.0, 2865.0, 4305.0, 5759.0, 5766.0, 24 * 1440 + 720.0);
  }

  @Test
  void whatWasWrittenIsThereAfterReopening() throws IOException {
    pollMinutes(START, minute(30));
    database.close();
    database = Database.open(folder.resolve("state.db"));
    samples = Samples.open(database);
    pollMinutes(minute(30), minute(45));
    samples.rollUp(minute(45));
    assertThat(history(START, minute(45), Resolution.QUARTER_HOUR)).hasSize(3);
    try (var reader = Database.openToRead(folder.resolve("state.db"))) {
      assertThat(Samples.openToRead(reader).history(DATA, START, minute(60), Resolution.MINUTE))
          .hasSize(45);
    }
  }

  @Test
  void whatIsNotANumberIsNoSample() {
    assertThatThrownBy(() -> new Sample(START, Double.NaN)).hasMessageContaining("NaN");
    assertThat(Measure.READ_LATENCY.unit()).isEqualTo(Measure.Unit.SECONDS);
  }

  /// Polls, downtimes, roll-ups and clocks that are set, beside a model that keeps all in a map.
  @SeededTest(seeds = 10)
  void rollUpsAreWhatTheMinutesSay(Random random) {
    var minutes = new TreeMap<Long, Double>();
    var at = START;
    var polls = new ArrayList<Poll>();
    for (var i = 0; i < 400; i++) {
      var value = (double) random.nextInt(1000);
      polls.add(new Poll(at, Map.of(DATA, value)));
      minutes.put(at.getEpochSecond() / 60, value);
      at =
          at.plusSeconds(
              switch (random.nextInt(20)) {
                case 0 -> 3600L * random.nextInt(30);
                case 1 -> -60L * random.nextInt(30);
                default -> 15L * random.nextInt(20);
              });
      if (random.nextInt(25) == 0) {
        samples.addAll(polls);
        polls.clear();
        samples.rollUp(at);
      }
    }
    samples.addAll(polls);
    samples.flush();
    var end = START.plus(Duration.ofDays(100));
    samples.rollUp(end);
    for (var resolution : List.of(Resolution.QUARTER_HOUR, Resolution.DAY)) {
      assertThat(history(START.minus(Duration.ofDays(9)), end, resolution))
          .as("%s", resolution)
          .isEqualTo(model(minutes, resolution));
    }
  }

  private static List<Bucket> model(SortedMap<Long, Double> minutes, Resolution resolution) {
    var periods = new TreeMap<Long, List<Double>>();
    minutes.forEach((minute, value) ->
        periods.computeIfAbsent(resolution.startOf(minute), any -> new ArrayList<>()).add(value));
    var buckets = new ArrayList<Bucket>();
    periods.forEach((start, values) ->
        buckets.add(
            new Bucket(
                Instant.ofEpochSecond(start * 60),
                resolution.length(),
                values.stream().min(Double::compare).orElseThrow(),
                values.stream().max(Double::compare).orElseThrow(),
                values.getLast())));
    return buckets;
  }

  /// The agent may spend 36 seconds of an hour, 1 %, on everything it does for a thousand volumes.
  @Test
  void anHourOfAThousandVolumesIsCheap() {
    var start = processorTime();
    for (var second = 0; second < 3600; second += 15) {
      var values = new HashMap<SeriesKey, Double>();
      for (var volume = 0; volume < 1000; volume++) {
        values.put(
            new SeriesKey("host", "volume-" + volume, Measure.DATA_USED), 1e9 * volume + second);
      }
      samples.add(new Poll(START.plusSeconds(second), values));
    }
    samples.flush();
    for (var minute = 15; minute <= 60; minute += 15) {
      samples.rollUp(minute(minute));
    }
    var keys = samples.keys("host");
    assertThat(samples.histories(keys, START.minus(Duration.ofDays(7)), minute(60)).values())
        .hasSize(1000)
        .allSatisfy(history -> assertThat(history).hasSize(60));
    assertThat(processorTime().minus(start)).isLessThan(Duration.ofSeconds(12));
  }

  /// What this process has used: the same on a machine that has other things to do.
  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }
}
