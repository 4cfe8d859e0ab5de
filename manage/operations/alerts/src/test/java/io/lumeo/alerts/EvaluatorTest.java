package io.lumeo.alerts;

import static io.lumeo.alerts.Seen.down;
import static io.lumeo.alerts.Seen.latency;
import static io.lumeo.alerts.Seen.snapshot;
import static io.lumeo.alerts.Seen.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.alerts.Rule.Step;
import io.lumeo.testing.SeededTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private final Seen seen = new Seen();

  @Test
  void everyStepIsToldOnceAndTheEndToo() {
    seen.look(up("db1"), snapshot(0.5));
    assertThat(seen.told()).isEmpty();
    seen.afterMinutes(2).look(up("db1"), snapshot(0.71));
    assertThat(seen.told()).containsExactly("FIRING warning SnapshotStoreFull");
    seen.afterMinutes(2).look(up("db1"), snapshot(0.75));
    assertThat(seen.told()).isEmpty();
    seen.afterMinutes(2).look(up("db1"), snapshot(0.80));
    assertThat(seen.told()).containsExactly("WORSE warning SnapshotStoreFull");
    seen.afterMinutes(2).look(up("db1"), snapshot(0.91));
    assertThat(seen.told()).containsExactly("WORSE critical SnapshotStoreFull");
    seen.afterMinutes(2).look(up("db1"), snapshot(0.2));
    assertThat(seen.told()).isEmpty();
    seen.afterMinutes(5).look(up("db1"), snapshot(0.2));
    assertThat(seen.told()).containsExactly("RESOLVED critical SnapshotStoreFull");
    seen.afterMinutes(5).look(up("db1"), snapshot(0.2));
    assertThat(seen.told()).isEmpty();
  }

  @Test
  void whatLastsTooShortlyIsNeverTold() {
    seen.look(up("db1"), latency(0.3));
    assertThat(seen.state.alerts())
        .singleElement()
        .satisfies(alert -> assertThat(alert.phase()).isEqualTo(Alert.Phase.PENDING));
    seen.afterMinutes(4).look(up("db1"), latency(0.3));
    seen.afterMinutes(1).look(up("db1"), latency(0.01));
    assertThat(seen.told()).isEmpty();
    assertThat(seen.state.alerts()).isEmpty();
  }

  @Test
  void whatLastsIsToldWhenItsTimeHasCome() {
    seen.look(up("db1"), latency(0.1));
    seen.after(Duration.ofSeconds(299)).look(up("db1"), latency(0.1));
    assertThat(seen.told()).isEmpty();
    seen.after(Duration.ofSeconds(1)).look(up("db1"), latency(0.1));
    assertThat(seen.told()).containsExactly("FIRING warning LatencyHigh");
  }

  @Test
  void aValueBetweenTheThresholdAndItsMarginKeepsTheAlert() {
    seen.look(up("db1"), snapshot(0.70));
    seen.told();
    for (var i = 0; i < 20; i++) {
      seen.afterMinutes(2).look(up("db1"), snapshot(i % 2 == 0 ? 0.69 : 0.71));
    }
    assertThat(seen.told()).isEmpty();
    seen.afterMinutes(2).look(up("db1"), snapshot(0.67));
    seen.afterMinutes(6).look(up("db1"), snapshot(0.67));
    assertThat(seen.told()).containsExactly("RESOLVED warning SnapshotStoreFull");
  }

  @Test
  void theSameIsToldAgainAfterTheRepeatTimeOnly() {
    seen.look(up("db1"), snapshot(0.75));
    seen.told();
    seen.after(Duration.ofHours(4).minusSeconds(1)).look(up("db1"), snapshot(0.75));
    assertThat(seen.told()).isEmpty();
    seen.after(Duration.ofSeconds(1)).look(up("db1"), snapshot(0.75));
    assertThat(seen.told()).containsExactly("STILL_FIRING warning SnapshotStoreFull");
    seen.after(Duration.ofHours(1)).look(up("db1"), snapshot(0.75));
    assertThat(seen.told()).isEmpty();
  }

  @Test
  void whatFlapsIsToldRarelyInsteadOfAtEachTurn() {
    var turns = 0;
    for (var minute = 0; minute < 24 * 60; minute++) {
      var full = minute % 20 < 8;
      turns += minute % 20 == 8 ? 1 : 0;
      seen.afterMinutes(1).look(up("db1"), snapshot(full ? 0.75 : 0.2));
    }
    assertThat(turns).isEqualTo(72);
    assertThat(seen.told().stream().filter(told -> told.startsWith("RESOLVED"))).hasSizeLessThan(5);
  }

  @Test
  void aDayOfPeaceMakesAnEndQuickAgain() {
    for (var i = 0; i < 6; i++) {
      seen.after(Duration.ofHours(3)).look(up("db1"), snapshot(0.75));
      seen.afterMinutes(1).look(up("db1"), snapshot(0.1));
      seen.after(Duration.ofHours(3)).look(up("db1"), snapshot(0.1));
    }
    seen.after(Duration.ofDays(2)).look(up("db1"), snapshot(0.1));
    assertThat(seen.state.alerts()).isEmpty();
    seen.afterMinutes(1).look(up("db1"), snapshot(0.75));
    seen.afterMinutes(1).look(up("db1"), snapshot(0.1));
    seen.told();
    seen.afterMinutes(5).look(up("db1"), snapshot(0.1));
    assertThat(seen.told()).containsExactly("RESOLVED warning SnapshotStoreFull");
  }

  @Test
  void severalAlertsComeInOneMessageGravestFirst() {
    seen.look(up("db1"), snapshot("db1", "a", 0.75), snapshot("db1", "b", 0.95));
    assertThat(seen.last.message())
        .hasValueSatisfying(message -> {
          assertThat(message.notices()).hasSize(2);
          assertThat(message.subject())
              .isEqualTo(
                  "[critical] Snapshot vg0/b on db1 has used 95 % of its store (and 1 more)");
        });
  }

  @Test
  void aWarningSoonAfterAMessageWaitsForCompanyAndACriticalDoesNot() {
    seen.look(up("db1"), snapshot("db1", "a", 0.75));
    seen.told();
    seen.after(Duration.ofSeconds(15))
        .look(up("db1"), snapshot("db1", "a", 0.75), snapshot("db1", "b", 0.75));
    assertThat(seen.told()).isEmpty();
    seen.after(Duration.ofSeconds(15))
        .look(
            up("db1"),
            snapshot("db1", "a", 0.75),
            snapshot("db1", "b", 0.75),
            snapshot("db1", "c", 0.95));
    assertThat(seen.told())
        .containsExactly("FIRING critical SnapshotStoreFull", "FIRING warning SnapshotStoreFull");
  }

  @Test
  void theAlertsOfAHostThatIsDownStayAsTheyAre() {
    seen.look(up("db1"), snapshot(0.95));
    assertThat(seen.told()).hasSize(1);
    seen.afterMinutes(10).look(down("db1"));
    seen.afterMinutes(10).look(down("db1"));
    assertThat(seen.told()).containsExactly("FIRING critical HostDown");
    assertThat(seen.state.alerts()).hasSize(2);
    seen.afterMinutes(10).look(up("db1"), snapshot(0.95));
    seen.afterMinutes(2).look(up("db1"), snapshot(0.95));
    assertThat(seen.told()).containsExactly("RESOLVED critical HostDown");
  }

  @Test
  void whatIsGoneFromAHostThatIsUpIsResolved() {
    seen.look(up("db1"), snapshot(0.95));
    seen.told();
    seen.afterMinutes(1).look(up("db1"));
    seen.afterMinutes(6).look(up("db1"));
    assertThat(seen.told()).containsExactly("RESOLVED critical SnapshotStoreFull");
  }

  @Test
  void seeingNothingAtAllIsATroubleOfItsOwnAndEndsNoOther() {
    seen.look(up("db1"), snapshot(0.95));
    seen.told();
    seen.afterMinutes(1).look();
    seen.afterMinutes(10).look();
    assertThat(seen.told()).containsExactly("FIRING critical MetricAbsent");
    assertThat(seen.last.standing()).hasSize(2);
    seen.afterMinutes(1).look(up("db1"), snapshot(0.95));
    seen.afterMinutes(1).look(up("db1"), snapshot(0.95));
    assertThat(seen.told()).containsExactly("RESOLVED critical MetricAbsent");
  }

  @Test
  void whatIsSilencedIsToldWhenTheSilenceIsOverAndItStillFires() {
    silence("lv=\"db-snap\"", Duration.ofHours(1));
    seen.look(up("db1"), snapshot(0.95), snapshot("db1", "other", 0.95));
    assertThat(seen.told()).hasSize(1);
    assertThat(seen.last.standing()).hasSize(1);
    seen.afterMinutes(59).look(up("db1"), snapshot(0.95), snapshot("db1", "other", 0.95));
    assertThat(seen.told()).isEmpty();
    seen.afterMinutes(1).look(up("db1"), snapshot(0.95), snapshot("db1", "other", 0.95));
    assertThat(seen.told()).containsExactly("FIRING critical SnapshotStoreFull");
  }

  @Test
  void whatBeganAndEndedInASilenceIsNeverTold() {
    silence("severity=critical", Duration.ofHours(1));
    seen.look(up("db1"), snapshot(0.95));
    seen.afterMinutes(1).look(up("db1"), snapshot(0.1));
    seen.afterMinutes(70).look(up("db1"), snapshot(0.1));
    seen.afterMinutes(70).look(up("db1"), snapshot(0.1));
    assertThat(seen.told()).isEmpty();
  }

  private void silence(String matcher, Duration time) {
    seen.settings =
        seen.settings.withSilences(
            List.of(
                new Silence(
                    "s1",
                    List.of(LabelMatcher.parse(matcher)),
                    seen.now,
                    seen.now.plus(time),
                    "ann",
                    "new disks")));
  }

  @Test
  void aRuleThatIsTakenAwayEndsItsAlerts() {
    seen.look(up("db1"), snapshot(0.95));
    seen.told();
    seen.settings = new AlertSettings(List.of(), List.of(), Duration.ofHours(4), Duration.ZERO);
    seen.afterMinutes(1).look(down("db1"));
    assertThat(seen.told()).containsExactly("RESOLVED critical SnapshotStoreFull");
    seen.after(Duration.ofDays(2)).look(up("db1"));
    assertThat(seen.state.alerts()).isEmpty();
  }

  @Test
  void aRuleWithFewerStepsKeepsItsAlerts() {
    seen.look(up("db1"), snapshot(0.95));
    seen.told();
    seen.settings =
        new AlertSettings(
            seen.settings.rules().stream()
                .map(rule ->
                    rule.name().equals("SnapshotStoreFull")
                        ? rule.withSteps(List.of(new Step(Severity.WARNING, 0.5)))
                        : rule)
                .toList(),
            List.of(),
            Duration.ofHours(4),
            Duration.ZERO);
    seen.afterMinutes(1).look(up("db1"), snapshot(0.95));
    assertThat(seen.told()).isEmpty();
    assertThat(seen.last.standing())
        .singleElement()
        .satisfies(notice -> assertThat(notice.severity()).isEqualTo(Severity.WARNING));
  }

  @Test
  void aClockThatIsSetBackStopsNothing() {
    seen.look(up("db1"), latency(0.3));
    seen.now = seen.now.minus(Duration.ofDays(400));
    seen.look(up("db1"), latency(0.3));
    seen.afterMinutes(5).look(up("db1"), latency(0.3));
    assertThat(seen.told()).containsExactly("FIRING warning LatencyHigh");
    seen.now = seen.now.minus(Duration.ofDays(400));
    seen.look(up("db1"), latency(0.3));
    assertThat(seen.told()).containsExactly("STILL_FIRING warning LatencyHigh");
    seen.look(up("db1"), latency(0.01));
    seen.afterMinutes(5).look(up("db1"), latency(0.01));
    assertThat(seen.told()).containsExactly("RESOLVED warning LatencyHigh");
  }

  @Test
  void whatIsNotANumberRaisesNothing() {
    seen.look(up("db1"), snapshot(Double.NaN));
    assertThat(seen.state.alerts()).isEmpty();
  }

  /// Whatever the values do, and whether or not the state went through the database in between: an
  /// end is told after a beginning only, and the same is not told twice.
  @SeededTest(seeds = 30)
  void whatIsToldIsAStoryThatMakesSense(Random random) {
    var told = new HashMap<String, Integer>();
    var lastTold = new HashMap<String, Instant>();
    var ids = new HashSet<String>();
    var values = new double[] {0.5, 0.5, 0.5};
    for (var look = 0; look < 300; look++) {
      var observations = new ArrayList<Observation>();
      observations.add(random.nextInt(40) == 0 ? down("db1") : up("db1"));
      for (var i = 0; i < values.length; i++) {
        values[i] = Math.clamp(values[i] + (random.nextDouble() - 0.48) / 5, 0, 1);
        if (observations.getFirst().value() == 1 && random.nextInt(50) != 0) {
          observations.add(snapshot("db1", "lv" + i, values[i]));
        }
      }
      seen.state = rememberedBy(seen.state, random);
      seen.after(Duration.ofSeconds(random.nextInt(600)))
          .look(observations.toArray(Observation[]::new));
      for (var message : seen.last.message().stream().toList()) {
        assertThat(ids.add(message.id())).isTrue();
        for (var notice : message.notices()) {
          var key = notice.alert().fingerprint();
          var level = told.getOrDefault(key, -1);
          switch (notice.kind()) {
            case FIRING -> assertThat(level).isEqualTo(-1);
            case WORSE -> assertThat(notice.alert().level()).isGreaterThan(level);
            case STILL_FIRING ->
                assertThat(Duration.between(lastTold.get(key), seen.now))
                    .isGreaterThanOrEqualTo(Duration.ofHours(4));
            case RESOLVED -> assertThat(level).isGreaterThanOrEqualTo(0);
          }
          told.put(key, notice.isResolved() ? -1 : notice.alert().level());
          lastTold.put(key, seen.now);
        }
      }
      for (var alert : seen.state.alerts()) {
        var announced = alert.announced();
        assertThat(announced == null ? -1 : announced.level())
            .isEqualTo(told.getOrDefault(alert.fingerprint(), -1));
      }
    }
  }

  private static AlertState rememberedBy(AlertState state, Random random) {
    if (random.nextBoolean()) {
      return state;
    }
    return new AlertState(
        state.alerts().stream()
            .map(alert -> AlertJson.alert(AlertJson.parse(AlertJson.text(AlertJson.of(alert)))))
            .toList(),
        state.messagedAt());
  }
}
