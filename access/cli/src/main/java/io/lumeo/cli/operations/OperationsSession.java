package io.lumeo.cli.operations;

import io.lumeo.cli.Console;
import io.lumeo.cli.Printer;
import io.lumeo.configuration.Configuration;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the commands about operations have in common: the configuration, the state, the console.
record OperationsSession(Surroundings surroundings, Console console) {
  private static final String STATE_FILE = "state.db";

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

  /// The state beside the agent, if there is any yet.
  static Optional<Database> stateIfThere(Configuration configuration) throws StateException {
    var file = stateFile(configuration);
    return Files.exists(file) ? Optional.of(Database.openToRead(file)) : Optional.empty();
  }

  /// Who gives the command.
  String author() {
    return surroundings
        .environment()
        .apply("SUDO_USER")
        .or(() -> Optional.ofNullable(System.getProperty("user.name")))
        .orElse("unknown");
  }
}
