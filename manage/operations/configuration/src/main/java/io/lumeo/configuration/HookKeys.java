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
          .checked(HookKeys::isAbsolute);

  private HookKeys() {}

  static Hook make(Values values) {
    return new Hook(values.get(COMMAND), values.get(DEADLINE));
  }

  /// What a bare name means depends on who starts the agent.
  static void isAbsolute(Values values, Reading reading) {
    values
        .find(COMMAND)
        .filter(command -> !command.getFirst().startsWith("/"))
        .ifPresent(command ->
            reading.mistake(
                values.place(COMMAND),
                Section.join(values.path(), "command[0]"),
                "'%s' is not an absolute path".formatted(Words.shown(command.getFirst()))));
  }
}
