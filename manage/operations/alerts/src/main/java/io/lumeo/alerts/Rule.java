package io.lumeo.alerts;

import java.time.Duration;
import java.util.List;

/// When something is wrong, how wrong, and what to tell a person about it.
///
/// @param name in the form `PoolDataFull`, unique; part of the alert's identity
/// @param direction on which side of a step's threshold trouble lies
/// @param steps from mild to grave: crossing each is announced. Thresholds rise [Direction#ABOVE]
///   and fall [Direction#BELOW]
/// @param hysteresis how far back over a threshold the value must come before the step is left, in
///   the unit of the value, at least 0
/// @param hold how long the value must stay over a threshold before it is believed
/// @param clearAfter how long it must be well before that is believed; doubled for each time the
///   alert came back within a day
/// @param title what and where, with `{label}` and `{value}` to be filled in
/// @param meaning what it means for whoever uses the storage
/// @param next what to do, commands first where there are any: `{label}` is filled in quoted for a
///   shell
public record Rule(
    String name,
    Measure measure,
    Direction direction,
    List<Step> steps,
    double hysteresis,
    Quantity quantity,
    Duration hold,
    Duration clearAfter,
    String title,
    String meaning,
    List<String> next) {

  /// Where trouble lies.
  public enum Direction {
    /// At the threshold and above it.
    ABOVE,
    /// Under the threshold.
    BELOW
  }

  /// One threshold.
  public record Step(Severity severity, double threshold) {}

  public Rule {
    steps = List.copyOf(steps);
    next = List.copyOf(next);
    if (steps.isEmpty() || hysteresis < 0 || hold.isNegative() || clearAfter.isNegative()) {
      throw new IllegalArgumentException(
          "rule %s needs at least one step, and no negative hysteresis or duration"
              .formatted(name));
    }
    for (var i = 1; i < steps.size(); i++) {
      var grows = steps.get(i).threshold() > steps.get(i - 1).threshold();
      if (grows != (direction == Direction.ABOVE)
          || steps.get(i).severity().compareTo(steps.get(i - 1).severity()) < 0) {
        throw new IllegalArgumentException(
            "the steps of rule %s must go from mild to grave".formatted(name));
      }
    }
  }

  /// The same rule with other thresholds.
  public Rule withSteps(List<Step> others) {
    return new Rule(
        name,
        measure,
        direction,
        others,
        hysteresis,
        quantity,
        hold,
        clearAfter,
        title,
        meaning,
        next);
  }

  /// The same rule that believes after another time.
  public Rule withHold(Duration other) {
    return new Rule(
        name,
        measure,
        direction,
        steps,
        hysteresis,
        quantity,
        other,
        clearAfter,
        title,
        meaning,
        next);
  }

  /// The index of the gravest step that `value` has reached, or -1. The steps up to `level`, which
  /// are reached already, are only left by more than the hysteresis. Not-a-number reaches none.
  int reached(double value, int level) {
    for (var i = steps.size() - 1; i >= 0; i--) {
      var margin = i <= level ? hysteresis : 0;
      var threshold = steps.get(i).threshold();
      var over =
          switch (direction) {
            case ABOVE -> value >= threshold - margin;
            case BELOW -> value < threshold + margin;
          };
      if (over) {
        return i;
      }
    }
    return -1;
  }

  Severity severity(int level) {
    return steps.get(Math.clamp(level, 0, steps.size() - 1)).severity();
  }
}
