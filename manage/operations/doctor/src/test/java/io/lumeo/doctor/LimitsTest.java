package io.lumeo.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.alerts.Rule;
import io.lumeo.alerts.Rules;
import io.lumeo.alerts.Severity;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// The doctor and the alerts call the same things full.
class LimitsTest {

  @Test
  void theFillsAreThoseOfTheAlerts() {
    check(Limits.POOL_DATA, "PoolDataFull");
    check(Limits.POOL_METADATA, "PoolMetadataFull");
    check(Limits.SNAPSHOT_STORE, "SnapshotStoreFull");
    var free = steps("FileSystemFull");
    assertThat(first(free, Severity.WARNING)).isCloseTo(1 - Limits.FILE_SYSTEM.warning(), by());
    assertThat(first(free, Severity.CRITICAL)).isCloseTo(1 - Limits.FILE_SYSTEM.critical(), by());
  }

  private static void check(Limits.Fill fill, String rule) {
    assertThat(first(steps(rule), Severity.WARNING)).as(rule).isCloseTo(fill.warning(), by());
    assertThat(first(steps(rule), Severity.CRITICAL)).as(rule).isCloseTo(fill.critical(), by());
  }

  private static Offset<Double> by() {
    return Offset.offset(1e-9);
  }

  private static List<Rule.Step> steps(String name) {
    return Rules.defaults().stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow()
        .steps();
  }

  private static double first(List<Rule.Step> steps, Severity severity) {
    return steps.stream()
        .filter(step -> step.severity() == severity)
        .findFirst()
        .orElseThrow()
        .threshold();
  }
}
