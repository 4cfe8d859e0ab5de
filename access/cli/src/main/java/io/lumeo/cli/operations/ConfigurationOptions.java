package io.lumeo.cli.operations;

import io.lumeo.cli.OutputFormat;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of a command about operations: by which configuration, and how to print.
class ConfigurationOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration (default: $LUMEO_CONFIG, else /etc/lumeo/lumeo.yaml).")
  @Nullable Path configuration;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "How to print: ${COMPLETION-CANDIDATES} (default: table).",
      defaultValue = "table")
  OutputFormat output = OutputFormat.TABLE;
}
