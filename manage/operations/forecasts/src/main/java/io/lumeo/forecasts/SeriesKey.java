package io.lumeo.forecasts;

/// Which series: one measure of one thing.
///
/// @param system the name of the storage system, as configured
/// @param uuid of the pool or volume
public record SeriesKey(String system, String uuid, Measure measure) {}
