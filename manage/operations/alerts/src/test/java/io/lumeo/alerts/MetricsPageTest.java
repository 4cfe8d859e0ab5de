package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
  private static final Path DOCUMENT = Path.of("docs/metrics.md");
  private static final Instant NOW = Inventories.TAKEN.plusSeconds(30);

  /// The document is the promise: a name that is changed or taken away changes it visibly.
  @Test
  void everyMetricIsInTheDocument() throws IOException {
    var document = document();
    var file = Repository.path(DOCUMENT);
    if (!System.getProperty("rewrite", "").isBlank()) {
      Files.writeString(file, document);
    }
    assertThat(file).as("written anew with -Drewrite").hasContent(document);
  }

  private static String document() {
    var text = new StringBuilder();
    text.append(
        """
        # Metrics of the agent

        What `/metrics` of the agent says, in Prometheus' text format, at `127.0.0.1:9846` unless `metrics.port` of the
        configuration is another; on the loopback address only. The values are collected at each poll; fetching
        them makes nobody look at storage, and `lumeo_scrape_age_seconds` says how old they are. Alert rules for them are
        in [prometheus/lumeo.rules.yaml](prometheus/lumeo.rules.yaml), dashboards in `grafana`. These names are kept.

        | metric | type | labels | meaning |
        | --- | --- | --- | --- |
        """);
    for (var family : MetricFamily.all()) {
      text.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  family.name(),
                  family.type().name().toLowerCase(Locale.ROOT),
                  family.labels().stream()
                      .map(label -> "`" + label + "`")
                      .collect(Collectors.joining(", ")),
                  family.help()));
    }
    return text.toString();
  }

  @Test
  void theNamesThatWerePromisedAreThere() {
    assertThat(MetricFamily.all().stream().map(MetricFamily::name))
        .doesNotHaveDuplicates()
        .contains(
            "lumeo_host_up",
            "lumeo_scrape_duration_seconds",
            "lumeo_vg_size_bytes",
            "lumeo_vg_free_bytes",
            "lumeo_vg_missing_pvs",
            "lumeo_thin_pool_data_size_bytes",
            "lumeo_thin_pool_data_used_bytes",
            "lumeo_thin_pool_metadata_size_bytes",
            "lumeo_thin_pool_metadata_used_bytes",
            "lumeo_thin_pool_chunk_size_bytes",
            "lumeo_thin_pool_virtual_bytes",
            "lumeo_thin_pool_state",
            "lumeo_thin_pool_time_to_full_seconds",
            "lumeo_lv_size_bytes",
            "lumeo_lv_info",
            "lumeo_snapshot_created_timestamp_seconds",
            "lumeo_snapshot_cow_used_ratio",
            "lumeo_snapshot_invalid",
            "lumeo_filesystem_size_bytes",
            "lumeo_filesystem_avail_bytes",
            "lumeo_policy_last_success_timestamp_seconds",
            "lumeo_policy_runs_total",
            "lumeo_policy_overdue",
            "lumeo_verify_last_success_timestamp_seconds",
            "lumeo_operations_total",
            "lumeo_operation_duration_seconds",
            "lumeo_trim_reclaimed_bytes_total",
            "lumeo_alerts_sent_total",
            "lumeo_build_info");
  }

  @Test
  void aPageThatNothingWasCollectedForIsEmpty() {
    assertThat(new MetricsPage().text(NOW)).isEmpty();
  }

  @Test
  void everyKindOfMetricIsWrittenAsPrometheusWantsIt() {
    assertThat(page(everything()))
        .contains("# TYPE lumeo_vg_size_bytes gauge")
        .contains("lumeo_vg_size_bytes{host=\"db1\",vg=\"vg0\"} 1.073741824E11")
        .contains("# TYPE lumeo_policy_runs_total counter")
        .contains("lumeo_policy_runs_total{host=\"db1\",policy=\"nightly\",result=\"success\"} 7.0")
        .contains("# TYPE lumeo_thin_pool_time_to_full_seconds summary")
        .contains("resource=\"data\",vg=\"vg0\",quantile=\"0.1\"} 3600.0")
        .contains("quantile=\"0.9\"} +Inf")
        .contains("# TYPE lumeo_operation_duration_seconds histogram")
        .contains("lumeo_operation_duration_seconds_bucket{op=\"extend\",le=\"1.0\"} 3")
        .contains("lumeo_operation_duration_seconds_bucket{op=\"extend\",le=\"10.0\"} 5")
        .contains("lumeo_operation_duration_seconds_bucket{op=\"extend\",le=\"+Inf\"} 6")
        .contains("lumeo_operation_duration_seconds_sum{op=\"extend\"} 42.0")
        .contains("lumeo_operation_duration_seconds_count{op=\"extend\"} 6")
        .contains("lumeo_build_info{version=\"1.2\"} 1")
        .contains("lumeo_scrape_age_seconds 30.0");
  }

  @Test
  void whatIsNotPromisedIsNotExposedAndASeriesIsThereOnce() {
    var text =
        page(
            List.of(
                Observation.of("secret_metric", Map.of(), 1),
                Observation.of("lumeo_host_up", Map.of("host", "a"), 0),
                Observation.of("lumeo_host_up", Map.of("host", "a"), 1)));
    assertThat(text).doesNotContain("secret_metric");
    assertThat(text.lines().filter(line -> line.startsWith("lumeo_host_up")))
        .containsExactly("lumeo_host_up{host=\"a\"} 1.0");
  }

  @Test
  void hostileNamesStayInTheirQuotes() {
    var text =
        page(List.of(Observation.of("lumeo_host_up", Map.of("host", "a\"} 1\nevil 2\n\\"), 1)));
    assertThat(text.lines().filter(line -> line.startsWith("evil"))).isEmpty();
    assertThat(text).contains("host=\"a\\\"} 1\\nevil 2\\n\\\\\"");
  }

  @Test
  void theDashboardsUseMetricsThatExistAndPanelsThatEveryoneHas() throws IOException {
    var names = MetricFamily.all().stream().map(MetricFamily::name).collect(Collectors.toSet());
    var metric = Pattern.compile("lumeo_[a-z_]+");
    var uids = new ArrayList<String>();
    for (var board : List.of("fleet", "pool", "policy")) {
      var file = Repository.path(Path.of("docs/grafana/lumeo-%s.json".formatted(board)));
      var json = AlertJson.parse(Files.readString(file));
      uids.add(json.get("uid").stringValue());
      assertThat(json.at("/templating/list/0/type").stringValue()).isEqualTo("datasource");
      assertThat(json.get("panels").size()).isGreaterThanOrEqualTo(5);
      for (var panel : json.get("panels")) {
        assertThat(panel.get("type").stringValue())
            .isIn("stat", "timeseries", "table", "gauge", "bargauge", "row", "state-timeline");
        assertThat(panel.at("/datasource/uid").stringValue()).isEqualTo("${DS_PROMETHEUS}");
        assertThat(panel.get("title").stringValue()).isNotBlank();
        assertThat(panel.get("description").stringValue()).isNotBlank();
        for (var target : panel.get("targets")) {
          var used =
              metric
                  .matcher(target.get("expr").stringValue())
                  .results()
                  .map(m -> m.group().replaceFirst("_bucket$", ""));
          assertThat(used)
              .as(panel.get("title").stringValue())
              .isNotEmpty()
              .allMatch(names::contains);
        }
      }
    }
    assertThat(uids).containsExactly("lumeo-fleet", "lumeo-pool", "lumeo-policy");
  }

  private static String page(List<Observation> observations) {
    var page = new MetricsPage();
    page.update(observations, Inventories.TAKEN);
    return new String(page.text(NOW), StandardCharsets.UTF_8);
  }

  /// One observation of every kind there is.
  static List<Observation> everything() {
    var all = new ArrayList<>(Observations.of(Inventories.db1(), List.of(), NOW));
    var policy = Map.of("host", "db1", "policy", "nightly", "result", "success");
    all.add(Observation.of("lumeo_policy_runs_total", policy, 7));
    for (var quantile :
        Map.of("0.1", 3600.0, "0.5", 7200.0, "0.9", Double.POSITIVE_INFINITY).entrySet()) {
      all.add(
          Observation.of(
              "lumeo_thin_pool_time_to_full_seconds",
              Map.of(
                  "host",
                  "db1",
                  "vg",
                  "vg0",
                  "pool",
                  "pool0",
                  "resource",
                  "data",
                  "quantile",
                  quantile.getKey()),
              quantile.getValue()));
    }
    var extend = Map.of("op", "extend");
    for (var bucket : Map.of("1", 3, "10", 5, "+Inf", 6).entrySet()) {
      all.add(
          Observation.of(
              "lumeo_operation_duration_seconds_bucket",
              Map.of("op", "extend", "le", bucket.getKey()),
              bucket.getValue()));
    }
    all.add(Observation.of("lumeo_operation_duration_seconds_sum", extend, 42));
    all.add(Observation.of("lumeo_build_info", Map.of("version", "1.2"), 1));
    return all;
  }
}
