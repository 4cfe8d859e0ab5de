package io.lumeo.forecasts;

import java.util.Arrays;

/// A level and a damped trend as in [DampedTrend], and one amount for each day of the week that
/// comes on top: additive seasonal smoothing of daily values.
///
/// Source: P. R. Winters, Forecasting sales by exponentially weighted moving averages, 1960.
final class WeeklyPattern implements Fit {
  static final int DAYS = 7;
  static final int FEWEST_VALUES = 2 * DAYS;

  private static final double[] LEVEL_WEIGHTS = {0.1, 0.3, 0.6};
  private static final double[] TREND_WEIGHTS = {0.03, 0.15};
  private static final double[] PATTERN_WEIGHTS = {0.05, 0.2, 0.5};
  private static final double DAMPING = 0.985;

  private final double level;
  private final double slope;

  /// What comes on top of the level 1, 2, … 7 days after the last value.
  private final double[] pattern;

  private WeeklyPattern(double level, double slope, double[] pattern) {
    this.level = level;
    this.slope = slope;
    this.pattern = pattern;
  }

  /// A model of daily values, of which there are at least [#FEWEST_VALUES].
  static WeeklyPattern fit(double[] values) {
    var slope = startSlope(values);
    var start = startPattern(values, slope);
    var best = new WeeklyPattern(values[0], 0, start);
    var least = Double.POSITIVE_INFINITY;
    for (var levelWeight : LEVEL_WEIGHTS) {
      for (var trendWeight : TREND_WEIGHTS) {
        for (var patternWeight : PATTERN_WEIGHTS) {
          var smoothing = new Smoothing(values[0] - start[0], slope, start.clone());
          var error = smoothing.run(values, levelWeight, trendWeight, patternWeight);
          if (error < least) {
            least = error;
            best = smoothing.end(values.length);
          }
        }
      }
    }
    return best;
  }

  /// The change from the first week's mean to the second's, for one day.
  private static double startSlope(double[] values) {
    return (sum(values, DAYS) - sum(values, 0)) / (DAYS * DAYS);
  }

  /// How far each day of the first two weeks is, on average, from their line.
  private static double[] startPattern(double[] values, double slope) {
    var middle = (sum(values, 0) + sum(values, DAYS)) / FEWEST_VALUES;
    var pattern = new double[DAYS];
    for (var i = 0; i < FEWEST_VALUES; i++) {
      var line = middle + slope * (i - (FEWEST_VALUES - 1) / 2.0);
      pattern[i % DAYS] += (values[i] - line) / 2;
    }
    return pattern;
  }

  private static double sum(double[] values, int from) {
    return Arrays.stream(values, from, from + DAYS).sum();
  }

  /// One pass through the values with one set of weights.
  private static final class Smoothing {
    private double level;
    private double slope;
    private final double[] pattern;

    Smoothing(double level, double slope, double[] pattern) {
      this.level = level;
      this.slope = slope;
      this.pattern = pattern;
    }

    /// Returns the sum of the squared errors one day ahead.
    double run(double[] values, double levelWeight, double trendWeight, double patternWeight) {
      var error = 0.0;
      for (var i = 1; i < values.length; i++) {
        var day = i % DAYS;
        var expected = level + DAMPING * slope;
        var surprise = values[i] - expected - pattern[day];
        error += surprise * surprise;
        level = expected + levelWeight * surprise;
        slope = DAMPING * slope + levelWeight * trendWeight * surprise;
        pattern[day] += patternWeight * (1 - levelWeight) * surprise;
      }
      return error;
    }

    WeeklyPattern end(int count) {
      var next = new double[DAYS];
      Arrays.setAll(next, i -> pattern[(count + i) % DAYS]);
      return new WeeklyPattern(level, slope, next);
    }
  }

  @Override
  public double trend(double steps) {
    return level + slope * DAMPING * (1 - Math.pow(DAMPING, steps)) / (1 - DAMPING);
  }

  /// The amount of the day that `steps` lies in or nearest to.
  @Override
  public double season(double steps) {
    var day = Math.round(steps);
    return pattern[Math.floorMod(day - 1, DAYS)];
  }
}
