package io.lumeo.cli.operations;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of a command that goes through the hosts of a configuration.
class HostChoice extends ConfigurationOptions {
  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Only this host of the configuration (default: all).")
  @Nullable String host;

  @Option(names = "--sudo", description = "Run the hosts' commands through 'sudo -n'.")
  boolean sudo;
}
