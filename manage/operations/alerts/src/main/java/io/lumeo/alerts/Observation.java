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
/// @param because why it is so, in a sentence with neither capital nor full stop, for the people
///   who are told of it; empty when nobody knows
public record Observation(
    String metric, SortedMap<String, String> labels, double value, String because) {

  public Observation {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /// An observation of what `labels` name.
  public static Observation of(String metric, Map<String, String> labels, double value) {
    return new Observation(metric, new TreeMap<>(labels), value, "");
  }

  /// The same, with the reason for it.
  public Observation because(String reason) {
    return new Observation(metric, labels, value, reason);
  }

  /// Whether it carries all of these labels with these values.
  boolean has(Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }
}
