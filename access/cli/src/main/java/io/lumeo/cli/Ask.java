package io.lumeo.cli;

import picocli.CommandLine.Option;

/// The options of a command that prints something.
class Ask extends Where {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "How to print: ${COMPLETION-CANDIDATES} (default: table).",
      defaultValue = "table")
  OutputFormat output = OutputFormat.TABLE;
}
