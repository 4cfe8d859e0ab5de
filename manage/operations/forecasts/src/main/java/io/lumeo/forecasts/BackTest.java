package io.lumeo.forecasts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How well each method would have done: from several moments of the past, each knowing only what
/// was before it, how far was what it foresaw from what came?
///
/// @param horizonSteps how far ahead was looked
/// @param meanAbsoluteError at that horizon
/// @param spread what four in five errors stay within at that horizon, corrected for how few they
///   are
/// @param spreadGrowth how the errors grow with the distance: as its power, 0.5 to 1
record BackTest(
    Method method,
    int horizonSteps,
    int origins,
    double meanAbsoluteError,
    double spread,
    double spreadGrowth) {
  private static final int MOST_ORIGINS = 16;
  private static final int FEWEST_TRAINING = 8;

  /// A richer method must be better by this share, else it was luck.
  private static final double CLEARLY_BETTER = 0.9;

  private static final double BAND = 0.8;

  /// How much farther than the horizon is looked to see how errors grow.
  private static final int FARTHER = 4;

  /// Tests each method that fits the series, and returns the one to use.
  ///
  /// @param horizonSteps how far ahead to look if the series is long enough: at most a quarter of
  ///   it is looked ahead
  static BackTest best(EvenSeries series, int horizonSteps) {
    var values = series.values();
    var horizon = Math.clamp(horizonSteps, 1, Math.max(1, values.length / 4));
    var methods = methods(series);
    var training =
        methods.contains(Method.WEEKLY_PATTERN) ? WeeklyPattern.FEWEST_VALUES : FEWEST_TRAINING;
    var origins = origins(Math.max(training, values.length / 3), values.length - horizon);
    var lines = new TheilSenLine[origins.length];
    Arrays.setAll(lines, i -> TheilSenLine.fit(Arrays.copyOf(values, origins[i])));
    var best = run(methods.getFirst(), values, horizon, origins, lines);
    for (var method : methods.subList(1, methods.size())) {
      var test = run(method, values, horizon, origins, lines);
      if (test.meanAbsoluteError < CLEARLY_BETTER * best.meanAbsoluteError) {
        best = test;
      }
    }
    return best;
  }

  private static List<Method> methods(EvenSeries series) {
    return series.isDaily() && series.count() > 3 * WeeklyPattern.DAYS
        ? List.of(Method.values())
        : List.of(Method.THEIL_SEN_LINE, Method.DAMPED_TREND);
  }

  /// The numbers of values that are known at each moment to look ahead from, evenly spread.
  private static int[] origins(int fewest, int most) {
    var first = Math.min(fewest, most);
    var origins = new int[Math.min(MOST_ORIGINS, most - first + 1)];
    Arrays.setAll(
        origins, i -> most - (int) ((long) i * (most - first) / Math.max(origins.length - 1, 1)));
    return origins;
  }

  private static BackTest run(
      Method method, double[] values, int horizon, int[] origins, TheilSenLine[] lines) {
    var near = new ArrayList<Double>();
    var far = new ArrayList<Double>();
    for (var i = 0; i < origins.length; i++) {
      var known = origins[i];
      var fit =
          method == Method.THEIL_SEN_LINE ? lines[i] : Fit.of(method, Arrays.copyOf(values, known));
      var course = Course.of(fit, lines[i], horizon);
      near.add(error(course, values, known, horizon));
      if (known + FARTHER * horizon <= values.length) {
        far.add(error(course, values, known, FARTHER * horizon));
      }
    }
    var meanAbsoluteError = mean(near);
    return new BackTest(
        method,
        horizon,
        origins.length,
        meanAbsoluteError,
        spread(near),
        growth(meanAbsoluteError, far));
  }

  private static double error(Course course, double[] values, int known, int steps) {
    return Math.abs(values[known - 1 + steps] - course.at(steps));
  }

  private static double mean(List<Double> errors) {
    return errors.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /// The error that the next one exceeds once in five times: of n errors the ⌈(n + 1) · 0.8⌉th
  /// smallest, and half as much again as the largest when n is too small to have one.
  ///
  /// Source: split conformal prediction (V. Vovk et al., Algorithmic learning in a random world).
  private static double spread(List<Double> errors) {
    var sorted = errors.stream().sorted().toList();
    var rank = (int) Math.ceil((sorted.size() + 1) * BAND);
    return rank > sorted.size() ? 1.5 * sorted.getLast() : sorted.get(rank - 1);
  }

  /// Errors of noise do not grow, those of a random walk grow with the root of the distance, those
  /// of a wrong slope with the distance; without evidence the last is assumed.
  private static double growth(double near, List<Double> far) {
    if (far.size() < 3 || near == 0) {
      return 1;
    }
    return Math.clamp(Math.log(mean(far) / near) / Math.log(FARTHER), 0.5, 1);
  }
}
