package io.lumeo.storage;

import java.util.Locale;

/// How plans and refusals speak of sizes and of names that come from outside.
public final class Words {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final int LONGEST = 80;

  private Words() {}

  /// A size in the largest binary unit that leaves at least 1: `1.5 GiB`.
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    var text = String.format(Locale.ROOT, "%.2f", value);
    while (text.endsWith("0")) {
      text = text.substring(0, text.length() - 1);
    }
    return (text.endsWith(".") ? text.substring(0, text.length() - 1) : text) + " " + UNITS[unit];
  }

  /// The same text on one line, short, and without characters that a terminal would obey.
  public static String printable(String text) {
    var clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "…";
  }
}
