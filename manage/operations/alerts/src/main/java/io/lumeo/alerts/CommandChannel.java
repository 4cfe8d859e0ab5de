package io.lumeo.alerts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// Gives messages to a local program, as JSON on its standard input. Nothing of a message gets into
/// its arguments.
public final class CommandChannel implements Channel {
  private static final int COMPLAINT_LIMIT = 200;

  private final String name;
  private final List<String> arguments;
  private final Duration deadline;
  private final ProgramRunner runner;

  /// A channel to the program that `arguments` start with; by its full path, best.
  public CommandChannel(
      String name, List<String> arguments, Duration deadline, ProgramRunner runner) {
    this.name = name;
    this.arguments = List.copyOf(arguments);
    this.deadline = deadline;
    this.runner = runner;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void deliver(Message message) throws DeliveryFailure {
    var input = AlertJson.text(AlertJson.of(message)).getBytes(StandardCharsets.UTF_8);
    try {
      var ending = runner.run(arguments, input, deadline);
      if (ending.exit() != 0) {
        throw DeliveryFailure.passing(
            "%s ended with %d: %s"
                .formatted(arguments.getFirst(), ending.exit(), firstOf(ending.stderr())));
      }
    } catch (IOException e) {
      throw DeliveryFailure.passing(
          "%s could not be run: %s".formatted(arguments.getFirst(), e.getMessage()));
    }
  }

  private static String firstOf(String complaint) {
    var stripped = complaint.strip();
    return stripped.length() <= COMPLAINT_LIMIT
        ? stripped
        : stripped.substring(0, COMPLAINT_LIMIT) + "…";
  }
}
