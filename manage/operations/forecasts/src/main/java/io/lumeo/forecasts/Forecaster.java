package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Looks ahead on one series: takes out what will not happen again, lets the methods foresee what
/// is already known, and carries the series on by the one that did best. Pure: the same samples and
/// events give the same forecast.
public final class Forecaster {
  /// How much history there must be.
  static final Duration LEAST_HISTORY = Duration.ofHours(12);

  static final int FEWEST_SAMPLES = 12;

  private static final Duration HORIZON = Duration.ofDays(7);

  private Forecaster() {}

  /// Looks ahead from the newest sample.
  ///
  /// @param history in any order; what is later than `now` was measured by a clock that was wrong,
  ///   and is not looked at
  /// @param events what is known to have changed the series at once, in any order
  public static Outlook look(List<Sample> history, List<Event> events, Instant now) {
    var samples = usable(history, now);
    var span =
        samples.isEmpty()
            ? Duration.ZERO
            : Duration.between(samples.getFirst().at(), samples.getLast().at());
    if (samples.size() < FEWEST_SAMPLES || span.compareTo(LEAST_HISTORY) < 0) {
      return new Outlook.TooLittleData(span, samples.size(), LEAST_HISTORY);
    }
    var cleaned = ChangePoints.clean(EvenSeries.of(samples), events);
    var series = cleaned.series();
    var test = BackTest.best(series, (int) Math.round(series.steps(HORIZON)));
    var values = series.values();
    var line = TheilSenLine.fit(values);
    return new Forecast(
        series,
        samples.getLast().value(),
        Course.of(Fit.of(test.method(), values), line, test.horizonSteps()),
        line.explained(values),
        test,
        cleaned.adjustments());
  }

  /// In order, each moment once, none of the future.
  private static List<Sample> usable(List<Sample> history, Instant now) {
    var sorted =
        history.stream()
            .filter(sample -> !sample.at().isAfter(now.plus(Resolution.MINUTE.length())))
            .sorted(Comparator.comparing(Sample::at))
            .toList();
    var samples = new ArrayList<Sample>(sorted.size());
    for (var sample : sorted) {
      if (samples.isEmpty() || sample.at().isAfter(samples.getLast().at())) {
        samples.add(sample);
      }
    }
    return samples;
  }
}
