package io.lumeo.cli.operations;

import io.lumeo.agent.HostSetup;
import io.lumeo.block.StorageException;
import io.lumeo.cli.Console;
import io.lumeo.cli.Printer;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the commands about operations have in common: the configuration, the state, the console.
record OperationsSession(Surroundings surroundings, Console console) {
  static final String STATE_FILE = "state.db";

  Printer printer(ConfigurationOptions options) {
    return new Printer(console.out(), options.output);
  }

  ConfigurationFile file(ConfigurationOptions options) {
    return ConfigurationFile.of(options.configuration, surroundings);
  }

  /// The configuration, which has to be there.
  Configuration configuration(ConfigurationOptions options) throws IOException {
    return file(options).read();
  }

  /// Where operations of this configuration remember.
  static Path stateFile(Configuration configuration) {
    return configuration.state().resolve(STATE_FILE);
  }

  /// The state beside the agent, if somebody has written what a component keeps there.
  ///
  /// @param component as the state file calls it: `runs`
  static Optional<Database> stateOf(Configuration configuration, String component)
      throws StateException {
    var file = stateFile(configuration);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    var database = Database.openToRead(file);
    if (database.knows(component)) {
      return Optional.of(database);
    }
    database.close();
    return Optional.empty();
  }

  /// The hosts of a configuration that are wanted: one, or all.
  ///
  /// @throws StorageException.NotFound if there is none of that name
  static List<HostSettings> hosts(Configuration configuration, @Nullable String wanted)
      throws StorageException {
    var hosts =
        configuration.hosts().stream()
            .filter(host -> wanted == null || host.name().equals(wanted))
            .toList();
    if (hosts.isEmpty() && wanted != null) {
      throw new StorageException.NotFound(
          "the configuration has no host '%s'; it has %s"
              .formatted(
                  wanted,
                  configuration.hosts().stream()
                      .map(HostSettings::name)
                      .collect(Collectors.joining(", "))));
    }
    return hosts;
  }

  /// A host of the configuration.
  HostSetup setup(Configuration configuration, HostSettings host, boolean sudo)
      throws StorageFailure {
    return new ConfiguredHosts(surroundings).setup(host, configuration.state(), sudo);
  }

  /// Something done for one host after the other.
  @FunctionalInterface
  interface PerHost {
    List<RunLine> with(HostSetup host) throws StorageFailure, IOException, InterruptedException;
  }

  /// Does it for each of the wanted hosts. A host that cannot be looked at keeps no other from its
  /// turn.
  ///
  /// @return the exit code
  int forEach(HostChoice options, Configuration configuration, PerHost work)
      throws IOException, InterruptedException {
    var lines = new ArrayList<RunLine>();
    for (var settings : hosts(configuration, options.host)) {
      try {
        lines.addAll(work.with(setup(configuration, settings, options.sudo)));
      } catch (StorageFailure failure) {
        lines.add(
            new RunLine(
                settings.name(), "", "failed", String.valueOf(failure.getMessage()), List.of()));
      }
    }
    printer(options).list(lines, RunLine.COLUMNS);
    return RunLine.exitCode(lines);
  }

  /// Who gives the command, as the record calls people: `uid:0`.
  String actor() throws IOException {
    return surroundings.actor();
  }

  /// Who gives the command, by name.
  String author() {
    return surroundings.author();
  }
}
