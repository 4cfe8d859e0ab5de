package io.lumeo.tuning;

import java.util.Locale;

/// Figures as people read them.
final class Words {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Words() {}

  /// `1536` → `1.5 KiB`.
  static String bytes(long bytes) {
    return bytes((double) bytes);
  }

  /// `1536` → `1.5 KiB`.
  static String bytes(double bytes) {
    double value = bytes;
    int unit = 0;
    while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return number(value) + " " + UNITS[unit];
  }

  static String number(double value) {
    var tenths = String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.1f", value);
    return tenths.endsWith(".0") ? tenths.substring(0, tenths.length() - 2) : tenths;
  }

  /// `2.35×`.
  static String times(double ratio) {
    return String.format(Locale.ROOT, "%.2f×", ratio);
  }

  /// A size of chunks as results and LVM name it: `64k`, `1m`.
  static String chunk(long bytes) {
    return bytes % (1 << 20) == 0 ? (bytes >> 20) + "m" : (bytes >> 10) + "k";
  }

  /// The other way round.
  static long chunkBytes(String chunk) {
    long number = Long.parseLong(chunk.substring(0, chunk.length() - 1));
    return chunk.endsWith("m") ? number << 20 : number << 10;
  }
}
