package io.lumeo.configuration;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/// The configuration that is in force. A bad file is refused and the old one goes on. Safe for use
/// by several threads.
public final class ConfigurationSource {
  private final ConfigurationFolder folder;
  private final ConfigurationReader reader;
  private final ConfigurationHistory history;
  private final AtomicReference<Optional<Configuration>> current =
      new AtomicReference<>(Optional.empty());
  private final ReentrantLock changing = new ReentrantLock();

  /// What came of a change.
  public sealed interface Change {
    /// This one is in force now.
    record Applied(ConfigurationHistory.Version version, Configuration configuration)
        implements Change {}

    /// The one in force before still is.
    ///
    /// @param mistakes why
    record Refused(List<Mistake> mistakes) implements Change {}
  }

  /// A source in which nothing is in force until the first [#reload].
  public ConfigurationSource(
      ConfigurationFolder folder, ConfigurationReader reader, ConfigurationHistory history) {
    this.folder = folder;
    this.reader = reader;
    this.history = history;
  }

  /// What is in force; empty until the first reload that succeeded.
  public Optional<Configuration> current() {
    return current.get();
  }

  /// Puts the files in force as they are now.
  ///
  /// @param author who wanted it
  /// @param reason why
  public Change reload(String author, String reason) {
    changing.lock();
    try {
      return apply(folder.read(), author, reason);
    } catch (IOException e) {
      return refused(e);
    } finally {
      changing.unlock();
    }
  }

  /// Puts an older version in force, as a new one: the files become those of that time. What is in
  /// the files now is kept in the history first.
  public Change rollBack(int number, String author, String reason) {
    changing.lock();
    try {
      var sources = history.sources(number);
      if (sources.isEmpty()) {
        return refused(new IOException("there is no version %d in the history".formatted(number)));
      }
      // What was right once may not be for this program.
      if (reader.read(sources.get()) instanceof ReadResult.Refused(var mistakes)) {
        return new Change.Refused(mistakes);
      }
      if (folder.isThere()) {
        history.record(folder.read(), author, "as found before going back to " + number);
      }
      folder.replace(sources.get());
      return apply(sources.get(), author, "back to %d: %s".formatted(number, reason));
    } catch (IOException e) {
      return refused(e);
    } finally {
      changing.unlock();
    }
  }

  private Change apply(List<SourceText> sources, String author, String reason) {
    return switch (reader.read(sources)) {
      case ReadResult.Refused(var mistakes) -> new Change.Refused(mistakes);
      case ReadResult.Valid(var configuration) -> {
        var version = history.record(sources, author, reason);
        current.set(Optional.of(configuration));
        yield new Change.Applied(version, configuration);
      }
    };
  }

  private Change refused(IOException problem) {
    return new Change.Refused(
        List.of(new Mistake(folder.mainName(), 1, 1, "", String.valueOf(problem.getMessage()))));
  }
}
