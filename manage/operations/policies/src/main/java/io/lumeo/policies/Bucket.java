package io.lumeo.policies;

import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;

/// A span of the calendar of which one snapshot is kept.
public enum Bucket {
  HOUR("hour", "hourly"),
  DAY("day", "daily"),
  /// An ISO week: it begins on Monday and belongs to the year of its Thursday.
  WEEK("week", "weekly"),
  MONTH("month", "monthly"),
  QUARTER("quarter", "quarterly"),
  YEAR("year", "yearly");

  private final String title;
  private final String adverb;

  Bucket(String title, String adverb) {
    this.title = title;
    this.adverb = adverb;
  }

  /// `weekly`.
  String adverb() {
    return adverb;
  }

  /// A number that two times have in common when they are in one bucket, and only then. The hour
  /// that comes twice when clocks are set back is two hours.
  long key(ZonedDateTime time) {
    var day = time.toLocalDate().toEpochDay();
    return switch (this) {
      case HOUR -> ((day * 24 + time.getHour()) << 18) + time.getOffset().getTotalSeconds();
      case DAY -> day;
      case WEEK -> Math.floorDiv(day + 3, 7); // day 0 was a Thursday
      case MONTH -> time.getYear() * 12L + time.getMonthValue();
      case QUARTER -> time.getYear() * 4L + time.get(IsoFields.QUARTER_OF_YEAR);
      case YEAR -> time.getYear();
    };
  }

  /// The bucket's name: `day 2026-03-29`, `week 2026-W13`, `hour 2026-10-25T02+01:00`.
  String label(ZonedDateTime time) {
    var name =
        switch (this) {
          case HOUR -> time.toLocalDate() + "T" + two(time.getHour()) + time.getOffset();
          case DAY -> time.toLocalDate().toString();
          case WEEK ->
              time.get(IsoFields.WEEK_BASED_YEAR)
                  + "-W"
                  + two(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
          case MONTH -> time.getYear() + "-" + two(time.getMonthValue());
          case QUARTER -> time.getYear() + "-Q" + time.get(IsoFields.QUARTER_OF_YEAR);
          case YEAR -> String.valueOf(time.getYear());
        };
    return title + " " + name;
  }

  private static String two(int number) {
    return number < 10 ? "0" + number : String.valueOf(number);
  }

  /// As it is written in a configuration: `hourly`.
  @Override
  public String toString() {
    return adverb;
  }
}
