package io.lumeo.policies;

import io.lumeo.policies.RunPlan.Cause;
import io.lumeo.policies.RunPlan.Run;
import io.lumeo.policies.RunPlan.Skip;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Says which run is due, and what becomes of those that were missed.
///
/// Of everything that has come due since the last look only the newest can run: after a night
/// without power one snapshot is wanted, not twelve. The others are reported as skipped, so each
/// scheduled instant is either run or accounted for.
///
/// Clocks are not trusted. When the clock is found to be behind what was handled already, planning
/// goes on from what the clock says now: had it been wrong before, waiting for that time to come
/// again could take a year. What ran in the meantime is known by its [RunKey] and does not run
/// again.
public final class RunPlanner {
  /// A run that begins within this of its time is on time, whatever its catch-up.
  private static final Duration PUNCTUAL = Duration.ofMinutes(1);

  /// Where counting what was missed ends.
  private static final int COUNTED = 10_000;

  private final Timetable timetable;
  private final RunFacts facts;
  private final Instant now;
  private final List<Skip> skips = new ArrayList<>();

  private RunPlanner(Timetable timetable, RunFacts facts, Instant now) {
    this.timetable = timetable;
    this.facts = facts;
    this.now = now;
  }

  /// What is to be done at `now`. Call it at [RunPlan#lookAgainAt], or as often as you like: what
  /// has been handled is not planned again.
  public static RunPlan plan(Timetable timetable, RunFacts facts, Instant now) {
    return new RunPlanner(timetable, facts, now).plan();
  }

  private RunPlan plan() {
    var newest = timetable.newestDue(now);
    var setBack = setBack();
    if (setBack.isZero() && !newest.isAfter(facts.handledUpTo())) {
      return planned(newest, null, facts.handledUpTo(), setBack);
    }
    if (setBack.isZero()) {
      accountForMissed(facts.handledUpTo(), newest);
    }
    return planned(newest, runOf(newest), newest, setBack);
  }

  private Duration setBack() {
    return facts.handledUpTo().isAfter(now)
        ? Duration.between(now, facts.handledUpTo())
        : Duration.ZERO;
  }

  private RunPlan planned(
      Instant newest, @Nullable Run run, Instant handledUpTo, Duration setBack) {
    var lookAgainAt = timetable.dueAt(timetable.next(newest));
    return new RunPlan(run, skips, handledUpTo, lookAgainAt, setBack);
  }

  /// Notes what was scheduled after `from` and before `newest` and never begun.
  private void accountForMissed(Instant from, Instant newest) {
    @Nullable Instant first = null;
    var last = from;
    var missed = 0;
    var instant = timetable.next(from);
    for (var looked = 0; looked < COUNTED && instant.isBefore(newest); looked++) {
      if (!facts.begun().test(instant)) {
        first = first == null ? instant : first;
        last = instant;
        missed++;
      }
      instant = timetable.next(instant);
    }
    if (first == null) {
      return;
    }
    var more = instant.isBefore(newest);
    if (more) {
      last = timetable.schedule().latest(newest.minusNanos(1), timetable.zone());
    }
    var reason =
        "%s%d missed between %s and %s: the newest due run, of %s, stands for all"
            .formatted(
                more ? "more than " : "",
                missed,
                timetable.show(first),
                timetable.show(last),
                timetable.show(newest));
    skips.add(new Skip(first, last, missed, more, null, Cause.SUPERSEDED, reason));
  }

  private @Nullable Run runOf(Instant scheduled) {
    if (facts.begun().test(scheduled)) {
      return null;
    }
    var due = timetable.dueAt(scheduled);
    var late = Duration.between(due, now);
    var catchUp = timetable.catchUp();
    if (catchUp != null && late.compareTo(catchUp) > 0 && late.compareTo(PUNCTUAL) > 0) {
      skip(
          scheduled,
          null,
          Cause.TOO_LATE,
          "the run of %s is %s late, and the policy catches up for %s"
              .formatted(timetable.show(scheduled), Words.duration(late), Words.duration(catchUp)));
      return null;
    }
    var free = new TreeSet<String>();
    for (var volume : facts.volumes()) {
      if (facts.running().contains(volume)) {
        skip(
            scheduled,
            volume,
            Cause.OVERLAP,
            "the run of %s leaves out volume %s: the run before is still at work on it"
                .formatted(timetable.show(scheduled), volume));
      } else {
        free.add(volume);
      }
    }
    if (free.isEmpty() && !facts.volumes().isEmpty()) {
      return null;
    }
    return new Run(new RunKey(timetable.id(), scheduled), due, free, reason(scheduled, late));
  }

  private String reason(Instant scheduled, Duration late) {
    return late.compareTo(PUNCTUAL) <= 0
        ? "scheduled for " + timetable.show(scheduled)
        : "scheduled for %s, made up for %s later"
            .formatted(timetable.show(scheduled), Words.duration(late));
  }

  private void skip(Instant scheduled, @Nullable String volume, Cause cause, String reason) {
    skips.add(new Skip(scheduled, scheduled, 1, false, volume, cause, reason));
  }
}
