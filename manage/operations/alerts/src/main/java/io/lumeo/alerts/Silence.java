package io.lumeo.alerts;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A time in which certain alerts are not announced: somebody works on it, or knows. They are
/// evaluated all the same, and announced when the time is over and they still fire.
///
/// @param matchers all must match; none at all matches nothing
/// @param from the first moment of it
/// @param until the first moment after it
/// @param author who wants it
/// @param reason why, for whoever wonders
public record Silence(
    String id,
    List<LabelMatcher> matchers,
    Instant from,
    Instant until,
    String author,
    String reason) {

  public Silence {
    matchers = List.copyOf(matchers);
    if (!from.isBefore(until)) {
      throw new IllegalArgumentException(
          "silence %s ends at %s, before it begins at %s".formatted(id, until, from));
    }
  }

  boolean covers(Alert alert, Severity severity, Instant now) {
    return !matchers.isEmpty()
        && !now.isBefore(from)
        && now.isBefore(until)
        && matchers.stream().allMatch(matcher -> matcher.matches(labels(alert, severity)));
  }

  private static Map<String, String> labels(Alert alert, Severity severity) {
    var labels = new TreeMap<>(alert.labels());
    labels.put("alertname", alert.rule());
    labels.put("severity", severity.word());
    labels.put("object", object(alert.labels()));
    return labels;
  }

  /// What people call the thing: `vg0/data` of a volume or pool in a group, else its own name.
  private static String object(Map<String, String> labels) {
    var group = labels.getOrDefault("vg", "");
    var pool = labels.getOrDefault("pool", "");
    var volume = labels.getOrDefault("lv", "");
    var place = group.isEmpty() && !volume.isEmpty() ? pool : group;
    var own = volume.isEmpty() ? pool : volume;
    if (place.isEmpty() || own.isEmpty()) {
      return place + own;
    }
    return place + "/" + own;
  }
}
