package io.lumeo.cli.operations;

import io.lumeo.block.StorageException;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ConfigurationHistory;
import io.lumeo.configuration.ConfigurationHistory.Version;
import io.lumeo.configuration.ConfigurationSource;
import io.lumeo.configuration.Mistake;
import io.lumeo.configuration.ReadResult;
import io.lumeo.configuration.SourceText;
import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// Puts configurations in force: by telling the running agent, or in the history where none runs.
record InForce(OperationsSession session, ConfigurationFile file) {

  /// What these files say, if they are right.
  ///
  /// @throws StorageException.InvalidArgument if they are not
  Configuration valid(List<SourceText> sources) throws StorageException {
    return switch (ConfigurationFile.reader().read(sources)) {
      case ReadResult.Valid(var configuration) -> configuration;
      case ReadResult.Refused(var mistakes) -> throw refused(file.path(), mistakes);
    };
  }

  static StorageException.InvalidArgument refused(Path file, List<Mistake> mistakes) {
    return new StorageException.InvalidArgument(
        mistakes.size() == 1
            ? "%s is refused: %s".formatted(file, mistakes.getFirst())
            : "%s is refused for %d mistakes; the first is %s"
                .formatted(file, mistakes.size(), mistakes.getFirst()));
  }

  /// Puts the files in force as they are.
  Version apply(String reason) throws IOException {
    var sources = file.folder().read();
    var configuration = valid(sources);
    var id = agent(configuration).id();
    return id.isPresent()
        ? told(id.getAsLong(), configuration, sources)
        : applied(configuration, source -> source.reload(session.author(), reason));
  }

  /// Writes other files, and puts them in force. Nothing is written if they are not right.
  Version replace(List<SourceText> sources, String reason) throws IOException {
    valid(sources);
    file.folder().replace(sources);
    return apply(reason);
  }

  /// Puts a version of the history in force again.
  Version rollBack(int number, ConfigurationHistory history, String reason) throws IOException {
    var now = file.folder().read();
    var configuration = valid(now);
    var sources = sources(history, number);
    OptionalLong id = agent(configuration).id();
    if (id.isEmpty()) {
      return applied(configuration, source -> source.rollBack(number, session.author(), reason));
    }
    if (!sources(history, latest(history)).equals(now)) {
      throw new StorageException.Busy(
          "the files hold what no version does, and would lose it; 'lumeo config apply' first");
    }
    file.folder().replace(sources);
    return told(id.getAsLong(), configuration, sources);
  }

  static int latest(ConfigurationHistory history) throws StorageException {
    return history.versions().stream()
        .findFirst()
        .map(Version::number)
        .orElseThrow(() ->
            new StorageException.NotFound(
                "there is no version yet; 'lumeo config apply' makes the first"));
  }

  static List<SourceText> sources(ConfigurationHistory history, int number)
      throws StorageException {
    return history
        .sources(number)
        .orElseThrow(() ->
            new StorageException.NotFound(
                "there is no version %d; see 'lumeo config history'".formatted(number)));
  }

  private RunningAgent agent(Configuration configuration) {
    return new RunningAgent(
        OperationsSession.stateFile(configuration), session.surroundings().connections());
  }

  /// A change of what is in force, where no agent runs.
  @FunctionalInterface
  private interface Act {
    ConfigurationSource.Change on(ConfigurationSource source);
  }

  private Version applied(Configuration configuration, Act act) throws IOException {
    Files.createDirectories(configuration.state());
    try (var database = Database.open(OperationsSession.stateFile(configuration))) {
      var history = ConfigurationHistory.open(database, session.surroundings().time());
      var source = new ConfigurationSource(file.folder(), ConfigurationFile.reader(), history);
      return switch (act.on(source)) {
        case ConfigurationSource.Change.Applied(var version, _) -> version;
        case ConfigurationSource.Change.Refused(var mistakes) ->
            throw refused(file.path(), mistakes);
      };
    }
  }

  /// Has the agent read the files, and waits until its history has them.
  private Version told(long id, Configuration configuration, List<SourceText> sources)
      throws IOException {
    agent(configuration).reload(id);
    try (var database = Database.openToRead(OperationsSession.stateFile(configuration))) {
      return new Taken(ConfigurationHistory.view(database), session.surroundings().time())
          .await(sources, id);
    }
  }
}
