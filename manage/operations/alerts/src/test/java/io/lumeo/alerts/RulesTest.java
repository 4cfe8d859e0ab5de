package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.alerts.Measure.Gauge;
import io.lumeo.alerts.Rule.Step;
import io.lumeo.testing.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
  private static final Path FILE = Path.of("docs/prometheus/lumeo.rules.yaml");
  private static final Pattern METRIC = Pattern.compile("lumeo_\\w+");

  @ParameterizedTest
  @CsvSource({
    "SnapshotStoreFull, 0.70, WARNING",
    "SnapshotStoreFull, 0.80, WARNING",
    "SnapshotStoreFull, 0.90, CRITICAL",
    "PoolDataFull, 0.80, WARNING",
    "PoolDataFull, 0.85, WARNING",
    "PoolDataFull, 0.90, CRITICAL",
    "PoolMetadataFull, 0.70, WARNING",
    "PoolMetadataFull, 0.85, CRITICAL",
    "PoolMetadataFull, 0.90, CRITICAL",
    "IopsDropped, 0.5, WARNING",
    "LatencyHigh, 0.1, WARNING",
    "PoolFullSoon, 604800, WARNING",
    "PoolFillingFast, 1800, CRITICAL",
    "GroupCannotExtend, 1, WARNING"
  })
  void everyFigureThatWasAskedForIsAStep(String rule, double threshold, Severity severity) {
    assertThat(rule(rule).steps()).contains(new Step(severity, threshold));
  }

  @Test
  void everyRuleLooksAtMetricsThatExist() {
    var names = MetricFamily.all().stream().map(MetricFamily::name).collect(Collectors.toSet());
    for (var rule : Rules.defaults()) {
      var metrics = METRIC.matcher(rule.measure().expression());
      assertThat(metrics.results().map(found -> found.group()))
          .as(rule.name())
          .isNotEmpty()
          .allMatch(names::contains);
    }
  }

  @Test
  void everyRuleSaysWhatItMeansAndWhatToDo() {
    for (var rule : Rules.defaults()) {
      assertThat(rule.meaning()).as(rule.name()).hasSizeGreaterThan(30).endsWith(".");
      assertThat(rule.next()).as(rule.name()).isNotEmpty();
      assertThat(rule.title()).as(rule.name()).hasSizeGreaterThan(10);
    }
  }

  /// A place that no label fills would be told as a question mark.
  @Test
  void everyPlaceInATextIsALabelOfTheRulesMetrics() {
    var labels =
        MetricFamily.all().stream()
            .collect(Collectors.toMap(MetricFamily::name, MetricFamily::labels));
    for (var rule : Rules.defaults()) {
      var metric = METRIC.matcher(rule.measure().expression()).results().findFirst().orElseThrow();
      var seen = new TreeMap<String, String>(Map.of("value", "v"));
      labels.get(metric.group()).forEach(label -> seen.put(label, "x"));
      for (var text : List.of(rule.title(), String.join("\n", rule.next()))) {
        Words.fill(
            text,
            name -> {
              assertThat(seen).as(rule.name()).containsKey(name);
              return "";
            });
      }
    }
  }

  @Test
  void theTextIsOneLineAndItsCommandsAreQuotedWhateverTheNames() {
    var labels =
        new TreeMap<>(Map.of("host", "db\n1", "vg", "vg0", "pool", "p; rm -rf '/'", "lv", ""));
    var alert = new Alert("PoolDataFull", labels, 0.914, 2, null, null, NOW, List.of(NOW), null);
    var text = AlertText.of(rule("PoolDataFull"), alert.seen(0.914, "it is\nso"), NOW);
    assertThat(text.title()).isEqualTo("Data of pool vg0/p; rm -rf '/' on db?1 is 91.4 % full");
    assertThat(text.meaning()).endsWith("look as if they had room. Why: it is?so.");
    assertThat(text.next()).contains("lvextend -L +10G vg0/'p; rm -rf '\\''/'\\'''");
  }

  @Test
  void measuresJoinDivideAndCompareTimes() {
    var a = Map.of("host", "a");
    var b = Map.of("host", "b");
    var observations =
        List.of(
            Observation.of("used", a, 3),
            Observation.of("size", a, 4),
            Observation.of("used", b, 3),
            Observation.of("size", b, 0),
            Observation.of("at", a, (double) NOW.minusSeconds(90).getEpochSecond()));
    assertThat(new Measure.Ratio("used", "size").read(observations, NOW))
        .containsExactly(new Measure.Reading(new TreeMap<>(a), 0.75));
    assertThat(new Measure.Age("at").read(observations, NOW))
        .containsExactly(new Measure.Reading(new TreeMap<>(a), 90));
    assertThat(new Gauge("used", Map.of("host", "b")).read(observations, NOW)).hasSize(1);
    assertThat(new Measure.Absent("used").read(observations, NOW)).isEmpty();
    assertThat(new Measure.Absent("other").read(observations, NOW)).hasSize(1);
    assertThat(new Gauge("m", Map.of("b", "2", "a", "1")).expression())
        .isEqualTo("m{a=\"1\",b=\"2\"}");
  }

  @Test
  void theWorstOfSeveralValuesOfOneThingCounts() {
    var seen = new Seen();
    seen.look(Seen.up("db1"), Seen.snapshot(0.5), Seen.snapshot(0.95), Seen.snapshot(0.1));
    assertThat(seen.told()).containsExactly("FIRING critical SnapshotStoreFull");
  }

  @Test
  void whatIsAnExceptionHasStepsOfItsOwn() {
    var rule = rule("LatencyHigh").withHold(Duration.ZERO);
    var own = Map.of(Seen.latency(0).labels(), List.of(new Step(Severity.CRITICAL, 0.5)));
    var seen = new Seen();
    seen.settings =
        new AlertSettings(
            List.of(rule.withExceptions(own)), List.of(), Duration.ofHours(4), Duration.ZERO);
    seen.look(Seen.up("db1"), Seen.latency(0.4));
    assertThat(seen.told()).isEmpty();
    seen.look(Seen.up("db1"), Seen.latency(0.5));
    assertThat(seen.told()).containsExactly("FIRING critical LatencyHigh");
    assertThatThrownBy(() -> rule.withExceptions(Map.of(Seen.latency(0).labels(), List.of())))
        .hasMessageContaining("at least one step");
  }

  @Test
  void stepsThatGoTheWrongWayAreRefused() {
    var rule = rule("PoolDataFull");
    assertThatThrownBy(() ->
            rule.withSteps(
                List.of(new Step(Severity.WARNING, 0.9), new Step(Severity.CRITICAL, 0.8))))
        .hasMessageContaining("from mild to grave");
    assertThatThrownBy(() -> rule.withSteps(List.of())).hasMessageContaining("at least one step");
    assertThatThrownBy(() ->
            new AlertSettings(List.of(rule, rule), List.of(), Duration.ofHours(1), Duration.ZERO))
        .hasMessageContaining("two rules named PoolDataFull");
    assertThatThrownBy(
            () -> new AlertSettings(List.of(), List.of(), Duration.ofSeconds(1), Duration.ZERO))
        .hasMessageContaining("after a minute");
    assertThat(rule.withHold(Duration.ofMinutes(3)).hold()).hasMinutes(3);
  }

  @Test
  void theRulesForPrometheusAreThoseOfTheTable() throws IOException {
    var yaml = PrometheusRules.yaml(Rules.defaults());
    var file = Repository.path(FILE);
    if (!System.getProperty("rewrite", "").isBlank()) {
      Files.writeString(file, yaml);
    }
    assertThat(file).as("written anew with -Drewrite").hasContent(yaml);
  }

  @Test
  void theManualListsTheRulesOfTheTable() throws IOException {
    var file = Repository.path(Path.of("docs/alerts.md"));
    var text = Files.readString(file);
    var begin = text.indexOf("<!-- rules -->") + "<!-- rules -->".length();
    var end = text.indexOf("<!-- end of rules -->");
    var expected = text.substring(0, begin) + "\n\n" + table() + "\n" + text.substring(end);
    if (!System.getProperty("rewrite", "").isBlank()) {
      Files.writeString(file, expected);
    }
    assertThat(file).as("written anew with -Drewrite").hasContent(expected);
  }

  private static String table() {
    var table =
        new StringBuilder("| rule | steps | after | what it means |\n| --- | --- | --- | --- |\n");
    for (var rule : Rules.defaults()) {
      var steps =
          rule.steps().stream()
              .map(step -> step.severity().word() + threshold(rule, step))
              .collect(Collectors.joining(", "));
      var hold =
          rule.hold().isZero()
              ? "at once"
              : Quantity.SECONDS.text((double) rule.hold().toSeconds());
      table.append("| `%s` | %s | %s | %s |\n".formatted(rule.name(), steps, hold, rule.meaning()));
    }
    return table.toString();
  }

  private static String threshold(Rule rule, Step step) {
    if (rule.quantity() == Quantity.FLAG) {
      return "";
    }
    var side = rule.direction() == Rule.Direction.ABOVE ? " from " : " under ";
    return side + rule.quantity().text(step.threshold());
  }

  @ParameterizedTest
  @CsvSource({
    "RATIO, 0.914, 91.4 %",
    "RATIO, 1, 100 %",
    "BYTES, 1536, 1.5 KiB",
    "BYTES, 12, 12 B",
    "BYTES, 5497558138880, 5 TiB",
    "SECONDS, 0.1234, 123.4 ms",
    "SECONDS, 90, 90 s",
    "SECONDS, 1800, 30 min",
    "SECONDS, 86400, 24 h 0 min",
    "SECONDS, 604800, 7 d 0 h",
    "SECONDS, Infinity, never",
    "COUNT, 2, 2",
    "COUNT, 2.5, 2.5",
    "FLAG, 1, yes",
    "FLAG, 0, no"
  })
  void quantitiesAreReadByPeople(Quantity quantity, double value, String text) {
    assertThat(quantity.text(value)).isEqualTo(text);
    assertThat(quantity.template()).startsWith("{{ $value");
  }

  private static Rule rule(String name) {
    return Rules.defaults().stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
