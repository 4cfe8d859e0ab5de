package io.lumeo.reports;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.alerts.AlertSettings;
import io.lumeo.alerts.AlertState;
import io.lumeo.alerts.Evaluator;
import io.lumeo.alerts.Observation;
import io.lumeo.alerts.Severity;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownReportTest {

  @Test
  void itSaysTheSameAsThePage() {
    assertThat(MarkdownReport.of(SampleReport.week()))
        .startsWith("# Storage of the week\n\nFrom 2026-03-02 07:00")
        .contains("### CRITICAL: Data of pool vg0/pool0 on db1 is 91 % full")
        .contains("- `lvextend -L +10G vg0/pool0`\n- `fstrim -av`")
        .contains("| Host | Pool | Full | Growth | Confidence |\n| --- | --- | --- | --- | --- |")
        .contains("| db1 | vg0/pool0 | data between 2026-03-19 and 2026-04-02")
        .contains("| vg0/snap | classic snapshot | 60 GiB | 1 GiB of 1 GiB (100 %)")
        .contains("| nightly | 2026-03-07 11:00 (overdue) | – | 40 |")
        .contains("#### The newest 30 of 40 snapshots of nightly")
        .contains("| nightly-29 | goes next | past the 7 daily that are kept |")
        .doesNotContain("nightly-30 ")
        .endsWith("\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a | b",
        "<script>alert(1)</script>",
        "x\n# heading",
        "[click](https://evil.example)",
        "https://evil.example",
        "www.evil.example",
        "@everyone",
        "`code`",
        "\\| escaped"
      })
  void aNameStaysAName(String hostile) {
    var report = MarkdownReport.of(SampleReport.named(hostile, hostile));
    var harmless = MarkdownReport.of(SampleReport.named("harmless", "harmless"));
    assertThat(report.lines().count()).isEqualTo(harmless.lines().count());
    assertThat(report.replaceAll("\\\\.", ""))
        .doesNotContain("<script", "](", "https://", "@everyone", "www.")
        .satisfies(text ->
            assertThat(text.lines().map(line -> line.split("\\|", -1).length))
                .isEqualTo(harmless.lines().map(line -> line.split("\\|", -1).length).toList()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "plain vg0/pool_0~plain vg0/pool\\_0",
        "1. first~1\\. first",
        "- item~\\- item",
        "db-1~db-1",
        "12 GiB~12 GiB",
        "a#1~a\\#1"
      })
  void onlyWhatMeansSomethingIsEscaped(String text, String escaped) {
    assertThat(Markdown.escape(text)).isEqualTo(escaped);
  }

  @ParameterizedTest
  @CsvSource({"lvs, `lvs`", "a`b, ``a`b``", "`a, `` `a ``", "a``b, ```a``b```"})
  void codeIsFencedByMoreThanItHolds(String code, String fenced) {
    assertThat(Markdown.code(code)).isEqualTo(fenced);
  }

  @Test
  void aConcernIsMadeOfAnAlert() {
    var labels = new TreeMap<>(Map.of("host", "db1", "vg", "vg0", "pool", "", "lv", "snap"));
    var full = Observation.of("lumeo_snapshot_cow_used_ratio", labels, 0.95);
    var notice =
        Evaluator.evaluate(
                AlertState.empty(),
                List.of(Observation.of("lumeo_host_up", Map.of("host", "db1"), 1), full),
                AlertSettings.defaults(),
                SampleReport.NOW)
            .standing()
            .getFirst();
    assertThat(Concern.of(notice))
        .satisfies(concern -> {
          assertThat(concern.host()).isEqualTo("db1");
          assertThat(concern.severity()).isEqualTo(Severity.CRITICAL);
          assertThat(concern.title()).contains("vg0/snap").contains("95 %");
          assertThat(concern.next()).isNotEmpty();
          assertThat(concern.since()).isEqualTo(SampleReport.NOW);
        });
  }
}
