package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.policies.RunPlan.Cause;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RunPlannerTest {
  private static final Timetable NIGHTLY = Timetable.of("nightly", "0 2 * * *");
  private static final Instant MONDAY = Instant.parse("2026-03-02T02:00:00Z");
  private static final Instant TUESDAY = Instant.parse("2026-03-03T02:00:00Z");
  private static final Instant FRIDAY = Instant.parse("2026-03-06T02:00:00Z");

  private final TreeSet<Instant> begun = new TreeSet<>();
  private final TreeSet<String> volumes = new TreeSet<>(Set.of("db", "web"));
  private final TreeSet<String> running = new TreeSet<>();

  @Test
  void nothingRunsBeforeItIsDue() {
    var plan = plan(NIGHTLY, MONDAY, TUESDAY.minusSeconds(1));
    assertThat(plan.run()).isNull();
    assertThat(plan.skips()).isEmpty();
    assertThat(plan.handledUpTo()).isEqualTo(MONDAY);
    assertThat(plan.lookAgainAt()).isEqualTo(TUESDAY);
  }

  @Test
  void aRunThatIsDueRunsForAllVolumesOfItsPolicy() {
    var plan = plan(NIGHTLY, MONDAY, TUESDAY.plusSeconds(5));
    var run = run(plan);
    assertThat(run.key()).hasToString("nightly@2026-03-03T02:00:00Z");
    assertThat(run.volumes()).containsExactly("db", "web");
    assertThat(run.reason()).isEqualTo("scheduled for 2026-03-03 02:00 UTC");
    assertThat(plan.handledUpTo()).isEqualTo(TUESDAY);
  }

  @Test
  void aRestartDoesNotRepeatARun() {
    assertThat(plan(NIGHTLY, TUESDAY, TUESDAY.plusSeconds(90)).run()).isNull();
    // The machine went down after the run was begun and before it was noted as handled.
    begun.add(TUESDAY);
    var plan = plan(NIGHTLY, MONDAY, TUESDAY.plusSeconds(90));
    assertThat(plan.run()).isNull();
    assertThat(plan.skips()).isEmpty();
    assertThat(plan.handledUpTo()).isEqualTo(TUESDAY);
  }

  /// Report 26: what was missed while the machine was off is made up for, once.
  @Test
  void ofSeveralMissedRunsTheNewestIsMadeUpForAndTheOthersAreAccountedFor() {
    var plan = plan(NIGHTLY, MONDAY, FRIDAY.plus(Duration.ofHours(7)));
    assertThat(run(plan).key().scheduledAt()).isEqualTo(FRIDAY);
    assertThat(run(plan).reason())
        .isEqualTo("scheduled for 2026-03-06 02:00 UTC, made up for 7 h later");
    assertThat(plan.skips())
        .singleElement()
        .satisfies(skip -> {
          assertThat(skip.cause()).isEqualTo(Cause.SUPERSEDED);
          assertThat(skip.count()).isEqualTo(3);
          assertThat(skip.first()).isEqualTo(TUESDAY);
          assertThat(skip.last()).isEqualTo(Instant.parse("2026-03-05T02:00:00Z"));
          assertThat(skip.reason())
              .isEqualTo(
                  "3 missed between 2026-03-03 02:00 UTC and 2026-03-05 02:00 UTC: the newest due"
                      + " run, of 2026-03-06 02:00 UTC, stands for all");
        });
  }

  @Test
  void aRunThatIsLaterThanItsCatchUpIsSkippedWithTheReason() {
    var strict =
        new Timetable(
            "nightly", NIGHTLY.schedule(), NIGHTLY.zone(), Duration.ZERO, Duration.ofHours(1));
    assertThat(plan(strict, MONDAY, TUESDAY.plus(Duration.ofMinutes(59))).run()).isNotNull();
    var plan = plan(strict, MONDAY, TUESDAY.plus(Duration.ofHours(2)));
    assertThat(plan.run()).isNull();
    assertThat(plan.handledUpTo()).isEqualTo(TUESDAY);
    assertThat(plan.skips())
        .singleElement()
        .satisfies(skip -> {
          assertThat(skip.cause()).isEqualTo(Cause.TOO_LATE);
          assertThat(skip.reason())
              .isEqualTo(
                  "the run of 2026-03-03 02:00 UTC is 2 h late, and the policy catches up for 1 h");
        });
  }

  @Test
  void whoCatchesUpForNoTimeStillRunsOnTime() {
    var never =
        new Timetable("nightly", NIGHTLY.schedule(), NIGHTLY.zone(), Duration.ZERO, Duration.ZERO);
    assertThat(plan(never, MONDAY, TUESDAY.plusSeconds(20)).run()).isNotNull();
    assertThat(plan(never, MONDAY, TUESDAY.plusSeconds(90)).run()).isNull();
  }

  @Test
  void aVolumeThatIsStillAtWorkIsLeftOutAndCounted() {
    running.add("db");
    var plan = plan(NIGHTLY, MONDAY, TUESDAY);
    assertThat(run(plan).volumes()).containsExactly("web");
    assertThat(plan.skips())
        .singleElement()
        .satisfies(skip -> {
          assertThat(skip.cause()).isEqualTo(Cause.OVERLAP);
          assertThat(skip.volume()).isEqualTo("db");
        });
    running.add("web");
    assertThat(plan(NIGHTLY, MONDAY, TUESDAY).run()).isNull();
    assertThat(plan(NIGHTLY, MONDAY, TUESDAY).skips()).hasSize(2);
  }

  @Test
  void aPolicyThatSelectsNothingStillRunsSoThatSomebodyIsTold() {
    volumes.clear();
    assertThat(run(plan(NIGHTLY, MONDAY, TUESDAY)).volumes()).isEmpty();
  }

  @Test
  void aClockThatIsSetBackRepeatsNothing() {
    begun.addAll(List.of(MONDAY, TUESDAY));
    var plan = plan(NIGHTLY, TUESDAY, TUESDAY.minusSeconds(10));
    assertThat(plan.run()).isNull();
    assertThat(plan.clockSetBack()).isEqualTo(Duration.ofSeconds(10));
    var again = plan(NIGHTLY, plan.handledUpTo(), TUESDAY.plusSeconds(1));
    assertThat(again.run()).isNull();
    assertThat(again.skips()).isEmpty();
    assertThat(again.handledUpTo()).isEqualTo(TUESDAY);
  }

  @Test
  void aClockThatWasAYearAheadDoesNotStopASchedule() {
    var ahead = MONDAY.plus(Duration.ofDays(365));
    var wrong = plan(NIGHTLY, MONDAY, ahead);
    begun.add(MONDAY);
    begun.add(run(wrong).key().scheduledAt());
    var right = plan(NIGHTLY, wrong.handledUpTo(), TUESDAY.plusSeconds(30));
    assertThat(run(right).key().scheduledAt()).isEqualTo(TUESDAY);
    assertThat(right.clockSetBack()).isGreaterThan(Duration.ofDays(360));
    assertThat(right.handledUpTo()).isEqualTo(TUESDAY);
  }

  @Test
  void whatWasMissedInTenYearsIsCountedUpToALimit() {
    var often = Timetable.of("often", "* * * * *");
    var plan = plan(often, MONDAY, MONDAY.plus(Duration.ofDays(3650)));
    assertThat(run(plan).key().scheduledAt()).isEqualTo(MONDAY.plus(Duration.ofDays(3650)));
    assertThat(plan.skips())
        .singleElement()
        .satisfies(skip -> {
          assertThat(skip.more()).isTrue();
          assertThat(skip.count()).isEqualTo(10_000);
          assertThat(skip.last()).isEqualTo(MONDAY.plus(Duration.ofDays(3650)).minusSeconds(60));
          assertThat(skip.reason()).startsWith("more than 10000 missed between");
        });
  }

  @Test
  void jitterIsTheSameForOneRunAndDiffersBetweenRuns() {
    var spread = jittered(Duration.ofMinutes(30));
    var delays = new TreeSet<Duration>();
    for (var run : spread.schedule().next(MONDAY, spread.zone(), 50)) {
      assertThat(spread.dueAt(run)).isEqualTo(spread.dueAt(run));
      delays.add(Duration.between(run, spread.dueAt(run)));
    }
    assertThat(delays).hasSizeGreaterThan(40);
    assertThat(delays.first()).isBetween(Duration.ZERO, Duration.ofMinutes(5));
    assertThat(delays.last()).isBetween(Duration.ofMinutes(25), Duration.ofMinutes(30));
  }

  @Test
  void aRunWaitsForItsJitter() {
    var spread = jittered(Duration.ofHours(3));
    var due = spread.dueAt(TUESDAY);
    assertThat(plan(spread, MONDAY, due.minusMillis(1)).run()).isNull();
    assertThat(plan(spread, MONDAY, due.minusMillis(1)).lookAgainAt()).isEqualTo(due);
    assertThat(run(plan(spread, MONDAY, due)).key().scheduledAt()).isEqualTo(TUESDAY);
    assertThat(run(plan(spread, MONDAY, due)).dueAt()).isEqualTo(due);
  }

  @Test
  void jitterNeverLetsARunOvertakeTheNext() {
    var often =
        new Timetable(
            "often",
            CronSchedule.parse("*/5 * * * *"),
            ZoneId.of("Europe/Berlin"),
            Duration.ofHours(2),
            null);
    var runs = often.schedule().next(MONDAY, often.zone(), 300);
    for (var i = 1; i < runs.size(); i++) {
      assertThat(often.dueAt(runs.get(i - 1))).isBefore(runs.get(i));
    }
  }

  @Test
  void trimsAndVerificationsKeepTimeAsSnapshotsDo() {
    var trim = Timetable.of("trim", "H(0-59) 3 * * SUN");
    var verify = Timetable.of("verify", "@monthly").in(ZoneId.of("Europe/Berlin"));
    assertThat(run(plan(trim, MONDAY, MONDAY.plus(Duration.ofDays(7)))).key().policy())
        .isEqualTo("trim");
    assertThat(run(plan(verify, MONDAY, MONDAY.plus(Duration.ofDays(30)))).key().scheduledAt())
        .isEqualTo(Instant.parse("2026-03-31T22:00:00Z"));
  }

  @Test
  void aPolicyIsOverdueAfterOneAndAHalfPeriods() {
    assertThat(NIGHTLY.overdueAt(TUESDAY.plusSeconds(40), Duration.ofMinutes(10)))
        .isEqualTo(Instant.parse("2026-03-04T14:10:00Z"));
  }

  @Test
  void aTimetableThatCannotBeIsRefused() {
    assertThatThrownBy(() -> Timetable.of("Nightly!", "@daily"))
        .hasMessageContaining("\"Nightly!\" cannot be a policy's id");
    assertThatThrownBy(() -> jittered(Duration.ofSeconds(-1)))
        .hasMessageContaining("give durations of 0 or more");
  }

  private static Timetable jittered(Duration jitter) {
    return new Timetable("nightly", NIGHTLY.schedule(), NIGHTLY.zone(), jitter, null);
  }

  private RunPlan plan(Timetable timetable, Instant handledUpTo, Instant now) {
    return RunPlanner.plan(
        timetable, new RunFacts(handledUpTo, begun::contains, volumes, running), now);
  }

  private static RunPlan.Run run(RunPlan plan) {
    var run = plan.run();
    assertThat(run).isNotNull();
    return run;
  }
}
