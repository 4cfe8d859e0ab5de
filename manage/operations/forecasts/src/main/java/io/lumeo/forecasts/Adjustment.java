package io.lumeo.forecasts;

/// A step that was taken out of a series before it was forecast.
///
/// @param step by how much the series changed there beyond its usual change, in its unit; 0 when
///   everything before was left out
public record Adjustment(Event event, double step) {}
