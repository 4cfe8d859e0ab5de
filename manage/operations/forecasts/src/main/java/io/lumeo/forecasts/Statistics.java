package io.lumeo.forecasts;

import java.util.Arrays;

/// Medians, quantiles and what is made of them. None of the functions changes its argument.
final class Statistics {
  /// What a median absolute deviation is multiplied by to compare with the standard deviation of
  /// normally distributed values: 1 / Φ⁻¹(3/4).
  private static final double NORMAL = 1.4826;

  private Statistics() {}

  static double median(double[] values) {
    return quantile(values, 0.5);
  }

  /// The value that a share of the values does not exceed, between two of them in proportion.
  ///
  /// @param share 0 to 1
  static double quantile(double[] values, double share) {
    if (values.length == 0) {
      throw new IllegalArgumentException("there is no quantile of nothing");
    }
    var sorted = values.clone();
    Arrays.sort(sorted);
    var position = share * (sorted.length - 1);
    var below = (int) position;
    var above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }

  /// How far the values usually are from their median, comparable with a standard deviation.
  static double deviation(double[] values) {
    var median = median(values);
    var distances = new double[values.length];
    for (var i = 0; i < values.length; i++) {
      distances[i] = Math.abs(values[i] - median);
    }
    return NORMAL * median(distances);
  }

  static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /// The differences of neighbours: one fewer than the values.
  static double[] differences(double[] values) {
    var differences = new double[Math.max(values.length - 1, 0)];
    for (var i = 0; i < differences.length; i++) {
      differences[i] = values[i + 1] - values[i];
    }
    return differences;
  }
}
