package io.lumeo.policies;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/// A schedule that is asked minute by minute, from the same random choices that its text was
/// written from. It knows nothing of the parser and steps over nothing.
record NaiveCron(
    String text,
    TreeSet<Integer> minutes,
    TreeSet<Integer> hours,
    TreeSet<Integer> daysOfMonth,
    boolean lastDay,
    TreeSet<Integer> months,
    TreeSet<Integer> daysOfWeek,
    boolean interval,
    boolean bothDays) {

  /// A random expression, dense enough for its instants to lie near any change of clocks.
  static NaiveCron random(Random random) {
    var minute = Part.random(random, 0, 59, 59, 2);
    var hour = random.nextInt(3) == 0 ? Part.star(0, 23) : Part.random(random, 0, 23, 23, 3);
    var anyDay = random.nextInt(4) > 0;
    var day = anyDay ? Part.star(1, 31) : Part.random(random, 1, 28, 31, 3);
    var last = !day.open() && random.nextBoolean();
    var month = random.nextInt(3) > 0 ? Part.star(1, 12) : Part.random(random, 1, 12, 12, 3);
    var week = random.nextInt(3) > 0 ? Part.star(0, 6) : Part.random(random, 0, 6, 6, 2);
    var text =
        String.join(
            " ",
            minute.text(),
            hour.text(),
            day.text() + (last ? ",L" : ""),
            month.text(),
            week.text());
    return new NaiveCron(
        text,
        minute.values(),
        hour.values(),
        day.values(),
        last,
        month.values(),
        week.values(),
        minute.open() || hour.open(),
        day.open() || week.open());
  }

  private record Part(String text, TreeSet<Integer> values, boolean open) {

    static Part star(int low, int high) {
      return new Part("*", steps(low, high, 1), true);
    }

    /// @param high the most that is chosen outright
    /// @param end what a star ends at
    static Part random(Random random, int low, int high, int end, int most) {
      if (random.nextInt(4) == 0) {
        var step = 2 + random.nextInt((high - low) / 2);
        return new Part("*/" + step, steps(low, end, step), true);
      }
      var values = new TreeSet<Integer>();
      var texts = new ArrayList<String>();
      for (var i = 1 + random.nextInt(most); i > 0; i--) {
        var from = low + random.nextInt(high - low);
        var to = from + 1 + random.nextInt(high - from);
        if (random.nextBoolean()) {
          values.add(from);
          texts.add(String.valueOf(from));
        } else if (random.nextBoolean()) {
          values.addAll(steps(from, to, 1));
          texts.add(from + "-" + to);
        } else {
          var step = 1 + random.nextInt(to - from);
          values.addAll(steps(from, to, step));
          texts.add(from + "-" + to + "/" + step);
        }
      }
      return new Part(String.join(",", texts), values, false);
    }

    private static TreeSet<Integer> steps(int low, int high, int step) {
      var values = new TreeSet<Integer>();
      for (var value = low; value <= high; value += step) {
        values.add(value);
      }
      return values;
    }
  }

  /// The scheduled instants from `begin` on and before `end`, both on the minute.
  List<Instant> between(Instant begin, Instant end, ZoneId zone) {
    var found = new TreeSet<Instant>();
    for (var instant = begin; instant.isBefore(end); instant = instant.plusSeconds(60)) {
      var local = LocalDateTime.ofInstant(instant, zone);
      var before = LocalDateTime.ofInstant(instant.minusSeconds(60), zone);
      for (var skipped = before.plusMinutes(1);
          skipped.isBefore(local);
          skipped = skipped.plusMinutes(1)) {
        if (matches(skipped)) {
          found.add(instant);
        }
      }
      if (matches(local) && (interval || isFirst(local, instant, zone))) {
        found.add(instant);
      }
    }
    return List.copyOf(found);
  }

  /// Whether this is the first time that the clocks show `local`.
  private static boolean isFirst(LocalDateTime local, Instant instant, ZoneId zone) {
    return ZonedDateTime.of(local, zone).withEarlierOffsetAtOverlap().toInstant().equals(instant);
  }

  private boolean matches(LocalDateTime time) {
    var month = time.toLocalDate();
    var byMonth =
        daysOfMonth.contains(time.getDayOfMonth())
            || (lastDay && month.plusDays(1).getDayOfMonth() == 1);
    var byWeek = daysOfWeek.contains(time.getDayOfWeek().getValue() % 7);
    return minutes.contains(time.getMinute())
        && hours.contains(time.getHour())
        && months.contains(time.getMonthValue())
        && (bothDays ? byMonth && byWeek : byMonth || byWeek);
  }
}
