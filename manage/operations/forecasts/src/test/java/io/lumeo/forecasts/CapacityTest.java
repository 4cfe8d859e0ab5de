package io.lumeo.forecasts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CapacityTest {
  private static final Instant NOW = Shape.at(90);
  private static final Outlook GROWS = look(Shape.LINEAR); // 380 at day 90, 2 a day
  private static final Outlook UNKNOWN = Forecaster.look(List.of(), List.of(), NOW);

  private static Outlook look(Shape shape) {
    return Forecaster.look(shape.samples(1, 0, 90, Duration.ofDays(1)), List.of(), NOW);
  }

  @Test
  void theEarliestDateThatNothingAvertsIsTheOne() {
    var dates =
        FullDate.of(
            List.of(
                new FullDate.Resource("p", Full.METADATA, GROWS, 480),
                new FullDate.Resource("p", Full.DATA_WITH_GROUP, GROWS, 600),
                new FullDate.Resource("p", Full.DATA, GROWS, 400),
                new FullDate.Resource("v", Full.FILE_SYSTEM, UNKNOWN, 10),
                new FullDate.Resource("s", Full.SNAPSHOT_STORE, GROWS, 5000)));
    assertThat(dates)
        .extracting(FullDate::what)
        .startsWith(Full.DATA, Full.METADATA, Full.DATA_WITH_GROUP);
    assertThat(dates.getFirst().averted()).isTrue();
    assertThat(FullDate.first(dates).orElseThrow().what()).isEqualTo(Full.METADATA);
    assertThat(dates)
        .filteredOn(date -> date.what() == Full.FILE_SYSTEM)
        .allMatch(date -> date.confidence() == Confidence.INSUFFICIENT_DATA)
        .allMatch(date -> !date.when().isForeseen());
  }

  @Test
  void withoutRoomInTheGroupThePoolItselfIsTheDate() {
    var dates =
        FullDate.of(
            List.of(
                new FullDate.Resource("p", Full.DATA, GROWS, 400),
                new FullDate.Resource("p", Full.DATA_WITH_GROUP, GROWS, 400),
                new FullDate.Resource("q", Full.DATA_WITH_GROUP, GROWS, 900)));
    assertThat(FullDate.first(dates).orElseThrow().uuid()).isEqualTo("p");
    assertThat(FullDate.first(List.of())).isEmpty();
  }

  @Test
  void aPoolReachesAsFarAsTheGroupTheReserveAndTheCapAllow() {
    assertThat(new ExtensionRoom(100, 50, 0, null).reachableBytes()).isEqualTo(150);
    assertThat(new ExtensionRoom(100, 50, 20, null).reachableBytes()).isEqualTo(130);
    assertThat(new ExtensionRoom(100, 50, 20, 120L).reachableBytes()).isEqualTo(120);
    assertThat(new ExtensionRoom(100, 50, 70, null).reachableBytes()).isEqualTo(100);
    assertThat(new ExtensionRoom(100, 50, 0, 80L).reachableBytes()).isEqualTo(100);
  }

  private static List<Sample> minutes(double... values) {
    var samples = new ArrayList<Sample>();
    for (var i = 0; i < values.length; i++) {
      samples.add(new Sample(NOW.minus(Duration.ofMinutes(values.length - 1L - i)), values[i]));
    }
    return samples;
  }

  @Test
  void aBurstIsMeasuredInMinutesToFull() {
    var burn = FastBurn.of(minutes(0, 60, 120, 180, 240, 300, 360), 960, NOW);
    assertThat(burn.bytesPerSecond()).isCloseTo(1, within(1e-9));
    assertThat(burn.toFull()).isEqualTo(Duration.ofMinutes(10));
    assertThat(burn.fillsWithin(Duration.ofMinutes(30))).isTrue();
    assertThat(burn.fillsWithin(Duration.ofMinutes(10))).isTrue();
    assertThat(burn.fillsWithin(Duration.ofMinutes(9))).isFalse();
  }

  @Test
  void theFastMinutesOfTheLastTenCountAndOldOnesDoNot() {
    var burn =
        FastBurn.of(
            minutes(
                0, 60000, 60000, 60000, 60000, 60000, 60000, 60000, 60000, 60060, 60060, 60060,
                60660),
            120660,
            NOW);
    assertThat(burn.bytesPerSecond()).isBetween(1.0, 10.0);
    assertThat(FastBurn.of(minutes(5, 5, 5, 5, 5, 5), 10, NOW)).isEqualTo(new FastBurn(0, null));
    assertThat(FastBurn.of(minutes(9, 8, 7, 6, 5, 4), 10, NOW).fillsWithin(Duration.ofDays(1)))
        .isFalse();
    assertThat(FastBurn.of(minutes(1, 2, 3), 10, NOW).toFull()).as("too few").isNull();
    assertThat(FastBurn.of(minutes(0, 60, 120, 180, 240), 100, NOW).toFull())
        .isEqualTo(Duration.ZERO);
  }

  @Test
  void whatToBuyIsWhatNineOfTenCasesNeed() {
    var inHalfAYear = Shape.at(90 + 180);
    var purchase =
        Purchase.until(
            inHalfAYear,
            List.of(new Purchase.Item(GROWS, 380, 500), new Purchase.Item(UNKNOWN, 100, 100)),
            0.2);
    assertThat(purchase.haveBytes()).isEqualTo(600);
    assertThat(purchase.unknown()).isEqualTo(1);
    var least = (380 + 2 * 180) / 0.8 + 100 / 0.8;
    assertThat(purchase.neededBytes()).isBetween(least * 0.99, least * 1.2);
    assertThat(purchase.missingBytes()).isEqualTo(purchase.neededBytes() - 600);
    assertThat(Purchase.until(NOW, List.of(new Purchase.Item(GROWS, 380, 500)), 0).missingBytes())
        .isZero();
    assertThatThrownBy(() -> Purchase.until(NOW, List.of(), 1))
        .hasMessage("a headroom of 1.0 is not a share");
  }

  @Test
  void whatIsFreedGainsDays() {
    var change = WhatIf.freed("keep 6 monthly snapshots instead of 12", 40, GROWS, 500);
    assertThat(change.gained()).isBetween(Duration.ofDays(19), Duration.ofDays(21));
    assertThat(WhatIf.freed("one more volume", -40, GROWS, 500).gained())
        .isBetween(Duration.ofDays(-21), Duration.ofDays(-19));
    assertThat(WhatIf.freed("a new shelf", 1e9, GROWS, 500).gained()).isNull();
  }

  private static Volume volume(String uuid, Volume.Kind kind, long sizeBytes, boolean active) {
    return new Volume(
        uuid,
        uuid,
        "p",
        kind,
        sizeBytes,
        null,
        null,
        null,
        null,
        new TreeSet<>(),
        active,
        false,
        false,
        null,
        Health.ok(),
        Set.of());
  }

  private static final Pool POOL =
      new Pool(
          "p",
          "pool",
          Pool.Kind.THIN_POOL,
          "g",
          new Usage(1000, 700),
          null,
          64,
          1,
          null,
          new TreeSet<>(),
          Health.ok(),
          Set.of());

  private static OverProvisioning promised() {
    return OverProvisioning.of(
        new Inventory(
            "host",
            NOW,
            List.of(POOL),
            List.of(
                volume("a", Volume.Kind.THIN, 1500, true),
                volume("b", Volume.Kind.THIN, 9000, false),
                volume("c", Volume.Kind.THIN_SNAPSHOT, 1500, true),
                volume("d", Volume.Kind.THICK, 9000, true)),
            List.of(),
            List.of()),
        POOL,
        2000);
  }

  @Test
  void whatAPoolPromisedIsCountedWithAndWithoutSnapshots() {
    assertThat(promised()).isEqualTo(new OverProvisioning(1500, 3000, 1000, 2000));
    assertThat(promised().ratio()).isEqualTo(1.5);
    assertThat(promised().ratioWithSnapshots()).isEqualTo(3);
    assertThat(promised().ratioOfReachable()).isEqualTo(0.75);
    assertThat(promised().text())
        .isEqualTo(
            "volumes may grow to 1.50 times the pool (3.00 with snapshots, 0.75 of what it can be"
                + " extended to): above 1 the pool fills before they do");
    assertThat(new OverProvisioning(5, 5, 0, 0).ratio()).isZero();
  }

  @Test
  void aVolumeIsLetInWhilePromisesAndFreeSpaceHold() {
    var limit = OverProvisioning.DEFAULT_LIMIT;
    assertThat(promised().admit(2500, 300, 0, limit).admitted()).isTrue();
    assertThat(promised().admit(2501, 300, 0, limit).reason())
        .contains("would promise 2.00 times the 2000 bytes it can have");
    assertThat(promised().admit(1, 199, 0, limit).reason())
        .contains("only 199 bytes are free in the pool, and 200 must be");
    assertThat(promised().admit(1, 300, 301, limit).admitted()).isFalse();
  }
}
