package io.lumeo.alerts;

import java.util.Locale;

/// What a rule's value counts, and how people read it.
public enum Quantity {
  /// Something is so, or it is not.
  FLAG,
  COUNT,
  /// A share of 1, read as percent.
  RATIO,
  BYTES,
  SECONDS;

  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  /// The value as people read it: `91 %`, `1.5 GiB`, `6 d 3 h`.
  public String text(double value) {
    return switch (this) {
      case FLAG -> value == 0 ? "no" : "yes";
      case COUNT -> number(value);
      case RATIO -> number(Math.round(value * 1000) / 10.0) + " %";
      case BYTES -> bytes(value);
      case SECONDS -> duration(value);
    };
  }

  /// The same in the language of Prometheus' templates.
  String template() {
    return switch (this) {
      case FLAG, COUNT -> "{{ $value }}";
      case RATIO -> "{{ $value | humanizePercentage }}";
      case BYTES -> "{{ $value | humanize1024 }}B";
      case SECONDS -> "{{ $value | humanizeDuration }}";
    };
  }

  private static String bytes(double value) {
    var rest = value;
    var unit = 0;
    while (Math.abs(rest) >= 1024 && unit < BINARY.length - 1) {
      rest /= 1024;
      unit++;
    }
    return number(Math.round(rest * 10) / 10.0) + " " + BINARY[unit];
  }

  private static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "never";
    }
    if (Math.abs(seconds) < 1) {
      return number(Math.round(seconds * 10_000) / 10.0) + " ms";
    }
    var whole = Math.round(seconds);
    if (whole < 120) {
      return whole + " s";
    }
    if (whole < 2 * 3600) {
      return whole / 60 + " min";
    }
    if (whole < 48 * 3600) {
      return "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
    }
    return "%d d %d h".formatted(whole / 86_400, whole % 86_400 / 3600);
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
