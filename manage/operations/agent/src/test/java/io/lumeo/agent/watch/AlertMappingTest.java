package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.alerts.AlertSettings;
import io.lumeo.alerts.Rule;
import io.lumeo.alerts.Rule.Step;
import io.lumeo.alerts.Rules;
import io.lumeo.alerts.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertMappingTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  @Test
  void whatTheFileDoesNotSayIsAsUsual() {
    var settings = settings("");
    assertThat(settings.rules()).isEqualTo(Rules.defaults());
    assertThat(settings.repeatAfter()).hasHours(4);
    assertThat(settings.silences()).isEmpty();
  }

  @Test
  void aLevelMovesItsStepAndKeepsThoseThatStillStandBetweenAndBeyond() {
    var rules =
        settings(
            """
            alerts:
              repeat: 1h
              rules:
                snapshot-store-full: {warning: 75%, critical: 85%}
                pool-data-full: {warning: 88%}
                pool-metadata-full: {critical: 95%}
                file-system-full: {warning: 20%, critical: 8%}
                pool-full-soon: {warning: 14d, for: 1m}
            """);
    assertThat(rules.repeatAfter()).hasHours(1);
    assertThat(steps(rules, "SnapshotStoreFull"))
        .containsExactly(
            new Step(Severity.WARNING, 0.75),
            new Step(Severity.WARNING, 0.80),
            new Step(Severity.CRITICAL, 0.85));
    assertThat(steps(rules, "PoolDataFull"))
        .containsExactly(new Step(Severity.WARNING, 0.88), new Step(Severity.CRITICAL, 0.90));
    assertThat(steps(rules, "PoolMetadataFull"))
        .containsExactly(new Step(Severity.WARNING, 0.70), new Step(Severity.CRITICAL, 0.95));
    assertThat(steps(rules, "FileSystemFull"))
        .containsExactly(new Step(Severity.WARNING, 0.20), new Step(Severity.CRITICAL, 0.08));
    assertThat(steps(rules, "PoolFullSoon"))
        .containsExactly(new Step(Severity.WARNING, 14 * 86_400));
    assertThat(rule(rules, "PoolFullSoon").hold()).hasMinutes(1);
  }

  @Test
  void oneLevelForBothIsTheGraver() {
    var rules = settings("alerts: {rules: {file-system-full: {warning: 5%, critical: 5%}}}");
    assertThat(steps(rules, "FileSystemFull")).containsExactly(new Step(Severity.CRITICAL, 0.05));
  }

  @Test
  void aRuleThatIsTurnedOffIsNotLookedAt() {
    var rules = settings("alerts: {rules: {policy-overdue: {enabled: false}}}");
    assertThat(rules.rules()).extracting(Rule::name).doesNotContain("PolicyOverdue");
    assertThat(rules.rules()).hasSize(Rules.defaults().size() - 1);
  }

  @Test
  void volumesHaveTheLimitsThatMonitorsSetForThem() {
    var host =
        Fleet.host("db1").with(Fleet.thin("pg-data")).with(Fleet.thin("scratch")).inventory(NOW);
    var settings =
        AlertMapping.settings(
            Configured.with(
                """
                monitors:
                  iopsDrop: 40%
                  latency: 200ms
                  limits:
                    - {volumes: [{name: pg-*}], latency: 20ms}
                """),
            List.of(host));
    assertThat(steps(settings, "LatencyHigh")).containsExactly(new Step(Severity.WARNING, 0.2));
    assertThat(steps(settings, "IopsDropped")).containsExactly(new Step(Severity.WARNING, 0.4));
    assertThat(rule(settings, "LatencyHigh").exceptions())
        .isEqualTo(
            Map.of(
                Names.labels(host, host.volumes().getFirst()),
                List.of(new Step(Severity.WARNING, 0.02))));
    assertThat(rule(settings, "IopsDropped").exceptions()).isEmpty();
  }

  @Test
  void eachPolicySaysHowOldItsVerificationMayBe() {
    var settings =
        settings(
            """
            policies:
              - id: p
                volumes: [{name: a}]
                schedule: '@daily'
                verification: {schedule: '@weekly', maximumAge: 30d}
            """);
    assertThat(rule(settings, "VerificationOld").exceptions().values())
        .hasSize(2)
        .allMatch(steps -> steps.equals(List.of(new Step(Severity.WARNING, 30 * 86_400))));
  }

  @Test
  void aSilenceMatchesItsHostsRulesAndThings() {
    var silence =
        settings(
                """
                alerts:
                  silences:
                    - host: db*
                      object: vg0/pg-?
                      rule: iops-*
                      until: 2026-12-27T06:00:00Z
                      author: anna
                      reason: disks are changed
                    - {object: thin, until: 2026-12-27T06:00:00Z, author: a, reason: b}
                    - {until: 2026-12-27T06:00:00Z, author: a, reason: b}
                """)
            .silences();
    assertThat(silence).extracting(one -> one.id()).doesNotHaveDuplicates();
    assertThat(silence.getFirst().from()).isEqualTo(Instant.EPOCH);
    assertThat(silence.getFirst().author()).isEqualTo("anna");
    var matchers = silence.getFirst().matchers();
    assertThat("IopsDropped").matches(matchers.get(0).value());
    assertThat("LatencyHigh").doesNotMatch(matchers.get(0).value());
    assertThat("db12").matches(matchers.get(1).value());
    assertThat("vg0/pg-1").matches(matchers.get(2).value());
    assertThat("vg0/pg-12").doesNotMatch(matchers.get(2).value());
    assertThat("vg0/thin").matches(silence.get(1).matchers().get(1).value());
    assertThat("thin").matches(silence.get(1).matchers().get(1).value());
    assertThat(silence.get(2).matchers()).hasSize(1);
    assertThat("PoolFailed").matches(silence.get(2).matchers().getFirst().value());
  }

  @Test
  void aRuleWithChannelsOfItsOwnGoesThereInstead() {
    var configuration =
        Configured.with(
            """
            channels:
              - {name: team, kind: command, command: [/bin/true]}
              - {name: pager, kind: command, command: [/bin/true]}
              - {name: reports, kind: command, command: [/bin/true]}
            alerts:
              channels: [team]
              rules: {pool-failed: {channels: [pager]}}
            """);
    var team = AlertMapping.rulesOf(configuration, "team");
    var pager = AlertMapping.rulesOf(configuration, "pager");
    var reports = AlertMapping.rulesOf(configuration, "reports");
    assertThat(team.test("PoolDataFull")).isTrue();
    assertThat(team.test("PoolFailed")).isFalse();
    assertThat(pager.test("PoolFailed")).isTrue();
    assertThat(pager.test("PoolDataFull")).isFalse();
    assertThat(reports.test("PoolDataFull")).isFalse();
  }

  private static AlertSettings settings(String yaml) {
    return AlertMapping.settings(Configured.with(yaml), List.of());
  }

  private static List<Step> steps(AlertSettings settings, String rule) {
    return rule(settings, rule).steps();
  }

  private static Rule rule(AlertSettings settings, String name) {
    return settings.rules().stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
