package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservationsTest {
  private static final Instant NOW = Inventories.TAKEN.plusSeconds(30);
  private static final Map<String, String> POOL =
      Map.of("host", "db1", "vg", "vg0", "pool", "pool0");

  @Test
  void everythingSeenIsAMetricThatExistsWithItsLabels() {
    var families =
        MetricFamily.all().stream().collect(Collectors.toMap(MetricFamily::name, f -> f));
    for (var seen : Observations.of(Inventories.db1(), List.of(), NOW)) {
      assertThat(families).containsKey(seen.metric());
      assertThat(families.get(seen.metric()).labels())
          .as(seen.metric())
          .containsExactlyInAnyOrderElementsOf(seen.labels().keySet());
    }
  }

  @Test
  void poolsAndVolumesAreSeenWithTheirNames() {
    assertThat(Observations.of(Inventories.db1(), List.of(), NOW))
        .contains(
            Observation.of("lumeo_host_up", Map.of("host", "db1"), 1),
            Observation.of("lumeo_inventory_age_seconds", Map.of("host", "db1"), 30),
            Observation.of("lumeo_thin_pool_data_used_bytes", POOL, 40.0 * Inventories.GIB),
            Observation.of(
                "lumeo_vg_free_bytes", Map.of("host", "db1", "vg", "vg0"), 10.0 * Inventories.GIB),
            Observation.of(
                "lumeo_snapshot_cow_used_ratio",
                Map.of("host", "db1", "vg", "vg0", "pool", "", "lv", "root-snap"),
                0.5),
            Observation.of(
                "lumeo_lv_mapped_bytes",
                Map.of("host", "db1", "vg", "vg0", "pool", "pool0", "lv", "data"),
                30.0 * Inventories.GIB),
            Observation.of(
                "lumeo_filesystem_avail_bytes",
                Map.of("host", "db1", "vg", "vg0", "pool", "", "lv", "root", "mountpoint", "/"),
                1.0 * Inventories.GIB),
            Observation.of(
                "lumeo_thin_pool_data_size_bytes",
                Map.of("host", "db1", "vg", "", "pool", "images"),
                10.0 * Inventories.GIB))
        .extracting(Observation::metric)
        .contains("lumeo_vg_extension_step_bytes");
  }

  @Test
  void virtualSizesAreCountedWithAndWithoutSnapshots() {
    assertThat(values("lumeo_thin_pool_virtual_bytes", "all")).containsExactly(120.0, 0.0);
    assertThat(values("lumeo_thin_pool_virtual_bytes", "no_snapshots")).containsExactly(60.0, 0.0);
  }

  private static List<Double> values(String metric, String scope) {
    return Observations.of(Inventories.db1(), List.of(), NOW).stream()
        .filter(seen -> seen.metric().equals(metric) && seen.has(Map.of("scope", scope)))
        .map(seen -> seen.value() / Inventories.GIB)
        .toList();
  }

  @Test
  void whatWasSeenSinceTheInventoryWins() {
    var fresher =
        List.of(
            new UsageSample(
                "pool-uuid",
                new Usage(50 * Inventories.GIB, 49 * Inventories.GIB),
                null,
                new Health(Health.State.READ_ONLY, "metadata is full")),
            new UsageSample(
                "root-snap-uuid",
                new Usage(2 * Inventories.GIB, 2 * Inventories.GIB),
                null,
                new Health(Health.State.INVALID, "overflowed")));
    var seen = new Seen();
    seen.last =
        Evaluator.evaluate(
            AlertState.empty(),
            Observations.of(Inventories.db1(), fresher, NOW),
            AlertSettings.defaults(),
            NOW);
    assertThat(seen.last.standing())
        .extracting(notice -> notice.alert().rule())
        .containsExactlyInAnyOrder(
            "PoolDataFull",
            "PoolReadOnly",
            "SnapshotInvalid",
            "SnapshotStoreFull",
            "FileSystemFull");
  }

  @ParameterizedTest
  @CsvSource({
    "OK, false, rw",
    "UNKNOWN, false, rw",
    "DEGRADED, false, needs_check",
    "DEGRADED, true, rw",
    "OUT_OF_SPACE, false, out_of_data",
    "READ_ONLY, false, ro",
    "INVALID, false, failed",
    "FAILED, false, failed"
  })
  void aPoolIsInOneState(Health.State health, boolean missing, String state) {
    var inventory =
        Inventories.of(
            new Health(health, "x"), new Pool.SelfExtension(80, 20, false, null), missing);
    var seen = Observations.of(inventory, List.of(), NOW);
    var ones =
        seen.stream()
            .filter(one -> one.metric().equals("lumeo_thin_pool_state") && one.has(POOL))
            .filter(one -> one.value() == 1)
            .map(one -> one.labels().get("state"));
    assertThat(ones).containsExactly(state);
    assertThat(seen)
        .contains(
            Observation.of("lumeo_thin_pool_autoextend_misconfigured", POOL, 1),
            Observation.of(
                "lumeo_vg_missing_pvs", Map.of("host", "db1", "vg", "vg0"), missing ? 1 : 0));
  }

  @Test
  void aHostThatDoesNotAnswerIsSeenByItsAge() {
    assertThat(Observations.unreachable("db1", null, NOW))
        .containsExactly(Observation.of("lumeo_host_up", Map.of("host", "db1"), 0));
    assertThat(Observations.unreachable("db1", NOW.minusSeconds(100), NOW))
        .contains(Observation.of("lumeo_inventory_age_seconds", Map.of("host", "db1"), 100));
  }

  @Test
  void aPolicyIsOverdueWhenItsScheduleSaysSo() {
    assertThat(overdue(NOW)).isEqualTo(0);
    assertThat(overdue(NOW.minusSeconds(1))).isEqualTo(1);
  }

  private static double overdue(Instant overdueAt) {
    var seen =
        Observations.policy(
            "db1",
            "nightly",
            NOW.minus(Duration.ofDays(300)),
            NOW.minus(Duration.ofDays(1)),
            overdueAt,
            true,
            null,
            NOW);
    assertThat(seen).hasSize(3);
    return seen.getFirst().value();
  }

  @Test
  void aNewPolicyIsOverdueAndUnverifiedFromItsBeginning() {
    var begun = NOW.minus(Duration.ofDays(9));
    var seen =
        Observations.policy(
            "db1", "nightly", begun, null, begun.plus(Duration.ofDays(1)), true, null, NOW);
    var evaluation =
        Evaluator.evaluate(
            AlertState.empty(),
            Stream.concat(seen.stream(), Stream.of(Seen.up("db1"))).toList(),
            AlertSettings.defaults(),
            NOW);
    assertThat(evaluation.standing())
        .extracting(notice -> notice.text().title())
        .containsExactly(
            "Policy nightly on db1 has not succeeded for more than one and a half of its periods",
            "No snapshot of policy nightly on db1 has been verified for 9 d 0 h");
    assertThat(
            Observations.policy(
                "db1", "nightly", begun, NOW, NOW.plus(Duration.ofDays(1)), false, null, NOW))
        .hasSize(2);
  }
}
