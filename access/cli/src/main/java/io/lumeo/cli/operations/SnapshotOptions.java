package io.lumeo.cli.operations;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The options of a command about a snapshot on a host of the configuration.
class SnapshotOptions extends HostWork {
  @Parameters(index = "0", paramLabel = "SNAPSHOT", description = "GROUP/NAME, or its uuid.")
  String snapshot = "";

  /// One that asks before it destroys.
  static final class Destructive extends SnapshotOptions {
    @Option(
        names = {"-y", "--yes"},
        description = "Do it without asking.")
    boolean yes;
  }
}
