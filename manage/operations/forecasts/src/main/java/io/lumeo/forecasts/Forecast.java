package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A series carried on into the future, with what is known of how wrong that is. A value, safe for
/// use by several threads.
public final class Forecast implements Outlook {
  /// No date is given beyond this.
  static final Duration FARTHEST = Duration.ofDays(731);

  private final EvenSeries series;
  private final double current;
  private final Course course;
  private final BackTest test;
  private final double explained;
  private final List<Adjustment> adjustments;

  Forecast(
      EvenSeries series,
      double current,
      Course course,
      double explained,
      BackTest test,
      List<Adjustment> adjustments) {
    this.series = series;
    this.current = current;
    this.course = course;
    this.test = test;
    this.explained = explained;
    this.adjustments = adjustments;
  }

  /// The newest value.
  public double current() {
    return current;
  }

  /// When the newest value was measured: the forecast begins there.
  public Instant from() {
    return series.end();
  }

  /// How much history it rests on.
  public Duration window() {
    return series.step().multipliedBy(series.count() - 1L);
  }

  public Method method() {
    return test.method();
  }

  /// How far off the method was on this series, in the series' unit, when it had to foresee what
  /// was already known, looking ahead by [#horizon].
  public double meanAbsoluteError() {
    return test.meanAbsoluteError();
  }

  /// How far ahead the back-test looked: seven days, or less when the history is short.
  public Duration horizon() {
    return series.step().multipliedBy(test.horizonSteps());
  }

  /// How straight the growth is: the share of the variance that a line explains (R²), 0 to 1.
  public double explained() {
    return explained;
  }

  /// The growth to expect for a day, over the horizon, in the series' unit; negative when it
  /// shrinks.
  public double growthPerDay() {
    var steps = test.horizonSteps();
    return (course.trend(steps) - course.trend(0)) / steps * series.steps(Duration.ofDays(1));
  }

  /// The steps that were taken out of the series, because they will not happen again.
  public List<Adjustment> adjustments() {
    return adjustments;
  }

  /// What the series will be at `at`.
  ///
  /// @param at not before [#from]; what lies beyond two years is what it is in two years
  public Band at(Instant at) {
    var steps = Math.max(0, series.steps(shorter(Duration.between(series.end(), at), FARTHEST)));
    var likely = steps == 0 ? current : course.at(steps);
    var half = test.spread() * widening(steps);
    return new Band(Math.max(0, likely - half), Math.max(0, likely), Math.max(0, likely + half));
  }

  @Override
  public Crossing reaches(double limit) {
    if (current >= limit) {
      return new Crossing(series.end(), series.end(), series.end());
    }
    return new Crossing(
        reaches(limit, test.spread()), reaches(limit, 0), reaches(limit, -test.spread()));
  }

  /// Every step for four horizons, then every day.
  private @Nullable Instant reaches(double limit, double error) {
    var last = series.steps(FARTHEST);
    var day = Math.max(1, series.steps(Duration.ofDays(1)));
    var fine = 4.0 * test.horizonSteps();
    var before = 0.0;
    var valueBefore = current;
    for (var steps = 1.0; steps <= last; steps += steps < fine ? 1 : day) {
      var value = course.at(steps) + error * widening(steps);
      if (value >= limit) {
        var share = (limit - valueBefore) / (value - valueBefore);
        return instant(before + Math.clamp(share, 0, 1) * (steps - before));
      }
      before = steps;
      valueBefore = value;
    }
    return null;
  }

  private Instant instant(double steps) {
    return series.end().plusMillis((long) (steps * series.step().toMillis()));
  }

  @Override
  public Confidence confidence(double limit) {
    var error = limit > 0 ? test.meanAbsoluteError() / limit : 0;
    if (error <= 0.02 && window().compareTo(Duration.ofDays(21)) >= 0) {
      return Confidence.HIGH;
    }
    return error <= 0.05 && window().compareTo(Duration.ofDays(7)) >= 0
        ? Confidence.MEDIUM
        : Confidence.LOW;
  }

  /// How many times the error at the horizon is expected `steps` ahead.
  private double widening(double steps) {
    return Math.pow(steps / test.horizonSteps(), test.spreadGrowth());
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
