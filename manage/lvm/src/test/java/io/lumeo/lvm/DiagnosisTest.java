package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.storage.Capability;
import io.lumeo.storage.Health;
import io.lumeo.storage.Health.State;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is not well is said in a sentence with what to do, and shows in what can be done.
class DiagnosisTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Fail                                                         | FAILED       | repair",
        "1 1/2 3/4 - ro discard_passdown queue_if_no_space needs_check| READ_ONLY    | clear-needs-check",
        "1 1/2 3/4 - ro discard_passdown queue_if_no_space -          | READ_ONLY    | poolmetadata",
        "1 1/2 4/4 - out_of_data_space x queue_if_no_space -          | OUT_OF_SPACE | wait",
        "1 1/2 4/4 - out_of_data_space x error_if_no_space -          | OUT_OF_SPACE | writes fail",
        "1 1/2 3/4 - rw discard_passdown queue_if_no_space needs_check| DEGRADED     | clear-needs-check",
      })
  void aPoolIsWhatTheKernelSays(String status, State state, String reason) {
    var health =
        Diagnosis.ofPool(
            volume(Map.of("lv_name", "p", "lv_active", "active")),
            StatusParser.line("0 8 thin-pool " + status).orElseThrow());
    assertSays(health, state, reason);
  }

  @ParameterizedTest
  @CsvSource({
    "failed, FAILED, repair",
    "error, FAILED, repair",
    "out_of_data, OUT_OF_SPACE, lvextend",
    "metadata_read_only, READ_ONLY, poolmetadatasize",
    "partial, FAILED, device",
  })
  void withoutTheKernelAPoolIsWhatLvmSays(String status, State state, String reason) {
    var pool = volume(Map.of("lv_name", "p", "lv_active", "active", "lv_health_status", status));
    assertSays(Diagnosis.ofPool(pool, null), state, reason);
  }

  @Test
  void aPoolThatIsNotActiveIsNotKnown() {
    assertSays(Diagnosis.ofPool(volume(Map.of("lv_name", "p")), null), State.UNKNOWN, "lvchange");
    assertSays(
        Diagnosis.ofPool(
            volume(
                Map.of("lv_name", "p", "lv_active", "active", "lv_check_needed", "check needed")),
            null),
        State.DEGRADED,
        "check");
    assertThat(Diagnosis.ofPool(volume(Map.of("lv_name", "p", "lv_active", "active")), null).isOk())
        .isTrue();
  }

  @Test
  void aPoolThatWorksOnALostDeviceIsNotWell() {
    var running =
        StatusParser.line("0 8 thin-pool 1 1/2 3/4 - rw discard_passdown queue_if_no_space - 2");
    assertSays(
        Diagnosis.ofPool(
            volume(Map.of("lv_name", "p", "lv_health_status", "partial")), running.orElseThrow()),
        State.FAILED,
        "missing");
  }

  @ParameterizedTest
  @CsvSource({
    "lv_snapshot_invalid, snapshot invalid, INVALID, overflowed",
    "lv_attr, swi-I-s---, INVALID, overflowed",
    "lv_attr, swi-S-s---, INVALID, overflowed",
    "lv_merge_failed, merge failed, FAILED, merge",
    "lv_suspended, suspended, DEGRADED, dmsetup resume",
    "lv_health_status, partial, FAILED, missing",
    "lv_health_status, mismatches exist, DEGRADED, syncaction",
    "lv_health_status, refresh needed, DEGRADED, refresh",
    "lv_health_status, failed, FAILED, failed",
  })
  void aVolumeSaysWhatItSuffersFrom(String field, String value, State state, String reason) {
    assertSays(
        Diagnosis.ofVolume(volume(Map.of("lv_name", "v", field, value)), null), state, reason);
  }

  @Test
  void aMirrorThatLostADeviceHasOnlyLostACopy() {
    for (var layout : List.of("raid,raid1", "mirror", "raid,raid6")) {
      assertSays(
          Diagnosis.ofVolume(
              volume(Map.of("lv_name", "v", "lv_health_status", "partial", "lv_layout", layout)),
              null),
          State.DEGRADED,
          "copy");
    }
    assertSays(
        Diagnosis.ofVolume(
            volume(
                Map.of("lv_name", "v", "lv_health_status", "partial", "lv_layout", "raid,raid0")),
            null),
        State.FAILED,
        "cannot be read");
  }

  @Test
  void theKernelsWordAboutAVolumeGoesFirst() {
    var volume = volume(Map.of("lv_name", "v"));
    assertSays(
        Diagnosis.ofVolume(volume, new TargetStatus.Failed("Fail")), State.FAILED, "given up");
    assertSays(
        Diagnosis.ofVolume(volume, new TargetStatus.InvalidSnapshot("Overflow")),
        State.INVALID,
        "lost");
    assertThat(Diagnosis.ofVolume(volume, new TargetStatus.Thin(1)).isOk()).isTrue();
  }

  @Test
  void groupsOfOthersAreOnlyShown() {
    for (var fields :
        List.of(
            Map.of("vg_exported", "exported"),
            Map.of("vg_systemid", "elsewhere"),
            Map.of("vg_lock_type", "sanlock"),
            Map.of("vg_attr", "wz--nc"),
            Map.of("vg_attr", "rz--n-"))) {
      var inventory = inventory(fields, volume(Map.of("lv_name", "v", "lv_layout", "linear")));
      assertThat(inventory.pools().getFirst().capabilities()).as("%s", fields).isEmpty();
      assertThat(inventory.volumes().getFirst().capabilities()).as("%s", fields).isEmpty();
    }
    assertSays(Diagnosis.of(group(Map.of("vg_exported", "x")), ""), State.UNKNOWN, "vgimport");
    assertSays(Diagnosis.of(group(Map.of("vg_systemid", "b")), "a"), State.UNKNOWN, "b");
    assertThat(Diagnosis.of(group(Map.of("vg_systemid", "a")), "a").isOk()).isTrue();
    assertSays(Diagnosis.of(group(Map.of("vg_missing_pv_count", "2")), ""), State.DEGRADED, "2 of");
  }

  @Test
  void aSnapshotWhoseOriginLvmForgotIsKnownByItsTag() {
    var inventory =
        inventory(
            Map.of(),
            volume(
                Map.of(
                    "lv_name", "s",
                    "lv_layout", "thin,sparse",
                    "lv_role", "public",
                    "lv_tags", "lumeo.managed,lumeo.origin=abc")));
    assertThat(inventory.volumes().getFirst())
        .returns(Volume.Kind.THIN_SNAPSHOT, Volume::kind)
        .returns("abc", Volume::origin)
        .returns(false, volume -> volume.can(Capability.ROLL_BACK))
        .returns(true, volume -> volume.can(Capability.TRASH));
  }

  @Test
  void aSnapshotThatIsBeingMergedIsStillShown() {
    var inventory =
        inventory(
            Map.of(),
            volume(
                Map.of(
                    "lv_name", "[s]",
                    "lv_attr", "Swi---tz--",
                    "lv_layout", "thin,sparse",
                    "lv_role", "private,snapshot,thinsnapshot")),
            volume(Map.of("lv_name", "[pool_tmeta]", "lv_layout", "linear")),
            volume(Map.of("lv_name", "-old", "lv_historical", "historical")));
    assertThat(inventory.volumes()).hasSize(1);
    assertSays(inventory.volumes().getFirst().health(), State.DEGRADED, "merged");
  }

  @Test
  void whatIsNeitherThickNorThinIsOnlyShown() {
    for (var layout : List.of("", "cache", "vdo,pool", "linear,writecache", "integrity,raid1")) {
      var inventory = inventory(Map.of(), volume(Map.of("lv_name", "c", "lv_layout", layout)));
      assertThat(inventory.volumes().getFirst())
          .as(layout)
          .returns(Volume.Kind.OTHER, Volume::kind)
          .returns(Set.of(), Volume::capabilities);
    }
  }

  @Test
  void aPoolsProfileSaysWhatItDoesByItself() {
    var pool =
        new VolumeRow(
            row(Map.of("lv_name", "p", "lv_layout", "thin,pool", "lv_profile", "fast")),
            List.of(new SegmentRow(new Row(Map.of("seg_monitor", "monitored")))));
    var settings =
        new LvmSettings(
            LvmSettings.Extension.OFF,
            LvmSettings.Extension.OFF,
            true,
            true,
            Map.of("fast", new LvmSettings.Extension(70, 25)),
            "/etc/lvm/profile",
            "");
    var shown = inventory(settings, Map.of(), pool).pool("p").orElseThrow();
    assertThat(shown.selfExtension()).isEqualTo(new Pool.SelfExtension(70, 25, true, null));
  }

  @Test
  void lettersThatContradictTheFieldsAreReported() {
    var odd =
        new LvmReport(
            List.of(
                new LvmReport.Group(
                    group(Map.of()),
                    List.of(),
                    List.of(
                        volume(
                            Map.of("lv_name", "v", "lv_attr", "Vri-aotz-k", "lv_layout", "linear")),
                        volume(Map.of("lv_name", "p", "lv_attr", "twi-aotz--")),
                        volume(Map.of("lv_name", "s", "lv_attr", "swi-a-s---"))))),
            List.of(),
            List.of());
    assertThat(Contradictions.in(odd))
        .hasSize(3)
        .anyMatch(line ->
            line.contains("Vri-aotz-k")
                && line.contains("read-only")
                && line.contains("skips")
                && line.contains("open")
                && line.contains("thin"));
  }

  private static void assertSays(Health health, State state, String reason) {
    assertThat(health.state()).isEqualTo(state);
    assertThat(health.reason()).contains(reason).doesNotContain("\n").doesNotEndWith(".");
  }

  private static Inventory inventory(Map<String, String> groupFields, VolumeRow... volumes) {
    return inventory(
        new LvmSettings(
            LvmSettings.Extension.OFF,
            LvmSettings.Extension.OFF,
            true,
            false,
            Map.of(),
            "/etc/lvm/profile",
            ""),
        groupFields,
        volumes);
  }

  private static Inventory inventory(
      LvmSettings settings, Map<String, String> groupFields, VolumeRow... volumes) {
    return InventoryMapping.of(
        "host",
        new HostState(
            Instant.EPOCH,
            new LvmVersion(2, 3, 16),
            settings,
            new LvmReport(
                List.of(new LvmReport.Group(group(groupFields), List.of(), List.of(volumes))),
                List.of(),
                List.of()),
            Map.of(),
            Map.of(),
            List.of()));
  }

  private static GroupRow group(Map<String, String> fields) {
    var all = new HashMap<>(Map.of("vg_uuid", "g", "vg_name", "vg", "vg_attr", "wz--n-"));
    all.putAll(fields);
    return new GroupRow(new Row(all));
  }

  private static VolumeRow volume(Map<String, String> fields) {
    return new VolumeRow(row(fields), List.of());
  }

  private static Row row(Map<String, String> fields) {
    var all = new HashMap<>(fields);
    all.putIfAbsent("lv_uuid", "uuid-of-" + fields.get("lv_name"));
    all.putIfAbsent("vg_name", "vg");
    return new Row(all);
  }
}
