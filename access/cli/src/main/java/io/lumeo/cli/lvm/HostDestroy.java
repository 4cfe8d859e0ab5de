package io.lumeo.cli.lvm;

import picocli.CommandLine.Option;

/// The options of a command that destroys something on a host.
class HostDestroy extends HostChange {
  @Option(
      names = {"-y", "--yes"},
      description = "Do it without asking.")
  boolean yes;
}
