package io.lumeo.configuration;

import java.time.Duration;
import java.util.List;

/// When the blocks that file systems have freed return to their pools.
///
/// @param deadline how long one volume may take
public record TrimSettings(
    String name, List<Selector> volumes, TimetableSettings timetable, Duration deadline) {}
