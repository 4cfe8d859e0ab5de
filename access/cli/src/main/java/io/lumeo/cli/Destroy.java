package io.lumeo.cli;

import picocli.CommandLine.Option;

/// The options of a command that destroys something.
class Destroy extends Change {
  @Option(
      names = {"-y", "--yes"},
      description = "Do it without asking.")
  boolean yes;
}
