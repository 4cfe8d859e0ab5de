package io.lumeo.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.forecasts.TuningResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What is recommended follows from the figures alone.
class AdviceTest {

  private static TuningResult result(
      String kind, Map<String, String> parameters, Map<String, Double> figures) {
    return new TuningResult(
        kind, new TreeMap<>(parameters), new TreeMap<>(figures), "here", Instant.EPOCH);
  }

  // --- chunks

  private static void chunk(
      List<TuningResult> results, String chunk, double after, double first, double sequential) {
    results.add(
        result(
            "chunk-size",
            Map.of("chunk", chunk, "workload", "write-after-snapshot"),
            Map.of("write_iops", after)));
    results.add(
        result(
            "chunk-size",
            Map.of("chunk", chunk, "workload", "first-write-random"),
            Map.of("write_iops", first, "space_ratio", Words.chunkBytes(chunk) / 4096.0)));
    results.add(
        result(
            "chunk-size",
            Map.of("chunk", chunk, "workload", "first-write-sequential"),
            Map.of("write_bytes_per_second", sequential)));
  }

  @Test
  void smallChunksForScatteredWritesAndLargeOnesForSequentialOnes() {
    var results = new ArrayList<TuningResult>();
    chunk(results, "1m", 200, 2400, 99e6);
    chunk(results, "64k", 950, 2500, 50e6);
    chunk(results, "256k", 1000, 2450, 100e6);
    var advice = ChunkSizeAdvice.of(results);
    assertThat(advice).extracting(Recommendation::choice).containsExactly("64k", "64k", "1m");
    assertThat(advice.getFirst().use()).contains("databases");
    assertThat(advice.getFirst().reasons())
        .containsExactly(
            "write-after-snapshot: 64k 950/s, 256k 1000/s, 1m 200/s",
            "64k is within a tenth of 256k, the fastest, and wastes less space",
            "scattered 4 KiB writes take 16 times their size of the pool",
            "a TiB of such chunks needs 1 GiB of metadata, so a pool can have 15.8 TiB");
    assertThat(advice.getLast().reasons())
        .contains("1m is within a tenth of 256k, the fastest, and needs less metadata")
        .contains("first-write-sequential: 64k 47.7 MiB/s, 256k 95.4 MiB/s, 1m 94.4 MiB/s");
  }

  @Test
  void theFastestIsTakenWhereNoOtherIsNearIt() {
    var results = new ArrayList<TuningResult>();
    chunk(results, "64k", 100, 100, 100);
    chunk(results, "512k", 1000, 1000, 10);
    var advice = ChunkSizeAdvice.of(results);
    assertThat(advice).extracting(Recommendation::choice).containsExactly("512k", "512k", "64k");
    assertThat(advice.getFirst().reasons()).contains("512k is the fastest");
  }

  @Test
  void nothingIsRecommendedFromNothing() {
    assertThat(ChunkSizeAdvice.of(List.of())).isEmpty();
    assertThat(SnapshotCostAdvice.of(List.of())).isEmpty();
    assertThat(LayoutAdvice.of(List.of())).isEmpty();
  }

  // --- snapshots

  private static void writes(
      List<TuningResult> results, String kind, int snapshots, double first, double again) {
    for (var workload : Map.of("write-after-snapshot", first, "write-again", again).entrySet()) {
      results.add(
          result(
              "snapshot-cost",
              Map.of(
                  "snapshot",
                  kind,
                  "snapshots",
                  Integer.toString(snapshots),
                  "workload",
                  workload.getKey()),
              Map.of("write_iops", workload.getValue())));
    }
  }

  @Test
  void theKindOfSnapshotThatCostsLessIsRecommended() {
    var results = new ArrayList<TuningResult>();
    writes(results, "classic", 0, 1000, 1000);
    writes(results, "classic", 1, 250, 900);
    writes(results, "classic", 2, 100, 800);
    writes(results, "thin", 0, 900, 900);
    writes(results, "thin", 1, 450, 900);
    writes(results, "thin", 2, 450, 900);
    var advice = SnapshotCostAdvice.of(results);
    assertThat(advice).extracting(Recommendation::choice).containsExactly("thin", "thin");
    assertThat(advice.getFirst().reasons())
        .contains(
            "with 1 classic snapshot random writes to new places run at 0.25× of the rate without,"
                + " and to the same places again at 0.90×",
            "with 1 thin snapshot random writes to new places run at 0.50× of the rate without,"
                + " and to the same places again at 1.00×");
    assertThat(advice.getLast().reasons().getFirst()).startsWith("with 2 classic snapshots");
  }

  @Test
  void aClassicOneIsAsGoodWhereItCostsNoMore() {
    var results = new ArrayList<TuningResult>();
    writes(results, "classic", 0, 1000, 1000);
    writes(results, "classic", 1, 800, 900);
    writes(results, "thin", 0, 1000, 900);
    writes(results, "thin", 1, 400, 900);
    assertThat(SnapshotCostAdvice.of(results))
        .extracting(Recommendation::choice)
        .containsExactly("classic");
  }

  @Test
  void ofOneKindAloneNothingIsSaid() {
    var results = new ArrayList<TuningResult>();
    writes(results, "thin", 0, 1000, 900);
    writes(results, "thin", 1, 400, 900);
    assertThat(SnapshotCostAdvice.of(results)).isEmpty();
  }

  // --- layouts

  private static void layout(List<TuningResult> results, String layout, double read, double write) {
    results.add(
        result(
            "layout",
            Map.of("layout", layout, "workload", "read-random"),
            Map.of("read_iops", read)));
    results.add(
        result(
            "layout",
            Map.of("layout", layout, "workload", "overwrite-random"),
            Map.of("write_iops", write)));
  }

  @Test
  void aLayoutIsChosenWhenItIsWorthIt() {
    var results = new ArrayList<TuningResult>();
    layout(results, "mirrored", 2100, 700);
    layout(results, "striped", 2050, 1030);
    layout(results, "linear", 1000, 1000);
    layout(results, "thin", 900, 800);
    var advice = LayoutAdvice.of(results);
    assertThat(advice)
        .extracting(Recommendation::use)
        .containsExactly("random reads", "random writes");
    assertThat(advice).extracting(Recommendation::choice).containsExactly("striped", "linear");
    assertThat(advice.getFirst().reasons())
        .containsExactly(
            "beside linear: linear 1.00×, thin 0.90×, striped 2.05×, mirrored 2.10×",
            "a striped volume is lost with any of its devices, and grows only by all of them");
  }

  @Test
  void figuresAreReadAsPeopleReadThem() {
    assertThat(Words.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Words.bytes(64L << 10)).isEqualTo("64 KiB");
    assertThat(Words.chunk(64 << 10)).isEqualTo("64k");
    assertThat(Words.chunk(1 << 20)).isEqualTo("1m");
    assertThat(Words.chunkBytes("1m")).isEqualTo(1 << 20);
    assertThat(Words.chunkBytes("192k")).isEqualTo(192 << 10);
    assertThat(Measuring.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(Measuring.median(new double[] {4, 1, 2, 3})).isEqualTo(2.5);
  }
}
