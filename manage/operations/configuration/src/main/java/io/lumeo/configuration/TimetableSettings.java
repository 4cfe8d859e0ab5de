package io.lumeo.configuration;

import io.lumeo.policies.CronSchedule;
import io.lumeo.policies.Timetable;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/// When something is done, as the file says it: a timetable that does not know yet whose it is.
///
/// @param schedule an expression that [CronSchedule] takes; its `H` is drawn from the owner's id
/// @param zone whose clock the schedule means
/// @param jitter by how much a run may be late, so that not all begin at once
/// @param catchUp how late a missed run is still made; empty for one period of the schedule
public record TimetableSettings(
    String schedule, ZoneId zone, Duration jitter, Optional<Duration> catchUp) {

  /// The timetable of what is known by `id`.
  ///
  /// @param id 1 to 63 of `a-z0-9._-`
  public Timetable of(String id) {
    return new Timetable(id, CronSchedule.parse(schedule, id), zone, jitter, catchUp.orElse(null));
  }
}
