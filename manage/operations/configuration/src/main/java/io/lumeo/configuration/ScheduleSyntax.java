package io.lumeo.configuration;

import java.util.Optional;

/// What a schedule may look like; those who evaluate schedules provide it.
@FunctionalInterface
public interface ScheduleSyntax {
  /// What is wrong with `text`, or empty if it is a schedule.
  Optional<Flaw> flaw(String text);

  /// What is wrong with a schedule.
  ///
  /// @param offset where in the text, in characters from 0
  /// @param message goes on after the text: `has no minute 61`
  record Flaw(int offset, String message) {}
}
