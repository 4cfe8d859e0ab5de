package io.lumeo.cli;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs commands as the shell would, in this process.
final class CommandLineFixture {
  private final Path directory;

  CommandLineFixture(Path directory) {
    this.directory = directory;
  }

  /// How a command ended.
  record Outcome(int exitCode, String out, String err) {}

  /// Runs a command on the pool of the directory.
  Outcome run(String... words) {
    return run(null, withDirectory(words));
  }

  /// Runs a command with a person at the terminal who gives this answer.
  Outcome answering(String answer, String... words) {
    return run(answer, withDirectory(words));
  }

  private String[] withDirectory(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--dir", directory.toString()));
    return all.toArray(String[]::new);
  }

  static Outcome run(@Nullable String answer, String[] words) {
    var out = new StringWriter();
    var err = new StringWriter();
    var console =
        new Console(
            new BufferedReader(new StringReader(answer == null ? "" : answer + "\n")),
            new PrintWriter(out),
            new PrintWriter(err),
            () -> answer != null,
            "lumeo");
    var exitCode = Lumeo.commandLine(new PoolConnector(), console, List.of(), words).execute(words);
    return new Outcome(exitCode, out.toString(), err.toString());
  }
}
