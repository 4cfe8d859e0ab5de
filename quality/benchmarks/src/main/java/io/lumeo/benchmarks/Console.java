package io.lumeo.benchmarks;

/// What the person who waits for the figures sees meanwhile.
final class Console {
  private Console() {}

  static void say(String line) {
    System.out.println(line);
  }
}
