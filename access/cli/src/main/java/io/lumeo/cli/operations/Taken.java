package io.lumeo.cli.operations;

import io.lumeo.agent.TimeSource;
import io.lumeo.block.StorageException;
import io.lumeo.configuration.ConfigurationHistory;
import io.lumeo.configuration.ConfigurationHistory.Version;
import io.lumeo.configuration.SourceText;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;

/// Waits until an agent that was told to has put files in force.
record Taken(ConfigurationHistory history, TimeSource time) {
  private static final int LOOKS = 600;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /// The version that the agent made of `sources`, or had of them before.
  ///
  /// @throws StorageException.Failed if there is none after a minute
  Version await(List<SourceText> sources, long process) throws IOException {
    for (int i = 0; i < LOOKS; i++) {
      var latest = history.versions().stream().findFirst();
      if (latest.isPresent()
          && history.sources(latest.get().number()).filter(sources::equals).isPresent()) {
        return latest.get();
      }
      rest();
    }
    throw new StorageException.Failed(
        "the agent, process %d, was told and has not put the files in force; see what it says"
            .formatted(process));
  }

  private void rest() throws InterruptedIOException {
    try {
      time.newBell().await(BETWEEN_LOOKS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
