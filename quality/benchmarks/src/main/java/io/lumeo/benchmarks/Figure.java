package io.lumeo.benchmarks;

/// One line of the report.
///
/// @param what what was measured
/// @param measured in words: `123,456/s beside 98,765/s`
/// @param value the number that the target is about, a ratio or a quantity
/// @param unit printed after it: `×`, ` ms`, ` MiB`
/// @param target what was aimed at
record Figure(String what, String measured, double value, String unit, Target target) {

  /// What a figure should be.
  sealed interface Target {
    record AtLeast(double value) implements Target {}

    record AtMost(double value) implements Target {}

    /// Shown for comparison.
    record None() implements Target {}

    default boolean isReachedBy(double figure) {
      return switch (this) {
        case AtLeast(double least) -> figure >= least;
        case AtMost(double most) -> figure <= most;
        case None() -> true;
      };
    }

    default String words(String unit) {
      return switch (this) {
        case AtLeast(double least) -> "≥ " + plain(least) + unit;
        case AtMost(double most) -> "≤ " + plain(most) + unit;
        case None() -> "";
      };
    }
  }

  boolean reached() {
    return target.isReachedBy(value);
  }

  /// A row of the report's table.
  String row() {
    return "| %s | %s | %s | %s | %s |"
        .formatted(what, measured, quantity(), target.words(unit), verdict());
  }

  /// The number with its unit.
  String quantity() {
    return plain(value) + unit;
  }

  private String verdict() {
    return switch (target) {
      case Target.None() -> "";
      case Target.AtLeast _, Target.AtMost _ -> reached() ? "reached" : "**missed**";
    };
  }

  private static String plain(double value) {
    return value >= 100 ? "%,.0f".formatted(value) : "%.2f".formatted(value);
  }
}
