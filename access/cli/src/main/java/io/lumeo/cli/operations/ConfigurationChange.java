package io.lumeo.cli.operations;

import picocli.CommandLine.Option;

/// The options of a command that changes what operations are told.
class ConfigurationChange extends ConfigurationOptions {
  @Option(
      names = {"-n", "--dry-run"},
      description = "Say what would be done, and do nothing.")
  boolean dryRun;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for the history.",
      defaultValue = "")
  String reason = "";
}
