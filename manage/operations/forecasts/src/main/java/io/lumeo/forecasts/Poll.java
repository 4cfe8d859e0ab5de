package io.lumeo.forecasts;

import java.time.Instant;
import java.util.Map;

/// What one look at everything found.
///
/// @param values finite, in the unit of each measure
public record Poll(Instant at, Map<SeriesKey, Double> values) {}
