package io.lumeo.policies;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The instants that a cron expression stands for, in any zone. Immutable.
///
/// Five fields: minute (0 to 59), hour (0 to 23), day of the month (1 to 31, `L` for the last),
/// month (1 to 12 or `JAN` to `DEC`), day of the week (0 to 7 or `SUN` to `SAT`; 0 and 7 are
/// Sunday). Each is `*` or a list of values and ranges, with steps if wanted: `*/15`, `8-18/2`,
/// `MON-FRI`. `H` is a value drawn from the owner's id, always the same: `H`, `H(0-29)`, `H/15`; a
/// hundred policies that say `H 2 * * *` do not all begin at two sharp. `@hourly`, `@daily`,
/// `@weekly`, `@monthly` and `@yearly` are what they say.
///
/// A day must satisfy both day fields, but when neither begins with `*`, one is enough: the rule of
/// every cron since Version 7.
///
/// When clocks are changed, no run is lost and no fixed one is doubled:
///
/// - A local time that is skipped runs at the first instant after the gap.
/// - A local time that comes twice runs the first time only, unless the minute or the hour begins
///   with `*` (or is `H/n`): who writes `*/15` means every quarter of an hour that passes.
public final class CronSchedule {
  private final String expression;
  private final CronSet minutes;
  private final CronSet hours;
  private final CronSet daysOfMonth;
  private final CronSet months;
  private final CronSet daysOfWeek;

  CronSchedule(
      String expression,
      CronSet minutes,
      CronSet hours,
      CronSet daysOfMonth,
      CronSet months,
      CronSet daysOfWeek) {
    this.expression = expression;
    this.minutes = minutes;
    this.hours = hours;
    this.daysOfMonth = daysOfMonth;
    this.months = months;
    this.daysOfWeek = daysOfWeek;
  }

  /// Reads an expression whose `H`, if it has one, belongs to nobody.
  ///
  /// @throws CronSyntaxException with the column of the mistake; also for a date that no year has
  public static CronSchedule parse(String expression) {
    return parse(expression, "");
  }

  /// Reads an expression for the owner of `id`, from which `H` is drawn.
  ///
  /// @throws CronSyntaxException with the column of the mistake; also for a date that no year has
  public static CronSchedule parse(String expression, String id) {
    return CronParser.parse(expression, id);
  }

  /// The first scheduled instant after `after`.
  public Instant next(Instant after, ZoneId zone) {
    var rules = zone.getRules();
    var offset = rules.getOffset(after);
    var local = atOrAfter(minuteAfter(LocalDateTime.ofInstant(after, offset)));
    if (!isInterval()) {
      var began = rules.previousTransition(after.plusNanos(1));
      if (began != null && began.isOverlap() && local.isBefore(began.getDateTimeBefore())) {
        local = atOrAfter(minuteFrom(began.getDateTimeBefore()));
      }
    }
    for (var end = rules.nextTransition(after);
        end != null && !local.isBefore(end.getDateTimeBefore());
        end = rules.nextTransition(end.getInstant())) {
      if (end.isGap() && local.isBefore(end.getDateTimeAfter())) {
        return end.getInstant();
      }
      if (end.isOverlap() && isInterval()) {
        local = atOrAfter(minuteFrom(end.getDateTimeAfter()));
      }
      offset = end.getOffsetAfter();
    }
    return local.toInstant(offset);
  }

  /// The first `count` scheduled instants after `after`, in order.
  public List<Instant> next(Instant after, ZoneId zone, int count) {
    var instants = new ArrayList<Instant>();
    for (var instant = after; instants.size() < count; ) {
      instant = next(instant, zone);
      instants.add(instant);
    }
    return List.copyOf(instants);
  }

  /// The last scheduled instant that is not after `at`.
  public Instant latest(Instant at, ZoneId zone) {
    var found = someBefore(at, zone);
    var tooLate = at;
    for (var next = next(found, zone); !next.isAfter(at); next = next(found, zone)) {
      found = next;
      var middle = found.plus(Duration.between(found, tooLate).dividedBy(2));
      var later = next(middle, zone);
      if (later.isAfter(at)) {
        tooLate = middle;
      } else {
        found = later;
      }
    }
    return found;
  }

  /// Some scheduled instant that is not after `at`, found by stepping back: first by what lies
  /// between the next two, which is right for most schedules, then by twice as much each time.
  private Instant someBefore(Instant at, ZoneId zone) {
    var next = next(at, zone);
    for (var back = Duration.between(next, next(next, zone)); ; back = back.multipliedBy(2)) {
      var found = next(at.minus(back), zone);
      if (!found.isAfter(at)) {
        return found;
      }
    }
  }

  /// How many instants are scheduled after `after` and up to and with `through`, counted up to
  /// `limit`.
  public int count(Instant after, Instant through, ZoneId zone, int limit) {
    var count = 0;
    for (var instant = next(after, zone);
        count < limit && !instant.isAfter(through);
        instant = next(instant, zone)) {
      count++;
    }
    return count;
  }

  private boolean isInterval() {
    return minutes.open() || hours.open();
  }

  /// The first local minute at or after `from` that all fields allow.
  private LocalDateTime atOrAfter(LocalDateTime from) {
    var date = from.toLocalDate();
    if (allows(date)) {
      var time = timeAtOrAfter(date, from.getHour(), from.getMinute());
      if (time != null) {
        return time;
      }
    }
    return dateAtOrAfter(date.plusDays(1)).atTime(hours.first(), minutes.first());
  }

  private @Nullable LocalDateTime timeAtOrAfter(LocalDate date, int hour, int minute) {
    if (hours.has(hour) && minutes.atOrAfter(minute) >= 0) {
      return date.atTime(hour, minutes.atOrAfter(minute));
    }
    var laterHour = hours.atOrAfter(hour + 1);
    return laterHour < 0 ? null : date.atTime(laterHour, minutes.first());
  }

  /// Ends, because what has no date was refused when it was parsed; 29 February on a certain day of
  /// the week comes within forty years.
  private LocalDate dateAtOrAfter(LocalDate from) {
    var date = from;
    while (!allows(date)) {
      date =
          months.has(date.getMonthValue())
              ? date.plusDays(1)
              : date.withDayOfMonth(1).plusMonths(1);
    }
    return date;
  }

  private boolean allows(LocalDate date) {
    if (!months.has(date.getMonthValue())) {
      return false;
    }
    var byMonth =
        daysOfMonth.has(date.getDayOfMonth())
            || (daysOfMonth.last() && date.getDayOfMonth() == date.lengthOfMonth());
    var byWeek = daysOfWeek.has(date.getDayOfWeek().getValue() % 7);
    var both = daysOfMonth.open() || daysOfWeek.open();
    return both ? byMonth && byWeek : byMonth || byWeek;
  }

  private static LocalDateTime minuteAfter(LocalDateTime time) {
    return time.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
  }

  private static LocalDateTime minuteFrom(LocalDateTime time) {
    var minute = time.truncatedTo(ChronoUnit.MINUTES);
    return minute.equals(time) ? minute : minute.plusMinutes(1);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CronSchedule that
        && expression.equals(that.expression)
        && minutes.equals(that.minutes)
        && hours.equals(that.hours)
        && daysOfMonth.equals(that.daysOfMonth)
        && months.equals(that.months)
        && daysOfWeek.equals(that.daysOfWeek);
  }

  @Override
  public int hashCode() {
    return Objects.hash(expression, minutes, hours, daysOfMonth, months, daysOfWeek);
  }

  /// The expression as it was written.
  @Override
  public String toString() {
    return expression;
  }
}
