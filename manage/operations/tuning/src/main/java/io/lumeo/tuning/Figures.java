package io.lumeo.tuning;

import java.util.SortedMap;
import java.util.TreeMap;

/// What a workload came to.
///
/// @param iops requests per second
/// @param bytesPerSecond all of them together
/// @param latencySeconds what one took on average, from submission to completion
/// @param slowestSeconds what 99 of 100 took at most; 0 when fio did not say
/// @param bytes how much was written or read
record Figures(
    double iops, double bytesPerSecond, double latencySeconds, double slowestSeconds, long bytes) {

  /// By the names that the baseline database keeps.
  ///
  /// @param direction `write` or `read`
  SortedMap<String, Double> named(String direction) {
    var named = new TreeMap<String, Double>();
    named.put(direction + "_iops", iops);
    named.put(direction + "_bytes_per_second", bytesPerSecond);
    named.put(direction + "_latency_seconds", latencySeconds);
    if (slowestSeconds > 0) {
      named.put(direction + "_latency_p99_seconds", slowestSeconds);
    }
    return named;
  }
}
