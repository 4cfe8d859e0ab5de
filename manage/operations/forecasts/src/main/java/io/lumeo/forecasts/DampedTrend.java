package io.lumeo.forecasts;

/// A level and a trend that follow the values by exponential smoothing. What the trend still adds
/// shrinks by a factor with every step.
///
/// Source: E. S. Gardner, E. McKenzie, Forecasting trends in time series, 1985. The three
/// parameters are those of a small grid with the least squared error one step ahead.
///
/// @param damping what is left of the trend after one step, 0 to 1 (excluded)
record DampedTrend(double level, double slope, double damping) implements Fit {
  private static final double[] LEVEL_WEIGHTS = {0.1, 0.3, 0.6, 0.9};
  private static final double[] TREND_WEIGHTS = {0.03, 0.1, 0.3};
  private static final double[] DAMPINGS = {0.9, 0.96, 0.985};

  /// A model of at least two values.
  static DampedTrend fit(double[] values) {
    var start = start(values);
    var best = start;
    var least = Double.POSITIVE_INFINITY;
    for (var levelWeight : LEVEL_WEIGHTS) {
      for (var trendWeight : TREND_WEIGHTS) {
        for (var damping : DAMPINGS) {
          var level = start.level;
          var slope = start.slope;
          var error = 0.0;
          for (var i = 1; i < values.length; i++) {
            var expected = level + damping * slope;
            var surprise = values[i] - expected;
            error += surprise * surprise;
            level = expected + levelWeight * surprise;
            slope = damping * slope + levelWeight * trendWeight * surprise;
          }
          if (error < least) {
            least = error;
            best = new DampedTrend(level, slope, damping);
          }
        }
      }
    }
    return best;
  }

  private static DampedTrend start(double[] values) {
    var few = Math.min(values.length - 1, 6);
    return new DampedTrend(values[0], (values[few] - values[0]) / few, DAMPINGS[0]);
  }

  @Override
  public double trend(double steps) {
    return level + slope * damping * (1 - Math.pow(damping, steps)) / (1 - damping);
  }
}
