package io.lumeo.policies;

import java.time.Month;
import java.util.Map;
import java.util.TreeMap;

/// Reads a cron expression from left to right and stops at the first mistake.
final class CronParser {
  private static final Map<String, String> NICKNAMES =
      new TreeMap<>(
          Map.of(
              "@hourly", "0 * * * *",
              "@daily", "0 0 * * *",
              "@midnight", "0 0 * * *",
              "@weekly", "0 0 * * 0",
              "@monthly", "0 0 1 * *",
              "@yearly", "0 0 1 1 *",
              "@annually", "0 0 1 1 *"));

  private final String expression;
  private final String text;
  private final String id;
  private int at;

  private CronParser(String expression, String text, String id) {
    this.expression = expression;
    this.text = text;
    this.id = id;
  }

  /// @param id what `H` is drawn from
  static CronSchedule parse(String expression, String id) {
    return new CronParser(expression, expression, id).schedule();
  }

  private CronSchedule schedule() {
    skipSpaces();
    if (peek() == '@') {
      return nickname();
    }
    var minutes = field(CronField.MINUTE);
    var hours = field(CronField.HOUR);
    skipSpaces();
    var dayColumn = at;
    var daysOfMonth = field(CronField.DAY_OF_MONTH);
    var months = field(CronField.MONTH);
    var daysOfWeek = field(CronField.DAY_OF_WEEK);
    skipSpaces();
    if (at < text.length()) {
      throw wrong(at, "there is more after the fifth field; seconds and years cannot be given");
    }
    requireADate(daysOfMonth, months, dayColumn);
    return new CronSchedule(expression, minutes, hours, daysOfMonth, months, daysOfWeek);
  }

  private CronSchedule nickname() {
    var start = at;
    var name = text.substring(start).strip();
    var meaning = NICKNAMES.get(name);
    if (meaning == null) {
      throw wrong(
          start, "%s is not known; use %s".formatted(name, String.join(", ", NICKNAMES.keySet())));
    }
    return new CronParser(expression, meaning, id).schedule();
  }

  private CronSet field(CronField field) {
    skipSpaces();
    if (at == text.length()) {
      throw wrong(
          at,
          "the %s is missing; write minute, hour, day of the month, month and day of the week"
              .formatted(field.title));
    }
    var open = peek() == '*' || peek() == '?' || text.startsWith("H/", at);
    var last = false;
    var bits = 0L;
    do {
      if (field == CronField.DAY_OF_MONTH && isWord("L")) {
        at++;
        last = true;
      } else {
        bits |= item(field);
      }
    } while (take(','));
    if (at < text.length() && !Character.isWhitespace(peek())) {
      throw wrong(at, "\"%c\" does not belong in the %s".formatted(text.charAt(at), field.title));
    }
    return new CronSet(sundayOnce(field, bits), open, last);
  }

  private static long sundayOnce(CronField field, long bits) {
    return field == CronField.DAY_OF_WEEK ? (bits | bits >>> 7) & 0x7f : bits;
  }

  /// One item of a list, as bits: `*`, `5`, `5-9`, `H`, `H(5-9)`, each but a plain value with a
  /// step if wanted; `5/15` counts from 5 to the end.
  private long item(CronField field) {
    var start = at;
    if (take('*') || (field.isDay() && take('?'))) {
      return every(field.minimum, field.last(), step(field.minimum, field.last(), 1), 0);
    }
    if (isWord("H")) {
      at++;
      return hashed(field);
    }
    var low = value(field, false);
    if (take('-')) {
      var high = value(field, true);
      requireOrder(low, high, start);
      return every(low, high, step(low, high, 1), 0);
    }
    if (peek() == '/') {
      return every(low, field.last(), step(low, field.last(), 1), 0);
    }
    return 1L << low;
  }

  private long hashed(CronField field) {
    var low = field.minimum;
    var high = field.lastForHash();
    if (take('(')) {
      var start = at;
      low = value(field, false);
      require('-', "a range such as H(0-29) needs its end");
      high = value(field, true);
      requireOrder(low, high, start);
      require(')', "the range of H is not closed");
    }
    var one = high - low + 1;
    var step = step(low, high, one);
    return every(low, high, step, (int) StableHash.below(field + " " + id, Math.min(step, one)));
  }

  private static long every(int low, int high, int step, int offset) {
    var bits = 0L;
    for (var value = low + offset; value <= high; value += step) {
      bits |= 1L << value;
    }
    return bits;
  }

  /// The step that is written here, or `otherwise`.
  private int step(int low, int high, int otherwise) {
    if (!take('/')) {
      return otherwise;
    }
    var start = at;
    var step = number("a step");
    if (step == 0) {
      throw wrong(start, "a step of 0 leads nowhere; use 1 or more");
    }
    if (step > high - low) {
      throw wrong(
          start,
          "a step of %d leaves one value of %d to %d; write that value".formatted(step, low, high));
    }
    return step;
  }

  /// @param end whether it ends a range, where Sunday comes after Saturday
  private int value(CronField field, boolean end) {
    var start = at;
    if (Character.isLetter(peek())) {
      while (Character.isLetter(peek())) {
        at++;
      }
      var name = text.substring(start, at);
      var value = field.named(name);
      if (value < 0) {
        throw wrong(start, "%s is not %s; use %s".formatted(name, field.one(), field.allowed()));
      }
      return end && field == CronField.DAY_OF_WEEK && value == 0 ? 7 : value;
    }
    var value = number(field.one());
    if (value < field.minimum || value > field.maximum) {
      throw wrong(start, "%d is not %s; use %s".formatted(value, field.one(), field.allowed()));
    }
    return value;
  }

  private int number(String what) {
    var start = at;
    var value = 0;
    while (peek() >= '0' && peek() <= '9' && at - start < 6) {
      value = value * 10 + (peek() - '0');
      at++;
    }
    if (at == start) {
      throw wrong(
          at,
          at == text.length()
              ? "%s is missing at the end".formatted(what)
              : "\"%c\" stands where %s should".formatted(text.charAt(at), what));
    }
    return value;
  }

  private void requireOrder(int low, int high, int start) {
    if (high < low) {
      throw wrong(
          start,
          "the range ends at %d, before it begins at %d; write two ranges".formatted(high, low));
    }
  }

  private void require(char expected, String problem) {
    if (!take(expected)) {
      throw wrong(at, "%s; \"%c\" is missing".formatted(problem, expected));
    }
  }

  /// A job for 31 February would wait for ever and nobody would know.
  private void requireADate(CronSet days, CronSet months, int column) {
    if (days.last()) {
      return;
    }
    for (var month : Month.values()) {
      if (months.has(month.getValue()) && days.first() <= month.maxLength()) {
        return;
      }
    }
    throw wrong(
        column,
        "no month that is allowed has a day %d, so it would never run; use L for the last day"
            .formatted(days.first()));
  }

  /// Whether this one letter stands here and is no part of a longer word.
  private boolean isWord(String letter) {
    return text.startsWith(letter, at)
        && (at + 1 == text.length() || !Character.isLetterOrDigit(text.charAt(at + 1)));
  }

  private boolean take(char expected) {
    if (peek() != expected) {
      return false;
    }
    at++;
    return true;
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void skipSpaces() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private CronSyntaxException wrong(int index, String problem) {
    return new CronSyntaxException(expression, index + 1, problem);
  }
}
