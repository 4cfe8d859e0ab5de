package io.lumeo.cli.operations;

import picocli.CommandLine.Option;

/// The options of a command that does on hosts what the agent does.
class HostWork extends HostChoice {
  @Option(
      names = {"-n", "--dry-run"},
      description = "Decide as for real, say what would be done, and do nothing.")
  boolean dryRun;
}
