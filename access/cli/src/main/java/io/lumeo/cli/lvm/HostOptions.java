package io.lumeo.cli.lvm;

import io.lumeo.cli.OutputFormat;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of a command about a host: which, and how to print.
public class HostOptions {
  /// Made by picocli, which then fills it.
  public HostOptions() {}

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "A host of the configuration, or any that your ssh reaches (default: this one).")
  private @Nullable String host;

  @Option(names = "--sudo", description = "Run the host's commands through 'sudo -n'.")
  private boolean sudo;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration that names the hosts (default: $LUMEO_CONFIG, else"
              + " /etc/lumeo/lumeo.yaml if it is there).")
  private @Nullable Path configuration;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Where plans and locks are kept (default: $LUMEO_STATE, else as the configuration says,"
              + " else /var/lib/lumeo).")
  private @Nullable Path state;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "How to print: ${COMPLETION-CANDIDATES} (default: table).",
      defaultValue = "table")
  private OutputFormat output = OutputFormat.TABLE;

  /// The host's name, or null for this one.
  public @Nullable String host() {
    return host;
  }

  public boolean sudo() {
    return sudo;
  }

  /// The configuration, or null for the usual one.
  public @Nullable Path configuration() {
    return configuration;
  }

  /// The state folder, or null for the usual one.
  public @Nullable Path state() {
    return state;
  }

  public OutputFormat output() {
    return output;
  }
}
