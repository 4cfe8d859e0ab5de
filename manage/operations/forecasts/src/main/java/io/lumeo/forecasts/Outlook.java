package io.lumeo.forecasts;

import java.time.Duration;

/// What can be said of a series' future.
public sealed interface Outlook permits Forecast, Outlook.TooLittleData {

  /// Nothing yet: what was measured is too short or too thin.
  ///
  /// @param history how much there is
  /// @param needed how much there must be
  record TooLittleData(Duration history, int samples, Duration needed) implements Outlook {
    @Override
    public Crossing reaches(double limit) {
      return Crossing.never();
    }

    @Override
    public Confidence confidence(double limit) {
      return Confidence.INSUFFICIENT_DATA;
    }
  }

  /// When the series reaches `limit`; never, as far as is known, when there is too little data.
  Crossing reaches(double limit);

  /// How far [#reaches] can be relied on.
  Confidence confidence(double limit);
}
