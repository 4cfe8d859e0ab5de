package io.lumeo.alerts;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// One number that was seen, of one thing: the unit that rules are evaluated on and metrics are
/// exposed from.
///
/// @param metric a name of [MetricFamily#all()], in base units: bytes, seconds, shares of 1
/// @param labels what it was seen of: `host`, `vg`, `pool`, `lv`, `policy` and the like
public record Observation(String metric, SortedMap<String, String> labels, double value) {

  public Observation {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /// An observation of what `labels` name.
  public static Observation of(String metric, Map<String, String> labels, double value) {
    return new Observation(metric, new TreeMap<>(labels), value);
  }

  /// Whether it carries all of these labels with these values.
  boolean has(Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }
}
