package io.lumeo.forecasts;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Where a series was changed by something that will not happen again: the steps are taken out by
/// moving all that was before them, so that the series still ends where it is now.
final class ChangePoints {
  /// Steps of one kind that happen this often in what is looked at will go on happening.
  private static final int PATTERN = 3;

  /// How many usual deviations a change must be from the usual change to be a leap.
  private static final double LEAP = 12;

  /// A leap is larger than this many times the largest change that is none.
  private static final double BEYOND_OTHERS = 3;

  /// The fewest values that are worth more than a longer history under other rules.
  private static final int FEWEST_VALUES = 12;

  /// A series without its steps, and what they were, oldest first.
  record Cleaned(EvenSeries series, List<Adjustment> adjustments) {}

  private ChangePoints() {}

  static Cleaned clean(EvenSeries series, List<Event> events) {
    var adjustments = new ArrayList<Adjustment>();
    var current = cutAtNewRules(series, events, adjustments);
    var steps = knownSteps(current, events);
    for (var leap : leaps(current, steps)) {
      steps.put(leap, new Event(current.at(leap), Event.Kind.UNEXPLAINED));
    }
    return subtract(current, steps, adjustments);
  }

  private static EvenSeries cutAtNewRules(
      EvenSeries series, List<Event> events, List<Adjustment> adjustments) {
    var last =
        events.stream()
            .filter(event -> event.kind() == Event.Kind.NEW_RULES)
            .filter(event -> !event.at().isAfter(series.at(series.count() - FEWEST_VALUES)))
            .filter(event -> event.at().isAfter(series.at(0)))
            .reduce((one, other) -> other.at().isAfter(one.at()) ? other : one);
    if (last.isEmpty()) {
      return series;
    }
    adjustments.add(new Adjustment(last.get(), 0));
    var first = indexAfter(series, last.get().at());
    return series.withValues(Arrays.copyOfRange(series.values(), first, series.count()));
  }

  /// The index of the first value after each event that does not keep happening.
  private static SortedMap<Integer, Event> knownSteps(EvenSeries series, List<Event> events) {
    var counts = new EnumMap<Event.Kind, Integer>(Event.Kind.class);
    var steps = new TreeMap<Integer, Event>();
    for (var event : events) {
      if (isStep(event) && isInside(series, event.at())) {
        counts.merge(event.kind(), 1, Integer::sum);
      }
    }
    for (var event : events) {
      if (isStep(event)
          && counts.getOrDefault(event.kind(), PATTERN) < PATTERN
          && isInside(series, event.at())) {
        steps.put(indexAfter(series, event.at()), event);
      }
    }
    return steps;
  }

  private static boolean isStep(Event event) {
    return event.kind() != Event.Kind.NEW_RULES;
  }

  private static boolean isInside(EvenSeries series, Instant at) {
    return at.isAfter(series.at(0)) && !at.isAfter(series.end());
  }

  private static int indexAfter(EvenSeries series, Instant at) {
    for (var i = 0; i < series.count(); i++) {
      if (!series.at(i).isBefore(at)) {
        return i;
      }
    }
    return series.count() - 1;
  }

  /// Changes far beyond all others, if they are few; where there are many, they are the pattern.
  private static List<Integer> leaps(EvenSeries series, Map<Integer, Event> known) {
    var changes = Statistics.differences(series.values());
    if (changes.length < FEWEST_VALUES) {
      return List.of();
    }
    var usual = Statistics.median(changes);
    var threshold = LEAP * Statistics.deviation(changes);
    var leaps = new ArrayList<Integer>();
    var largestOther = 0.0;
    for (var i = 0; i < changes.length; i++) {
      var beyond = Math.abs(changes[i] - usual);
      if (beyond > threshold && !known.containsKey(i + 1)) {
        leaps.add(i + 1);
      } else if (!known.containsKey(i + 1)) {
        largestOther = Math.max(largestOther, beyond);
      }
    }
    if (leaps.size() >= PATTERN) {
      return List.of();
    }
    var least = BEYOND_OTHERS * largestOther;
    return leaps.stream().filter(leap -> Math.abs(changes[leap - 1] - usual) > least).toList();
  }

  private static Cleaned subtract(
      EvenSeries series, SortedMap<Integer, Event> steps, List<Adjustment> adjustments) {
    var values = series.values();
    var usual = Statistics.median(Statistics.differences(values));
    for (var step : steps.entrySet()) {
      var index = step.getKey();
      var leap = values[index] - values[index - 1] - usual;
      for (var i = 0; i < index; i++) {
        values[i] += leap;
      }
      adjustments.add(new Adjustment(step.getValue(), leap));
    }
    return new Cleaned(series.withValues(values), List.copyOf(adjustments));
  }
}
