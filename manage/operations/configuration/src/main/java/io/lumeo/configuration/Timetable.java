package io.lumeo.configuration;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/// When something is done.
///
/// @param schedule five fields as cron has them, or `@daily` and its like
/// @param zone whose clock the schedule means
/// @param jitter by how much a run may be late, so that not all begin at once
/// @param catchUp how late a missed run is still made; empty for one period of the schedule
public record Timetable(
    String schedule, ZoneId zone, Duration jitter, Optional<Duration> catchUp) {}
