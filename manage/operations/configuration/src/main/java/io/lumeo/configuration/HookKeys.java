package io.lumeo.configuration;

import java.time.Duration;
import java.util.List;

/// A command with a deadline.
final class HookKeys {
  static final Key<List<String>> COMMAND =
      Key.required(
          "command",
          Listing.atLeastOne(Scalars.ARGUMENT),
          "the program, as an absolute path, and its arguments; there is no shell");
  static final Key<Duration> DEADLINE =
      Key.defaulting(
          "deadline",
          Scalars.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
          Duration.ofSeconds(30),
          "30s",
          "when it is ended");

  static final Section<Hook> SHAPE =
      Section.of(
              "hook",
              "A command that is run beside the real work",
              List.of(COMMAND, DEADLINE),
              HookKeys::make)
          .checked(HookKeys::isSafe);

  private HookKeys() {}

  static Hook make(Values values) {
    return new Hook(values.get(COMMAND), values.get(DEADLINE));
  }

  /// What a bare name means depends on who starts the agent, and arguments are seen by all.
  static void isSafe(Values values, Reading reading) {
    values.find(COMMAND).ifPresent(command -> isSafe(command, values, reading));
  }

  private static void isSafe(List<String> command, Values values, Reading reading) {
    if (!command.getFirst().startsWith("/")) {
      reading.mistake(
          values.place(COMMAND),
          Section.join(values.path(), "command[0]"),
          "'%s' is not an absolute path".formatted(Words.shown(command.getFirst())));
    }
    for (int i = 1; i < command.size(); i++) {
      if (Mask.holdsSecret(command.get(i))) {
        reading.mistake(
            values.place(COMMAND),
            Section.join(values.path(), "command[%d]".formatted(i)),
            "seems to hold a secret, and whoever lists the processes sees it; let the command read"
                + " it from a file");
      }
    }
  }
}
