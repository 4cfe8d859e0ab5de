package io.lumeo.alerts;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The observations of the last poll, for Prometheus to fetch. Whoever fetches them makes nobody
/// look at storage; `lumeo_scrape_age_seconds` says how old they are.
///
/// What is not in [MetricFamily#all()] is not exposed. Safe for use by several threads.
public final class MetricsPage {
  /// The media type of what [#text] returns.
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.create().getContentType();

  private static final String QUANTILE = "quantile";
  private static final String BOUND = "le";

  private volatile Poll poll = new Poll(List.of(), Instant.EPOCH);

  /// A page of which nothing is known yet.
  public MetricsPage() {}

  private record Poll(List<Observation> observations, Instant at) {}

  /// Takes the observations of a new poll.
  public void update(List<Observation> observations, Instant at) {
    poll = new Poll(List.copyOf(observations), at);
  }

  /// The page in Prometheus' text format.
  public byte[] text(Instant now) {
    var text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(text, snapshots(now), EscapingScheme.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toByteArray();
  }

  private MetricSnapshots snapshots(Instant now) {
    var last = poll;
    var byName = new HashMap<String, List<Observation>>();
    for (var observation : last.observations()) {
      byName.computeIfAbsent(observation.metric(), name -> new ArrayList<>()).add(observation);
    }
    if (!last.at().equals(Instant.EPOCH)) {
      var age = Math.max(0, Duration.between(last.at(), now).toMillis() / 1000.0);
      byName.put(
          "lumeo_scrape_age_seconds",
          List.of(Observation.of("lumeo_scrape_age_seconds", Map.of(), age)));
    }
    var snapshots = new ArrayList<MetricSnapshot>();
    for (var family : MetricFamily.all()) {
      var series = byName.getOrDefault(family.name(), List.of());
      if (family.type() == MetricFamily.Type.HISTOGRAM) {
        histogram(family, byName).ifPresent(snapshots::add);
      } else if (!series.isEmpty()) {
        snapshots.add(snapshot(family, distinct(series)));
      }
    }
    return new MetricSnapshots(snapshots);
  }

  /// The last observation of each series: a page that names one twice would be refused as a whole.
  private static List<Observation> distinct(List<Observation> series) {
    var byLabels = new LinkedHashMap<SortedMap<String, String>, Observation>();
    series.forEach(observation -> byLabels.put(observation.labels(), observation));
    return List.copyOf(byLabels.values());
  }

  private static MetricSnapshot snapshot(MetricFamily family, List<Observation> series) {
    return switch (family.type()) {
      case GAUGE -> gauge(family, series);
      case COUNTER -> counter(family, series);
      case SUMMARY -> summary(family, series);
      case INFO -> info(family, series);
      case HISTOGRAM -> throw new AssertionError("a histogram has three names");
    };
  }

  private static MetricSnapshot gauge(MetricFamily family, List<Observation> series) {
    var gauge = GaugeSnapshot.builder().name(family.name()).help(family.help());
    for (var one : series) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder().labels(labels(one.labels())).value(one.value()).build());
    }
    return gauge.build();
  }

  private static MetricSnapshot counter(MetricFamily family, List<Observation> series) {
    var counter = CounterSnapshot.builder().name(without(family, "_total")).help(family.help());
    for (var one : series) {
      counter.dataPoint(
          CounterDataPointSnapshot.builder()
              .labels(labels(one.labels()))
              .value(Math.max(0, one.value()))
              .build());
    }
    return counter.build();
  }

  private static MetricSnapshot info(MetricFamily family, List<Observation> series) {
    var info = InfoSnapshot.builder().name(without(family, "_info")).help(family.help());
    for (var one : series) {
      info.dataPoint(InfoDataPointSnapshot.builder().labels(labels(one.labels())).build());
    }
    return info.build();
  }

  private static String without(MetricFamily family, String ending) {
    return family.name().substring(0, family.name().length() - ending.length());
  }

  private static MetricSnapshot summary(MetricFamily family, List<Observation> series) {
    var summary = SummarySnapshot.builder().name(family.name()).help(family.help());
    by(series, QUANTILE)
        .forEach((labels, values) ->
            summary.dataPoint(
                SummaryDataPointSnapshot.builder()
                    .labels(labels(labels))
                    .quantiles(
                        Quantiles.of(
                            values.entrySet().stream()
                                .map(value -> new Quantile(value.getKey(), value.getValue()))
                                .toList()))
                    .build()));
    return summary.build();
  }

  private static Optional<MetricSnapshot> histogram(
      MetricFamily family, Map<String, List<Observation>> byName) {
    var buckets = by(byName.getOrDefault(family.name() + "_bucket", List.of()), BOUND);
    var sums = new HashMap<SortedMap<String, String>, Double>();
    for (var sum : byName.getOrDefault(family.name() + "_sum", List.of())) {
      sums.put(sum.labels(), sum.value());
    }
    var histogram = HistogramSnapshot.builder().name(family.name()).help(family.help());
    buckets.forEach((labels, counts) ->
        histogram.dataPoint(
            HistogramDataPointSnapshot.builder()
                .labels(labels(labels))
                .classicHistogramBuckets(buckets(counts))
                .sum(sums.getOrDefault(labels, 0.0))
                .build()));
    return buckets.isEmpty() ? Optional.empty() : Optional.of(histogram.build());
  }

  /// From counts up to each bound, as Prometheus names them, to counts between the bounds.
  private static ClassicHistogramBuckets buckets(SortedMap<Double, Double> upTo) {
    var buckets = ClassicHistogramBuckets.builder();
    var before = 0L;
    for (var bucket : upTo.entrySet()) {
      var count = Math.max(before, bucket.getValue().longValue());
      buckets.bucket(bucket.getKey(), count - before);
      before = count;
    }
    if (upTo.lastKey() != Double.POSITIVE_INFINITY) {
      buckets.bucket(Double.POSITIVE_INFINITY, 0);
    }
    return buckets.build();
  }

  /// Series by their labels but one, and their values by that one.
  private static Map<SortedMap<String, String>, SortedMap<Double, Double>> by(
      List<Observation> series, String label) {
    var by = new LinkedHashMap<SortedMap<String, String>, SortedMap<Double, Double>>();
    for (var one : series) {
      var rest = new TreeMap<>(one.labels());
      var key = rest.remove(label);
      if (key != null) {
        by.computeIfAbsent(rest, labels -> new TreeMap<>())
            .put(
                key.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(key),
                one.value());
      }
    }
    return by;
  }

  private static Labels labels(SortedMap<String, String> labels) {
    return Labels.of(List.copyOf(labels.keySet()), List.copyOf(labels.values()));
  }
}
