package io.lumeo.doctor;

/// How full something is, with the fills at which it is a warning and critical, all from 0 to 1.
///
/// @param label of what: `vg/pool data`
public record Gauge(String label, double ratio, double warning, double critical) {}
