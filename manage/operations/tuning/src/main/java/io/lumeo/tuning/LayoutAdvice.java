package io.lumeo.tuning;

import io.lumeo.forecasts.TuningResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// How to lay out a volume, by what was measured: a pure function. What is not faster by more than
/// a twentieth is not worth being less simple.
final class LayoutAdvice {
  private static final double WORTH_IT = 1.05;

  /// From the simplest on.
  private static final List<String> SIMPLEST_FIRST =
      List.of("linear", "thin", "striped", "mirrored", "thin-fast-metadata");

  private static final Map<String, String> WORTH_KNOWING =
      Map.of(
          "linear",
          "a linear volume is lost with any device that it lies on",
          "striped",
          "a striped volume is lost with any of its devices, and grows only by all of them",
          "mirrored",
          "a mirrored volume takes twice the space and outlives one device",
          "thin",
          "a thin volume shares the fate of its pool: watch how full it is",
          "thin-fast-metadata",
          "the pool is lost with the device of its metadata: mirror that");

  private record Use(String words, Workload workload, String figure) {}

  private static final List<Use> USES =
      List.of(
          new Use("sequential reads", Workload.READ_SEQUENTIAL, "read_bytes_per_second"),
          new Use("sequential writes", Workload.WRITE_SEQUENTIAL, "write_bytes_per_second"),
          new Use("random reads", Workload.READ_RANDOM, "read_iops"),
          new Use("random writes", Workload.OVERWRITE_RANDOM, "write_iops"));

  private record Candidate(String layout, double score) {}

  private LayoutAdvice() {}

  static List<Recommendation> of(List<TuningResult> results) {
    var recommendations = new ArrayList<Recommendation>();
    for (var use : USES) {
      var candidates = candidates(results, use);
      if (candidates.size() > 1) {
        recommendations.add(recommend(use, candidates));
      }
    }
    return recommendations;
  }

  private static List<Candidate> candidates(List<TuningResult> results, Use use) {
    return results.stream()
        .filter(result -> use.workload.label().equals(result.parameters().get("workload")))
        .map(result ->
            new Candidate(
                result.parameters().getOrDefault("layout", ""),
                result.figures().getOrDefault(use.figure, 0.0)))
        .sorted(Comparator.comparingInt(candidate -> SIMPLEST_FIRST.indexOf(candidate.layout)))
        .toList();
  }

  private static Recommendation recommend(Use use, List<Candidate> candidates) {
    var choice = candidates.getFirst();
    for (var candidate : candidates) {
      if (candidate.score > choice.score * WORTH_IT) {
        choice = candidate;
      }
    }
    var simplest = candidates.getFirst();
    var figures =
        candidates.stream()
            .map(candidate ->
                "%s %s".formatted(candidate.layout, Words.times(candidate.score / simplest.score)))
            .toList();
    return new Recommendation(
        use.words,
        choice.layout,
        List.of(
            "beside %s: %s".formatted(simplest.layout, String.join(", ", figures)),
            WORTH_KNOWING.getOrDefault(choice.layout, "")));
  }
}
