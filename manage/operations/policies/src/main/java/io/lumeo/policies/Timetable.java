package io.lumeo.policies;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// When something is to be done again and again: snapshots, trims, verifications and reports alike.
///
/// @param id of the policy, 1 to 63 of `a-z0-9._-`; it stays when the policy gets another name
/// @param zone whose clocks the schedule is read by
/// @param jitter every run is late by a part of this, at least 0; which part depends on the id and
///   the instant alone, and it never reaches the next run
/// @param catchUp how late a run that was missed may still be made up for, at least 0; null for as
///   long as it is the newest, which is one period
public record Timetable(
    String id, CronSchedule schedule, ZoneId zone, Duration jitter, @Nullable Duration catchUp) {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

  public Timetable {
    PolicyId.require(id);
    if (jitter.isNegative() || (catchUp != null && catchUp.isNegative())) {
      throw new IllegalArgumentException(
          "policy %s has a jitter of %s and a catch-up of %s; give durations of 0 or more"
              .formatted(id, jitter, catchUp));
    }
  }

  /// A timetable in UTC that is on the minute and catches up for one period.
  public static Timetable of(String id, String expression) {
    return new Timetable(
        id, CronSchedule.parse(expression, id), ZoneOffset.UTC, Duration.ZERO, null);
  }

  /// The same by another zone's clocks.
  public Timetable in(ZoneId zone) {
    return new Timetable(id, schedule, zone, jitter, catchUp);
  }

  /// The first scheduled instant after `after`, without jitter.
  public Instant next(Instant after) {
    return schedule.next(after, zone);
  }

  /// From a scheduled instant to the one after it.
  public Duration period(Instant scheduled) {
    return Duration.between(scheduled, next(scheduled));
  }

  /// When the run that is scheduled for `scheduled` is to begin.
  public Instant dueAt(Instant scheduled) {
    if (jitter.isZero()) {
      return scheduled;
    }
    var period = period(scheduled);
    var most = jitter.compareTo(period) < 0 ? jitter : period;
    var late = StableHash.below(id + "@" + scheduled.toEpochMilli(), Math.max(1, most.toMillis()));
    return scheduled.plusMillis(late);
  }

  /// The last scheduled instant whose run is due at `now`.
  public Instant newestDue(Instant now) {
    var scheduled = schedule.latest(now, zone);
    // Jitter is less than a period, so the one before is due in any case.
    return dueAt(scheduled).isAfter(now)
        ? schedule.latest(scheduled.minusNanos(1), zone)
        : scheduled;
  }

  /// When a success is so long ago that something must be wrong: one and a half periods, the
  /// jitter, and `grace`.
  public Instant overdueAt(Instant lastSuccess, Duration grace) {
    var scheduled = schedule.latest(lastSuccess, zone);
    var next = next(scheduled);
    return next.plus(period(next).dividedBy(2)).plus(jitter).plus(grace);
  }

  /// An instant by the schedule's own clocks and by UTC, so that nobody has to guess which is
  /// meant.
  public String show(Instant instant) {
    var local = LOCAL.format(instant.atZone(zone));
    return zone.equals(ZoneOffset.UTC)
        ? local + " UTC"
        : "%s %s (%s UTC)".formatted(local, zone, LOCAL.format(instant.atOffset(ZoneOffset.UTC)));
  }
}
