package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.lumeo.alerts.AlertSettings;
import io.lumeo.alerts.AlertState;
import io.lumeo.alerts.Evaluator;
import io.lumeo.alerts.MetricFamily;
import io.lumeo.alerts.MetricsPage;
import io.lumeo.alerts.Observation;
import io.lumeo.testing.Repository;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our metrics and alert rules in Debian's Prometheus and its linter.
class PrometheusReadsOurMetricsIT {
  private static final Path RULES = Repository.path(Path.of("docs/prometheus/lumeo.rules.yaml"));
  private static final Pattern ALERT =
      Pattern.compile("\"alertname\":\"(\\w+)\"[^}]*?\"severity\":\"(\\w+)\"");

  @TempDir Path folder;
  private final MetricsPage page = new MetricsPage();

  @Test
  void theRulesAreInOrderAndEachFiresWhenItShould() {
    Tool.named("promtool").run("check", "rules", RULES).expectSuccess();
    Tool.named("promtool")
        .run("test", "rules", RULES.resolveSibling("lumeo.rules.test.yaml"))
        .expectSuccess();
  }

  @Test
  void theLinterHasNothingToSayAboutTheMetrics() throws IOException {
    page.update(everything(), Instant.now());
    var text = folder.resolve("metrics");
    Files.write(text, page.text(Instant.now()));
    var result = Tool.named("sh").run("-c", "exec promtool check metrics < \"$1\"", "sh", text);
    assertThat(result.stdout() + result.stderr()).isEmpty();
    result.expectSuccess();
  }

  /// The same trouble, by its fetched metrics there and by its observations here.
  @Test
  void prometheusFindsTheSameAlertsAsWe() throws IOException {
    var trouble = trouble();
    page.update(trouble, Instant.now());
    try (var metrics = serve();
        var prometheus = start(metrics.port())) {
      var ours = new TreeSet<String>();
      Evaluator.evaluate(AlertState.empty(), trouble, AlertSettings.defaults(), Instant.now())
          .standing()
          .forEach(notice -> ours.add(notice.alert().rule() + " " + notice.severity().word()));
      assertThat(ours).hasSizeGreaterThan(5);
      var query =
          "/api/v1/query?query="
              + WebProgram.encoded(
                  "count by (alertname, severity) (ALERTS{alertstate=\"firing\"})");
      prometheus.await(query, body -> alerts(body).containsAll(ours));
      // There, each step of a rule is an alert: the milder ones fire beside the gravest.
      var rules = new TreeSet<String>();
      ours.forEach(alert -> rules.add(alert.substring(0, alert.indexOf(' '))));
      assertThat(alerts(prometheus.await(query, body -> true)))
          .allMatch(alert -> rules.contains(alert.substring(0, alert.indexOf(' '))));
    }
  }

  private static Set<String> alerts(String body) {
    var alerts = new TreeSet<String>();
    ALERT
        .matcher(body)
        .results()
        .forEach(found -> alerts.add(found.group(1) + " " + found.group(2)));
    return alerts;
  }

  private WebProgram start(int metrics) throws IOException {
    var configuration = folder.resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["%s"]
        scrape_configs:
          - job_name: lumeo
            static_configs: [{targets: ["127.0.0.1:%d"]}]
        """
            .formatted(RULES, metrics));
    var port = WebProgram.freePort();
    return WebProgram.ready(
        Tool.named("prometheus")
            .start(
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port),
        port);
  }

  private record Served(HttpServer server) implements AutoCloseable {
    int port() {
      return server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private Served serve() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          var text = page.text(Instant.now());
          exchange.getResponseHeaders().add("Content-Type", MetricsPage.CONTENT_TYPE);
          exchange.sendResponseHeaders(200, text.length);
          exchange.getResponseBody().write(text);
          exchange.close();
        });
    server.start();
    return new Served(server);
  }

  /// Everything that is told at once, in trouble.
  private static List<Observation> trouble() {
    var pool = Map.of("host", "db1", "vg", "vg0", "pool", "p");
    var snapshot = Map.of("host", "db1", "vg", "vg0", "pool", "", "lv", "s");
    var group = Map.of("host", "db1", "vg", "vg0");
    return List.of(
        Observation.of("lumeo_host_up", Map.of("host", "db1"), 1),
        Observation.of("lumeo_snapshot_cow_used_ratio", snapshot, 0.8),
        Observation.of("lumeo_snapshot_invalid", snapshot, 1),
        Observation.of("lumeo_thin_pool_data_used_bytes", pool, 96),
        Observation.of("lumeo_thin_pool_data_size_bytes", pool, 100),
        Observation.of("lumeo_thin_pool_metadata_used_bytes", pool, 71),
        Observation.of("lumeo_thin_pool_metadata_size_bytes", pool, 100),
        Observation.of("lumeo_thin_pool_state", with(pool, "state", "ro"), 1),
        Observation.of("lumeo_thin_pool_state", with(pool, "state", "rw"), 0),
        Observation.of("lumeo_thin_pool_burn_time_to_full_seconds", pool, 600),
        Observation.of("lumeo_vg_free_bytes", group, 1),
        Observation.of("lumeo_vg_extension_step_bytes", group, 2),
        Observation.of("lumeo_vg_missing_pvs", group, 2),
        Observation.of("lumeo_policy_overdue", Map.of("host", "db1", "policy", "nightly"), 1),
        Observation.of(
            "lumeo_verify_last_success_timestamp_seconds",
            Map.of("host", "db1", "policy", "nightly"),
            (double) Instant.now().minusSeconds(9 * 86_400).getEpochSecond()));
  }

  /// One series of every metric there is.
  private static List<Observation> everything() {
    var all = new ArrayList<Observation>();
    for (var family : MetricFamily.all()) {
      var labels = new HashMap<String, String>();
      family.labels().forEach(label -> labels.put(label, "x \"y\" ü"));
      switch (family.type()) {
        case GAUGE, COUNTER, INFO -> all.add(Observation.of(family.name(), labels, 1));
        case SUMMARY ->
            List.of("0.1", "0.5", "0.9")
                .forEach(quantile ->
                    all.add(Observation.of(family.name(), with(labels, "quantile", quantile), 1)));
        case HISTOGRAM ->
            List.of("1", "+Inf")
                .forEach(bound ->
                    all.add(
                        Observation.of(family.name() + "_bucket", with(labels, "le", bound), 1)));
      }
    }
    return all;
  }

  private static Map<String, String> with(Map<String, String> labels, String name, String value) {
    var all = new HashMap<>(labels);
    all.put(name, value);
    return all;
  }
}
