package io.lumeo.commands;

import java.time.Duration;

/// How a command ended.
///
/// @param exit its status, 0 to 255; 128 + n when signal n ended it
/// @param stdout what it wrote, as UTF-8; malformed bytes are U+FFFD
/// @param stderr the same of its errors
/// @param duration from before it was started until its end was seen
/// @param truncated whether one of the outputs was longer than allowed and is cut
public record CommandResult(
    int exit, String stdout, String stderr, Duration duration, boolean truncated) {

  /// Whether it ended with status 0.
  public boolean succeeded() {
    return exit == 0;
  }

  /// What it complained of in one line, for messages: the last line of its errors that says
  /// something, of its output if there is none.
  public String complaint() {
    var line = lastLine(stderr);
    return line.isEmpty() ? lastLine(stdout) : line;
  }

  private static String lastLine(String text) {
    return text.lines().map(String::strip).filter(l -> !l.isEmpty()).reduce("", (a, b) -> b);
  }
}
