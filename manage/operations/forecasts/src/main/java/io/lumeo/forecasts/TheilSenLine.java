package io.lumeo.forecasts;

import java.util.Arrays;

/// The line whose slope is the median of the slopes between all pairs of points. A long series is
/// thinned out evenly first: the pairs grow with the square of the points, and what is gained by
/// more of them does not.
///
/// Source: P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968.
///
/// @param level at the last value
/// @param slope for each step
record TheilSenLine(double level, double slope) implements Fit {
  private static final int MOST_POINTS = 64;

  /// A line through at least two values. It lies where the newest third of them does: a level that
  /// shifted once must not pull the line away from where the series is now.
  static TheilSenLine fit(double[] values) {
    var slope = slope(values);
    var last = values.length - 1;
    var newest = Math.max(Math.min(values.length, 7), values.length / 3);
    var levels = new double[newest];
    for (var i = 0; i < newest; i++) {
      levels[i] = values[last - i] + slope * i;
    }
    return new TheilSenLine(Statistics.median(levels), slope);
  }

  private static double slope(double[] values) {
    var points = points(values.length);
    var slopes = new double[points.length * (points.length - 1) / 2];
    var next = 0;
    for (var i = 0; i < points.length; i++) {
      for (var j = i + 1; j < points.length; j++) {
        slopes[next++] = (values[points[j]] - values[points[i]]) / (points[j] - points[i]);
      }
    }
    return Statistics.median(slopes);
  }

  /// All indices, or so many of them, evenly spread from the first to the last.
  private static int[] points(int count) {
    var points = new int[Math.min(count, MOST_POINTS)];
    Arrays.setAll(points, i -> (int) ((long) i * (count - 1) / (points.length - 1)));
    return points;
  }

  @Override
  public double trend(double steps) {
    return level + slope * steps;
  }

  /// The share of the values' variance that the line explains, 0 to 1; 1 for values that are all
  /// the same, which a line describes perfectly.
  double explained(double[] values) {
    var mean = Statistics.mean(values);
    var last = values.length - 1;
    var residual = 0.0;
    var total = 0.0;
    for (var i = 0; i <= last; i++) {
      residual += square(values[i] - trend(i - last));
      total += square(values[i] - mean);
    }
    return total == 0 ? 1 : Math.clamp(1 - residual / total, 0, 1);
  }

  private static double square(double value) {
    return value * value;
  }
}
