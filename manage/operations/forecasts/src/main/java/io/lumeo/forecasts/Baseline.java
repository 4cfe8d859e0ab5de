package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What is usual for a series at an hour of the week: Monday at nine is not Sunday at four. Where
/// an hour of the week was seen too seldom, the same hour of all days speaks for it, and else all
/// hours. A value, safe for use by several threads.
public final class Baseline {
  private static final Duration LEAST_HISTORY = Duration.ofDays(14);
  private static final int FEWEST_OF_AN_HOUR = 6;

  /// What is usual at some moment.
  ///
  /// @param median half of what was seen was below
  /// @param deviation how far off it usually is: 1.4826 times the median absolute deviation
  /// @param samples how many it was learnt from
  public record Usual(double median, double deviation, int samples) {}

  private final ZoneId zone;
  private final Map<Integer, Usual> byHourOfWeek;
  private final Map<Integer, Usual> byHourOfDay;
  private final @Nullable Usual always;

  private Baseline(
      ZoneId zone,
      Map<Integer, Usual> byHourOfWeek,
      Map<Integer, Usual> byHourOfDay,
      @Nullable Usual always) {
    this.zone = zone;
    this.byHourOfWeek = byHourOfWeek;
    this.byHourOfDay = byHourOfDay;
    this.always = always;
  }

  /// Learns from what was measured. With less than two weeks of it nothing is called usual.
  ///
  /// @param zone whose hours people work by
  public static Baseline learn(List<Sample> samples, ZoneId zone) {
    if (span(samples).compareTo(LEAST_HISTORY) < 0) {
      return new Baseline(zone, Map.of(), Map.of(), null);
    }
    return new Baseline(
        zone,
        usual(samples, zone, Baseline::hourOfWeek),
        usual(samples, zone, ZonedDateTime::getHour),
        usual(samples.stream().map(Sample::value).toList()));
  }

  private static Duration span(List<Sample> samples) {
    var first = samples.stream().map(Sample::at).min(Instant::compareTo);
    var last = samples.stream().map(Sample::at).max(Instant::compareTo);
    return first.isEmpty() || last.isEmpty()
        ? Duration.ZERO
        : Duration.between(first.get(), last.get());
  }

  private static Map<Integer, Usual> usual(
      List<Sample> samples, ZoneId zone, Function<ZonedDateTime, Integer> hour) {
    var values = new HashMap<Integer, List<Double>>();
    for (var sample : samples) {
      values
          .computeIfAbsent(hour.apply(sample.at().atZone(zone)), any -> new ArrayList<>())
          .add(sample.value());
    }
    var usual = new HashMap<Integer, Usual>();
    values.forEach((key, seen) -> {
      if (seen.size() >= FEWEST_OF_AN_HOUR) {
        usual.put(key, usual(seen));
      }
    });
    return usual;
  }

  private static Usual usual(List<Double> seen) {
    var values = seen.stream().mapToDouble(Double::doubleValue).toArray();
    return new Usual(Statistics.median(values), Statistics.deviation(values), values.length);
  }

  private static int hourOfWeek(ZonedDateTime at) {
    return at.getDayOfWeek().getValue() * 24 + at.getHour();
  }

  /// What is usual at `at`, or null when too little was seen to say.
  public @Nullable Usual at(Instant at) {
    var local = at.atZone(zone);
    var week = byHourOfWeek.get(hourOfWeek(local));
    if (week != null) {
      return week;
    }
    var day = byHourOfDay.get(local.getHour());
    return day != null ? day : always;
  }
}
