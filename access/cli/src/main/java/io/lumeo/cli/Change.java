package io.lumeo.cli;

import picocli.CommandLine.Option;

/// The options of a command that changes something.
class Change extends Ask {
  @Option(
      names = {"-n", "--dry-run"},
      description = "Say what would be done, and do nothing.")
  boolean dryRun;
}
