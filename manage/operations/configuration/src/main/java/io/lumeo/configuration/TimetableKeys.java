package io.lumeo.configuration;

import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/// The keys of everything that has a schedule.
final class TimetableKeys {
  static final Key<String> SCHEDULE =
      Key.required(
          "schedule", Scalars.SCHEDULE, "when, as cron has it: minute hour day month weekday");
  static final Key<ZoneId> ZONE =
      Key.defaulting(
          "zone", Scalars.ZONE, ZoneId.of("UTC"), "UTC", "whose clock the schedule means");
  static final Key<Duration> JITTER =
      Key.defaulting(
          "jitter",
          Scalars.duration(Duration.ZERO, Duration.ofDays(1)),
          Duration.ZERO,
          "0s",
          "by how much a run may be late, so that not all begin at once");
  static final Key<Duration> CATCH_UP =
      Key.optional(
          "catchUp",
          Scalars.DURATION,
          "how late a missed run is still made (default: one period of the schedule)");

  private TimetableKeys() {}

  /// `before`, the keys of a timetable, `after`.
  static List<Key<?>> between(List<Key<?>> before, List<Key<?>> after) {
    var keys = new ArrayList<>(before);
    keys.addAll(List.of(SCHEDULE, ZONE, JITTER, CATCH_UP));
    keys.addAll(after);
    return List.copyOf(keys);
  }

  static TimetableSettings make(Values values) {
    return new TimetableSettings(
        values.get(SCHEDULE), values.get(ZONE), values.get(JITTER), values.find(CATCH_UP));
  }
}
