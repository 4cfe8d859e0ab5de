package io.lumeo.cli.lvm;

import picocli.CommandLine.Option;

/// The options of a command that changes a host.
class HostChange extends HostOptions {
  @Option(
      names = {"-n", "--dry-run"},
      description = "Print the plan, command by command, and do nothing.")
  boolean dryRun;
}
