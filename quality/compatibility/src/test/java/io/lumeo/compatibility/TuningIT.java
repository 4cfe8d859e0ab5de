package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.forecasts.TuningResults;
import io.lumeo.state.Database;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.tuning.Effort;
import io.lumeo.tuning.Place;
import io.lumeo.tuning.Study;
import io.lumeo.tuning.Tuner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Studies on real LVM with a real fio, both in the rig. With `-Drewrite` they measure longer and
/// write the figures of `docs/tuning.md`.
@Order(8)
class TuningIT {
  private static final boolean REWRITE = System.getProperty("rewrite", "").equals("true");
  private static final Effort EFFORT =
      REWRITE
          ? new Effort(64 << 20, Duration.ofSeconds(10), 5)
          : new Effort(32 << 20, Duration.ofSeconds(4), 1);
  private static final List<Long> CHUNKS =
      REWRITE
          ? List.of(64L << 10, 128L << 10, 256L << 10, 512L << 10, 1L << 20)
          : List.of(64L << 10, 512L << 10);

  @TempDir Path folder;

  @Test
  void studiesMeasureAndLeaveTheHostAsItWas() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 500, 200, 200, 200);
        var database = Database.open(folder.resolve("state.db"))) {
      guest.shell("lvcreate -q -y -L 16M -n precious vg; sha256sum /dev/vg/precious >/run/sum");
      var baseline = TuningResults.open(database);
      var tuner =
          new Tuner(
              guest.rig.commands(), baseline, InstantSource.system(), _ -> true, Progress.none());

      var chunks = tuner.chunkSize(new Place.Group("vg"), CHUNKS, EFFORT);
      assertThat(chunks.recommendations()).hasSize(3);
      assertThat(spaceRatio(chunks, "64k"))
          .as("a chunk is taken for each 4 KiB")
          .isBetween(2.0, 16.0)
          .isLessThan(spaceRatio(chunks, "512k"));
      asBefore(guest, "vg");

      var snapshots = tuner.snapshotCost(new Place.Group("vg"), EFFORT);
      assertThat(snapshots.recommendations()).hasSize(2);
      assertThat(snapshots.results()).hasSize(14);
      asBefore(guest, "vg");

      var devices =
          new Place.Devices(
              List.of(guest.rig.disk(1), guest.rig.disk(2)), Optional.of(guest.rig.disk(3)));
      guest.rig.loadRaid();
      var layouts = tuner.layout(devices, EFFORT);
      assertThat(layouts.results())
          .extracting(result -> result.parameters().get("layout"))
          .containsOnly("linear", "striped", "mirrored", "thin", "thin-fast-metadata");
      asBefore(guest, "vg");
      assertThat(guest.output("blkid -p %s || echo empty", guest.rig.disk(1))).isEqualTo("empty");

      assertThat(baseline.find("layout", "guest")).hasSameSizeAs(layouts.results());
      if (REWRITE) {
        TuningTables.write(chunks, snapshots, layouts);
      }
    }
  }

  private static double spaceRatio(Study study, String chunk) {
    return study.results().stream()
        .filter(result -> chunk.equals(result.parameters().get("chunk")))
        .mapToDouble(result -> result.figures().getOrDefault("space_ratio", 0.0))
        .max()
        .orElseThrow();
  }

  private static void asBefore(LvmGuest guest, String groups) {
    assertThat(guest.output("vgs --noheadings -o vg_name")).isEqualTo(groups);
    assertThat(guest.output("lvs --noheadings -a -o lv_name")).isEqualTo("precious");
    guest.shell("sha256sum -c --quiet /run/sum");
  }

  /// What is left of a study that was killed is found by its tags.
  @Test
  void whatAKilledStudyLeftIsRemoved() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 300, 100);
        var database = Database.open(folder.resolve("state.db"))) {
      guest.shell(
          """
          lvcreate -q -y --addtag lumeo.tune --type thin-pool -L 64M -n lumeo_tune_pool1 vg
          lvcreate -q -y --addtag lumeo.tune -V 64M --thinpool lumeo_tune_pool1 -n lumeo_tune_thin2 vg
          lvcreate -q -y -s -kn --addtag lumeo.tune -n lumeo_tune_snap3 vg/lumeo_tune_thin2
          lvcreate -q -y -L 16M -n precious vg
          vgcreate -q -y --addtag lumeo.tune lumeo_tune %1$s
          lvcreate -q -y -L 16M --addtag lumeo.tune -n lumeo_tune_linear1 lumeo_tune
          sha256sum /dev/vg/precious >/run/sum
          """,
          guest.rig.disk(1));
      var tuner =
          new Tuner(
              guest.rig.commands(),
              TuningResults.open(database),
              InstantSource.system(),
              _ -> true,
              Progress.none());
      assertThat(tuner.leftovers())
          .containsExactlyInAnyOrder(
              "vg/lumeo_tune_snap3",
              "vg/lumeo_tune_thin2",
              "vg/lumeo_tune_pool1",
              "lumeo_tune/lumeo_tune_linear1",
              "lumeo_tune");
      tuner.removeLeftovers();
      assertThat(tuner.leftovers()).isEmpty();
      asBefore(guest, "vg");
      assertThat(guest.output("blkid -p %s || echo empty", guest.rig.disk(1))).isEqualTo("empty");
    }
  }
}
