package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.SeededTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Years of runs with everything that happens to a machine: it is off, it crashes between doing and
/// noting, its clock jumps.
class RunHistoryTest {

  @Test
  void inTenYearsOfEveryZoneEachDayHasItsRunAndNoneHasTwo() {
    for (var zone : Zones.distinct()) {
      var nightly =
          new Timetable(
              "nightly", CronSchedule.parse("30 2 * * *"), zone, Duration.ofMinutes(40), null);
      var agent = new Agent(nightly, Zones.BEGIN);
      for (var now = Zones.BEGIN; now.isBefore(Zones.END); ) {
        now = agent.look(now).lookAgainAt();
      }
      assertThat(agent.begun).as(zone.toString()).hasSizeBetween(3652, 3653);
      assertThat(agent.skips).isEmpty();
    }
  }

  @SeededTest(seeds = 25)
  void everyScheduledInstantIsRunOrAccountedForThroughDowntimeAndCrashes(Random random) {
    var timetable = timetable(random);
    var begin = Zones.BEGIN.plus(Duration.ofDays(random.nextInt(2500)));
    var agent = new Agent(timetable, begin);
    var now = begin;
    for (var i = 0; i < 400; i++) {
      if (random.nextInt(10) == 0) {
        agent.lookAndCrash(now);
      } else {
        agent.look(now);
      }
      now = now.plus(pause(random));
    }
    var last = agent.look(now).handledUpTo();
    assertThat(agent.unaccounted(begin, last)).isEmpty();
    for (var skip : agent.skips) {
      if (!skip.more()) {
        assertThat(agent.missed(skip.first(), skip.last())).hasSize(skip.count());
      }
    }
  }

  @SeededTest(seeds = 25)
  void aClockThatJumpsMakesNoRunTwiceAndLosesNoneOnceItIsRight(Random random) {
    var timetable = timetable(random);
    var agent = new Agent(timetable, Instant.parse("2024-06-01T00:00:00Z"));
    var trueTime = Instant.parse("2024-06-01T00:00:00Z");
    var skew = Duration.ZERO;
    for (var i = 0; i < 300; i++) {
      if (random.nextInt(20) == 0) {
        skew = random.nextInt(3) == 0 ? Duration.ZERO : skew(random);
      }
      agent.look(trueTime.plus(skew));
      trueTime = trueTime.plus(pause(random));
    }
    var right = trueTime;
    for (var i = 0; i < 200; i++) {
      trueTime = agent.look(trueTime).lookAgainAt();
    }
    for (var due = timetable.next(right);
        timetable.dueAt(due).isBefore(trueTime);
        due = timetable.next(due)) {
      assertThat(agent.begun).as(timetable.toString()).contains(due);
    }
  }

  private static Timetable timetable(Random random) {
    var zones = Zones.distinct();
    var cron = NaiveCron.random(random).text();
    return new Timetable(
        "policy",
        CronSchedule.parse(cron),
        zones.get(random.nextInt(zones.size())),
        random.nextBoolean() ? Duration.ZERO : Duration.ofMinutes(random.nextInt(200)),
        random.nextBoolean() ? null : Duration.ofMinutes(random.nextInt(3000)));
  }

  private static Duration pause(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> Duration.ofDays(random.nextInt(20));
      case 1, 2 -> Duration.ofHours(random.nextInt(40));
      default -> Duration.ofSeconds(1 + random.nextInt(7200));
    };
  }

  private static Duration skew(Random random) {
    var days = random.nextInt(3) == 0 ? 400 : 1;
    return Duration.ofSeconds(random.nextInt(-days * 86_400, days * 86_400));
  }

  /// What an agent does with plans, and all that it remembers.
  private static final class Agent {
    private final Timetable timetable;
    private final TreeSet<Instant> begun = new TreeSet<>();
    private final List<RunPlan.Skip> skips = new ArrayList<>();
    private Instant handledUpTo;

    Agent(Timetable timetable, Instant since) {
      this.timetable = timetable;
      this.handledUpTo = since;
    }

    RunPlan look(Instant now) {
      var plan = plan(now);
      begin(plan.run(), now);
      skips.addAll(plan.skips());
      handledUpTo = plan.handledUpTo();
      return plan;
    }

    /// Dies after the run was begun, and before anything else was noted.
    void lookAndCrash(Instant now) {
      begin(plan(now).run(), now);
    }

    private RunPlan plan(Instant now) {
      var volumes = new TreeSet<>(Set.of("v"));
      return RunPlanner.plan(
          timetable, new RunFacts(handledUpTo, begun::contains, volumes, Set.of()), now);
    }

    private void begin(RunPlan.@Nullable Run run, Instant now) {
      if (run != null) {
        var scheduled = run.key().scheduledAt();
        assertThat(begun.add(scheduled)).as("a second run of %s", run.key()).isTrue();
        assertThat(run.dueAt()).isBeforeOrEqualTo(now).isAfterOrEqualTo(scheduled);
      }
    }

    List<Instant> unaccounted(Instant after, Instant through) {
      var skipped = new TreeMap<Instant, Instant>();
      skips.forEach(skip -> skipped.put(skip.first(), skip.last()));
      return missed(timetable.next(after), through).stream()
          .filter(instant -> {
            var skip = skipped.floorEntry(instant);
            return skip == null || instant.isAfter(skip.getValue());
          })
          .toList();
    }

    List<Instant> missed(Instant first, Instant last) {
      var missed = new ArrayList<Instant>();
      for (var instant = first; !instant.isAfter(last); instant = timetable.next(instant)) {
        if (!begun.contains(instant)) {
          missed.add(instant);
        }
      }
      return missed;
    }
  }
}
