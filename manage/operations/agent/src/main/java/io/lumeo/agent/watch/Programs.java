package io.lumeo.agent.watch;

import io.lumeo.alerts.ProgramRunner;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// Runs the programs of command channels as all other commands are run.
record Programs(Commands commands) implements ProgramRunner {
  private static final int OUTPUT_LIMIT_BYTES = 64 << 10;

  @Override
  public Ending run(List<String> arguments, byte[] input, Duration deadline) throws IOException {
    try {
      var result =
          commands.run(
              Command.of(arguments)
                  .within(deadline)
                  .keeping(OUTPUT_LIMIT_BYTES)
                  .reading(new String(input, StandardCharsets.UTF_8)));
      return new Ending(result.exit(), result.stderr());
    } catch (CommandFailure e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("%s was interrupted".formatted(arguments.getFirst()), e);
    }
  }
}
