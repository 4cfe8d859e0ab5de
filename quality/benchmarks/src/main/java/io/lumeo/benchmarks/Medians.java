package io.lumeo.benchmarks;

import java.util.Arrays;
import java.util.List;

/// The middle of what was measured: what a noisy machine disturbs least.
final class Medians {
  private Medians() {}

  static double median(List<Double> values) {
    var sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no values to take the median of");
    }
    var middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /// The median of the ratios of values that were measured in turns.
  static double ofRatios(List<Double> ours, List<Double> theirs) {
    var ratios = new Double[ours.size()];
    Arrays.setAll(ratios, i -> ours.get(i) / theirs.get(i));
    return median(List.of(ratios));
  }
}
