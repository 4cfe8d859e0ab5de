package io.lumeo.tuning;

import io.lumeo.forecasts.TuningResult;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which chunks to give a thin pool, by what was measured: a pure function, so that the baseline
/// database can be asked again.
///
/// Small chunks waste less when writes are scattered and snapshots many; large ones need less
/// metadata and are provisioned less often. Of the candidates within a tenth of the best, the
/// smallest is taken for scattered writes and the largest for sequential ones.
final class ChunkSizeAdvice {
  private static final double AS_GOOD = 0.9;
  private static final int METADATA_BYTES_PER_CHUNK = 64;
  private static final double LARGEST_METADATA_BYTES = 15.81 * (1L << 30);

  /// What somebody has a pool for.
  private enum Use {
    SNAPSHOTS(
        "random writes with snapshots (databases, virtual machines)",
        Workload.WRITE_AFTER_SNAPSHOT,
        "write_iops",
        false),
    RANDOM("random writes without snapshots", Workload.FIRST_WRITE_RANDOM, "write_iops", false),
    SEQUENTIAL(
        "sequential writes (backups, media)",
        Workload.FIRST_WRITE_SEQUENTIAL,
        "write_bytes_per_second",
        true);

    private final String words;
    private final Workload workload;
    private final String figure;
    private final boolean prefersLarge;

    Use(String words, Workload workload, String figure, boolean prefersLarge) {
      this.words = words;
      this.workload = workload;
      this.figure = figure;
      this.prefersLarge = prefersLarge;
    }
  }

  private record Candidate(String chunk, long bytes, double score, double spaceRatio) {}

  private ChunkSizeAdvice() {}

  static List<Recommendation> of(List<TuningResult> results) {
    return List.of(Use.values()).stream().flatMap(use -> of(use, results).stream()).toList();
  }

  private static Optional<Recommendation> of(Use use, List<TuningResult> results) {
    var candidates =
        results.stream()
            .filter(result -> isOf(result, use.workload))
            .map(result -> candidate(result, use, results))
            .sorted(Comparator.comparingLong(Candidate::bytes))
            .toList();
    var best = candidates.stream().max(Comparator.comparingDouble(Candidate::score));
    if (best.isEmpty()) {
      return Optional.empty();
    }
    var good =
        candidates.stream()
            .filter(candidate -> candidate.score >= AS_GOOD * best.get().score)
            .toList();
    var choice = use.prefersLarge ? good.getLast() : good.getFirst();
    return Optional.of(
        new Recommendation(use.words, choice.chunk, reasons(use, choice, best.get(), candidates)));
  }

  private static boolean isOf(TuningResult result, Workload workload) {
    return workload.label().equals(result.parameters().get("workload"));
  }

  private static Candidate candidate(TuningResult result, Use use, List<TuningResult> all) {
    var chunk = result.parameters().getOrDefault("chunk", "0k");
    var space =
        all.stream()
            .filter(other -> isOf(other, Workload.FIRST_WRITE_RANDOM))
            .filter(other -> chunk.equals(other.parameters().get("chunk")))
            .mapToDouble(other -> other.figures().getOrDefault("space_ratio", 0.0))
            .findFirst()
            .orElse(0);
    return new Candidate(
        chunk, Words.chunkBytes(chunk), result.figures().getOrDefault(use.figure, 0.0), space);
  }

  private static List<String> reasons(
      Use use, Candidate choice, Candidate best, List<Candidate> all) {
    var figures =
        all.stream()
            .map(candidate -> candidate.chunk + " " + figure(use, candidate.score))
            .toList();
    return List.of(
        "%s: %s".formatted(use.workload.label(), String.join(", ", figures)),
        choice.equals(best)
            ? "%s is the fastest".formatted(choice.chunk)
            : "%s is within a tenth of %s, the fastest, and %s"
                .formatted(
                    choice.chunk,
                    best.chunk,
                    use.prefersLarge ? "needs less metadata" : "wastes less space"),
        "scattered 4 KiB writes take %s times their size of the pool"
            .formatted(Words.number(choice.spaceRatio)),
        String.format(
            Locale.ROOT,
            "a TiB of such chunks needs %s of metadata, so a pool can have %s",
            Words.bytes((double) (1L << 40) / choice.bytes * METADATA_BYTES_PER_CHUNK),
            Words.bytes(LARGEST_METADATA_BYTES / METADATA_BYTES_PER_CHUNK * choice.bytes)));
  }

  private static String figure(Use use, double score) {
    return use.figure.endsWith("iops") ? Words.number(score) + "/s" : Words.bytes(score) + "/s";
  }
}
