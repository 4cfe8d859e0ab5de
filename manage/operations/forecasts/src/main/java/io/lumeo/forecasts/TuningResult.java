package io.lumeo.forecasts;

import java.time.Instant;
import java.util.SortedMap;

/// What one measurement of `lumeo tune` found.
///
/// @param kind what was measured: `chunk-size`, `snapshot-cost`, `layout`
/// @param parameters what it was measured with: `chunk` = `64k`, `workload` = `randwrite`
/// @param figures what came out, with the unit at the end of each name: `write_iops`,
///   `write_latency_seconds`
/// @param machine where: figures of different machines say nothing about each other
public record TuningResult(
    String kind,
    SortedMap<String, String> parameters,
    SortedMap<String, Double> figures,
    String machine,
    Instant at) {}
