package io.lumeo.benchmarks;

/// What the person who waits for the figures sees meanwhile.
final class Console {
  private Console() {}

  static void say(String line) {
    System.out.println(line);
  }

  /// Says a figure that has just been measured, and hands it on.
  static Figure told(Figure figure) {
    say("%-64s %s: %s".formatted(figure.what(), figure.measured(), figure.quantity()));
    return figure;
  }
}
