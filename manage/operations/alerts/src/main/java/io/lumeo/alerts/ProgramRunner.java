package io.lumeo.alerts;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Runs a program of this machine, never a shell.
public interface ProgramRunner {

  /// How it ended.
  ///
  /// @param exit its exit status
  /// @param stderr what it complained of, possibly cut
  record Ending(int exit, String stderr) {}

  /// Runs `arguments` with `input` on its standard input.
  ///
  /// @throws IOException if it cannot be started or does not end within `deadline`; it is then
  ///   killed
  Ending run(List<String> arguments, byte[] input, Duration deadline) throws IOException;
}
