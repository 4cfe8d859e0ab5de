package io.lumeo.alerts;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a rule looks at, computed in the same way here and, as an expression, by Prometheus.
public sealed interface Measure {

  /// One value per thing, by its labels.
  List<Reading> read(List<Observation> observations, Instant now);

  /// The same as a PromQL expression.
  String expression();

  /// One value of one thing, and why it is so where that was seen.
  record Reading(SortedMap<String, String> labels, double value, String because) {
    Reading(SortedMap<String, String> labels, double value) {
      this(labels, value, "");
    }
  }

  /// A metric as it is, of those series that carry certain labels.
  record Gauge(String metric, Map<String, String> only) implements Measure {
    Gauge(String metric) {
      this(metric, Map.of());
    }

    @Override
    public List<Reading> read(List<Observation> observations, Instant now) {
      var readings = new ArrayList<Reading>();
      for (var observation : observations) {
        if (observation.metric().equals(metric) && observation.has(only)) {
          readings.add(
              new Reading(observation.labels(), observation.value(), observation.because()));
        }
      }
      return readings;
    }

    @Override
    public String expression() {
      var labels =
          new TreeMap<>(only)
              .entrySet().stream()
                  .map(label -> "%s=\"%s\"".formatted(label.getKey(), label.getValue()))
                  .collect(Collectors.joining(","));
      return labels.isEmpty() ? metric : metric + "{" + labels + "}";
    }
  }

  /// One metric over another of the same labels; of a thing whose divisor is 0, nothing.
  record Ratio(String part, String whole) implements Measure {
    @Override
    public List<Reading> read(List<Observation> observations, Instant now) {
      var wholes = new HashMap<SortedMap<String, String>, Double>();
      for (var observation : observations) {
        if (observation.metric().equals(whole)) {
          wholes.put(observation.labels(), observation.value());
        }
      }
      var readings = new ArrayList<Reading>();
      for (var observation : observations) {
        var divisor = wholes.getOrDefault(observation.labels(), 0.0);
        if (observation.metric().equals(part) && divisor != 0) {
          readings.add(new Reading(observation.labels(), observation.value() / divisor));
        }
      }
      return readings;
    }

    @Override
    public String expression() {
      return part + " / " + whole;
    }
  }

  /// The seconds since the moment that a metric tells.
  record Age(String metric) implements Measure {
    @Override
    public List<Reading> read(List<Observation> observations, Instant now) {
      var seconds = now.toEpochMilli() / 1000.0;
      return new Gauge(metric)
          .read(observations, now).stream()
              .map(reading -> new Reading(reading.labels(), seconds - reading.value()))
              .toList();
    }

    @Override
    public String expression() {
      return "time() - " + metric;
    }
  }

  /// 1 while nobody sees a metric at all, else nothing.
  record Absent(String metric) implements Measure {
    @Override
    public List<Reading> read(List<Observation> observations, Instant now) {
      return observations.stream().anyMatch(seen -> seen.metric().equals(metric))
          ? List.of()
          : List.of(new Reading(new TreeMap<>(), 1));
    }

    @Override
    public String expression() {
      return "absent(" + metric + ")";
    }
  }
}
