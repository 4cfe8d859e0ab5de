package io.lumeo.alerts;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

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
/// @param exceptions the steps of single things, by all of their labels, in place of `steps`
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
    List<String> next,
    Map<SortedMap<String, String>, List<Step>> exceptions) {

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
    exceptions = Map.copyOf(exceptions);
    if (hysteresis < 0 || hold.isNegative() || clearAfter.isNegative()) {
      throw new IllegalArgumentException(
          "rule %s cannot have a negative hysteresis or duration".formatted(name));
    }
    requireOrder(name, direction, steps);
    for (var own : exceptions.values()) {
      requireOrder(name, direction, own);
    }
  }

  private static void requireOrder(String name, Direction direction, List<Step> steps) {
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("rule %s needs at least one step".formatted(name));
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

  /// A rule without exceptions.
  public Rule(
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
    this(
        name,
        measure,
        direction,
        steps,
        hysteresis,
        quantity,
        hold,
        clearAfter,
        title,
        meaning,
        next,
        Map.of());
  }

  /// The same rule with other thresholds.
  public Rule withSteps(List<Step> others) {
    return with(others, hold, exceptions);
  }

  /// The same rule that believes after another time.
  public Rule withHold(Duration other) {
    return with(steps, other, exceptions);
  }

  /// The same rule with other thresholds for single things.
  public Rule withExceptions(Map<SortedMap<String, String>, List<Step>> others) {
    return with(steps, hold, others);
  }

  private Rule with(
      List<Step> newSteps,
      Duration newHold,
      Map<SortedMap<String, String>, List<Step>> newExceptions) {
    return new Rule(
        name,
        measure,
        direction,
        newSteps,
        hysteresis,
        quantity,
        newHold,
        clearAfter,
        title,
        meaning,
        next,
        newExceptions);
  }

  /// The steps that hold for the thing with these labels.
  public List<Step> stepsOf(SortedMap<String, String> labels) {
    return exceptions.isEmpty() ? steps : exceptions.getOrDefault(labels, steps);
  }

  /// The index of the gravest step that `value` of a thing has reached, or -1. The steps up to
  /// `level`, which are reached already, are only left by more than the hysteresis. Not-a-number
  /// reaches none.
  int reached(SortedMap<String, String> labels, double value, int level) {
    var own = stepsOf(labels);
    for (var i = own.size() - 1; i >= 0; i--) {
      var margin = i <= level ? hysteresis : 0;
      var threshold = own.get(i).threshold();
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

  Severity severity(SortedMap<String, String> labels, int level) {
    var own = stepsOf(labels);
    return own.get(Math.clamp(level, 0, own.size() - 1)).severity();
  }
}
