package io.lumeo.forecasts;

/// A fit as far as it is good for, and the straight line through the whole history beyond: a trend
/// that tires is right for a week or two and would promise, for a year, that growth ends. Where the
/// fit's own trend is still steeper than the line, it goes on.
///
/// @param horizonSteps how far the fit itself is followed
/// @param slopeBeyond for each step after that
record Course(Fit fit, int horizonSteps, double slopeBeyond) {

  /// The course by a fit and the line through the same values.
  static Course of(Fit fit, TheilSenLine line, int horizonSteps) {
    var own = fit.trend(horizonSteps) - fit.trend(horizonSteps - 1.0);
    return new Course(fit, horizonSteps, Math.max(line.slope(), own));
  }

  /// The level `steps` after the last value, without what repeats.
  double trend(double steps) {
    return steps <= horizonSteps
        ? fit.trend(steps)
        : fit.trend(horizonSteps) + slopeBeyond * (steps - horizonSteps);
  }

  double at(double steps) {
    return trend(steps) + fit.season(steps);
  }
}
