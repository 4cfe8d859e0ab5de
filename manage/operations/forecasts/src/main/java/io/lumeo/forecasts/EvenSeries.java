package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// A series at even steps, ending with its newest sample. Where nothing was measured, the values
/// lie on the line between the neighbours.
final class EvenSeries {
  /// The longest that is looked at: what was half a year ago says little about the next.
  private static final Duration LONGEST = Duration.ofDays(180);

  private static final int FEWEST_STEPS = 24;

  private final Instant end;
  private final Duration step;
  private final double[] values;

  private EvenSeries(Instant end, Duration step, double[] values) {
    this.end = end;
    this.step = step;
    this.values = values;
  }

  /// Samples, of which there are at least two, in the order of time and at different times.
  static EvenSeries of(List<Sample> samples) {
    var end = samples.getLast().at();
    var span = Duration.between(samples.getFirst().at(), end);
    var step = stepFor(span);
    var longest = span.compareTo(LONGEST) > 0 ? LONGEST : span;
    var values = new double[(int) longest.dividedBy(step) + 1];
    var next = samples.size() - 1;
    for (var i = values.length - 1; i >= 0; i--) {
      var at = end.minus(step.multipliedBy(values.length - 1L - i));
      while (next > 1 && !samples.get(next - 1).at().isBefore(at)) {
        next--;
      }
      values[i] = between(samples.get(next - 1), samples.get(next), at);
    }
    return new EvenSeries(end, step, values);
  }

  /// Days when there are three weeks of them, so that weekdays can be told apart; else what gives
  /// enough steps to judge by.
  private static Duration stepFor(Duration span) {
    for (var step : List.of(Duration.ofDays(1), Duration.ofHours(6), Duration.ofHours(1))) {
      if (span.dividedBy(step) >= (step.toDays() == 1 ? 21 : FEWEST_STEPS)) {
        return step;
      }
    }
    return Duration.ofSeconds(Math.max(span.toSeconds() / FEWEST_STEPS, 1));
  }

  private static double between(Sample before, Sample after, Instant at) {
    var whole = Duration.between(before.at(), after.at()).toMillis();
    var share = (double) Duration.between(before.at(), at).toMillis() / whole;
    return before.value() + Math.clamp(share, 0, 1) * (after.value() - before.value());
  }

  /// The same steps with other values, or with the newest of them only.
  EvenSeries withValues(double[] newValues) {
    return new EvenSeries(end, step, newValues);
  }

  Instant end() {
    return end;
  }

  Duration step() {
    return step;
  }

  double[] values() {
    return values.clone();
  }

  int count() {
    return values.length;
  }

  Instant at(int index) {
    return end.minus(step.multipliedBy(values.length - 1L - index));
  }

  /// A time span in steps.
  double steps(Duration span) {
    return (double) span.toMillis() / step.toMillis();
  }

  boolean isDaily() {
    return step.equals(Duration.ofDays(1));
  }
}
