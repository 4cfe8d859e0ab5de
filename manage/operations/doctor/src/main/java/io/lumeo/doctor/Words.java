package io.lumeo.doctor;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Figures and names as people read them and as commands take them.
final class Words {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final Pattern QUOTED_COMMAND = Pattern.compile("`([^`]+)`");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=+@%,-]+");

  private Words() {}

  /// `1536` → `1.5 KiB`.
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return number(value) + " " + UNITS[unit];
  }

  /// A ratio of 0 to 1 → `81.3 %`.
  static String percent(double ratio) {
    return number(ratio * 100) + " %";
  }

  private static String number(double value) {
    var tenths = String.format(Locale.ROOT, "%.1f", value);
    return tenths.endsWith(".0") ? tenths.substring(0, tenths.length() - 2) : tenths;
  }

  /// An age in whole days, or hours when it is less than two.
  static String age(Duration age) {
    return age.toDays() >= 2 ? age.toDays() + " days" : age.toHours() + " hours";
  }

  /// `1 volume`, `2 volumes`.
  static String count(long count, String what) {
    return count == 1 ? "1 " + what : count + " " + what + "s";
  }

  /// A size as LVM's `-L` takes it, in the largest unit that gives a whole number.
  static String option(long bytes) {
    for (int unit = 3; unit > 0; unit--) {
      long size = 1L << (10 * unit);
      if (bytes % size == 0) {
        return bytes / size + "KMG".substring(unit - 1, unit);
      }
    }
    return bytes + "B";
  }

  /// A word as it must be typed to be one word.
  static String word(String text) {
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  /// The device by which the kernel knows the thin pool `group/pool`.
  static String poolDevice(String fullName) {
    return device(fullName) + "-tpool";
  }

  /// The device by which the kernel knows `group/volume`: dashes in names are doubled there.
  static String device(String fullName) {
    return fullName.replace("-", "--").replace('/', '-');
  }

  /// The same text on one line and without characters that a terminal would obey.
  static String printable(String text) {
    return text.strip().replaceAll("\\p{Cntrl}", "?");
  }

  /// The commands that a sentence names in backticks.
  static List<String> commandsIn(String sentence) {
    return QUOTED_COMMAND.matcher(sentence).results().map(found -> found.group(1)).toList();
  }
}
