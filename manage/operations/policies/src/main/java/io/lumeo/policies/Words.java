package io.lumeo.policies;

import java.time.Duration;
import java.util.Locale;

/// Figures as people read them.
final class Words {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Words() {}

  /// `1536` → `1.5 KiB`.
  static String bytes(long bytes) {
    var unit = 0;
    var value = (double) bytes;
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

  /// `26 h 10 min` → `1 d 2 h`: the two largest units that are not zero.
  static String duration(Duration duration) {
    var seconds = duration.abs().toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return pair(seconds / 60, "min", seconds % 60, "s");
    }
    if (seconds < 86_400) {
      return pair(seconds / 3600, "h", seconds % 3600 / 60, "min");
    }
    return pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
  }

  private static String pair(long large, String largeUnit, long small, String smallUnit) {
    var first = large + " " + largeUnit;
    return small == 0 ? first : first + " " + small + " " + smallUnit;
  }
}
