package io.lumeo.forecasts;

/// A model fitted to a series: what comes after its last value.
interface Fit {

  /// The level `steps` after the last value, without what repeats.
  double trend(double steps);

  /// What comes on top of the level by a pattern that repeats; 0 where there is none.
  default double season(double steps) {
    return 0;
  }

  default double at(double steps) {
    return trend(steps) + season(steps);
  }

  /// Fits a model by one method.
  static Fit of(Method method, double[] values) {
    return switch (method) {
      case THEIL_SEN_LINE -> TheilSenLine.fit(values);
      case DAMPED_TREND -> DampedTrend.fit(values);
      case WEEKLY_PATTERN -> WeeklyPattern.fit(values);
    };
  }
}
