package io.lumeo.tuning;

import io.lumeo.forecasts.TuningResult;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// What snapshots cost random writes, by what was measured: a pure function.
final class SnapshotCostAdvice {
  private static final List<String> KINDS = List.of("classic", "thin");

  /// Within this share of the other, two kinds are called equal.
  private static final double EQUAL = 0.95;

  private SnapshotCostAdvice() {}

  static List<Recommendation> of(List<TuningResult> results) {
    var one = kept(results, 1);
    var two = kept(results, 2);
    if (one.size() < KINDS.size()) {
      return List.of();
    }
    var recommendations = new ArrayList<Recommendation>();
    recommendations.add(choice("one snapshot at a time", one, reasons(results, 1)));
    if (two.size() == KINDS.size()) {
      recommendations.add(choice("several snapshots", two, reasons(results, 2)));
    }
    return recommendations;
  }

  /// The share of its writes that a volume keeps with so many snapshots, in the order of the kinds.
  private static List<Double> kept(List<TuningResult> results, int snapshots) {
    return KINDS.stream()
        .map(kind -> kept(results, kind, Workload.WRITE_AFTER_SNAPSHOT, snapshots))
        .filter(OptionalDouble::isPresent)
        .map(OptionalDouble::getAsDouble)
        .toList();
  }

  private static Recommendation choice(String use, List<Double> kept, List<String> reasons) {
    boolean classicIsAsGood = kept.get(0) * EQUAL >= kept.get(1);
    return new Recommendation(use, classicIsAsGood ? "classic" : "thin", reasons);
  }

  private static List<String> reasons(List<TuningResult> results, int snapshots) {
    var reasons = new ArrayList<String>();
    for (var kind : KINDS) {
      var first = kept(results, kind, Workload.WRITE_AFTER_SNAPSHOT, snapshots);
      var again = kept(results, kind, Workload.WRITE_AGAIN, snapshots);
      if (first.isPresent() && again.isPresent()) {
        reasons.add(
            "with %d %s snapshot%s random writes to new places run at %s of the rate without, and to the same places again at %s"
                .formatted(
                    snapshots,
                    kind,
                    snapshots == 1 ? "" : "s",
                    Words.times(first.getAsDouble()),
                    Words.times(again.getAsDouble())));
      }
    }
    reasons.add("a classic snapshot can overflow and is lost then; a thin one takes from its pool");
    return reasons;
  }

  private static OptionalDouble kept(
      List<TuningResult> results, String kind, Workload workload, int snapshots) {
    double without = iops(results, kind, workload, 0);
    double with = iops(results, kind, workload, snapshots);
    return without > 0 && with > 0 ? OptionalDouble.of(with / without) : OptionalDouble.empty();
  }

  private static double iops(
      List<TuningResult> results, String kind, Workload workload, int snapshots) {
    return results.stream()
        .filter(result -> kind.equals(result.parameters().get("snapshot")))
        .filter(result -> workload.label().equals(result.parameters().get("workload")))
        .filter(result -> Integer.toString(snapshots).equals(result.parameters().get("snapshots")))
        .mapToDouble(result -> result.figures().getOrDefault("write_iops", 0.0))
        .findFirst()
        .orElse(0);
  }
}
