package io.lumeo.policies;

import java.util.List;
import java.util.Locale;

/// One of the five fields of a cron expression.
enum CronField {
  MINUTE("minute", 0, 59, ""),
  HOUR("hour", 0, 23, ""),
  DAY_OF_MONTH("day of the month", 1, 31, ""),
  MONTH("month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
  /// Sunday is 0 and 7.
  DAY_OF_WEEK("day of the week", 0, 7, "SUN MON TUE WED THU FRI SAT");

  final String title;
  final int minimum;
  final int maximum;

  /// The names of the values from [#minimum] on, of three letters each; may be empty.
  private final String names;

  CronField(String title, int minimum, int maximum, String names) {
    this.title = title;
    this.minimum = minimum;
    this.maximum = maximum;
    this.names = names;
  }

  /// What `*` ends at: Sunday is counted once.
  int last() {
    return this == DAY_OF_WEEK ? 6 : maximum;
  }

  /// What `H` ends at: a day that every month has.
  int lastForHash() {
    return this == DAY_OF_MONTH ? 28 : last();
  }

  /// The title with its article.
  String one() {
    return (this == HOUR ? "an " : "a ") + title;
  }

  boolean isDay() {
    return this == DAY_OF_MONTH || this == DAY_OF_WEEK;
  }

  /// The value of a name in any case, or -1 when there is none of that name.
  int named(String name) {
    var index = List.of(names.split(" ")).indexOf(name.toUpperCase(Locale.ROOT));
    return index < 0 ? -1 : index + minimum;
  }

  /// What may be written, for messages.
  String allowed() {
    var numbers = minimum + " to " + maximum;
    return names.isEmpty()
        ? numbers
        : "%s or %s to %s"
            .formatted(numbers, names.substring(0, 3), names.substring(names.length() - 3));
  }
}
