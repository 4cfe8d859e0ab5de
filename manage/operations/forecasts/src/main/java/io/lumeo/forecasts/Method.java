package io.lumeo.forecasts;

/// How a series was carried on, from plain to rich. Where two do equally well, the plainer is used.
public enum Method {
  /// A straight line through the median of all slopes between two points (Theil, Sen): a quarter of
  /// the points may be anywhere without moving it.
  THEIL_SEN_LINE,
  /// A level and a trend that follow the newest values, and a trend that tires (Holt; Gardner).
  DAMPED_TREND,
  /// The same, with a pattern that repeats every seven days (Holt, Winters).
  WEEKLY_PATTERN
}
