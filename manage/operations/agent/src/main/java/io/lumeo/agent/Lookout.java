package io.lumeo.agent;

import java.io.IOException;
import java.util.List;

/// The half of an agent that watches: it sees every look at every host, foresees what comes of it,
/// and tells people.
public interface Lookout extends Watcher, Foresight, AutoCloseable {

  /// What it does besides.
  List<Duty> duties();

  /// Ends what it has begun beside its duties. Called when all of these have ended.
  @Override
  default void close() {}

  /// Makes the lookout of an agent.
  @FunctionalInterface
  interface Factory {
    /// Makes it.
    ///
    /// @throws IOException if what it remembers cannot be read
    Lookout create(AgentState state) throws IOException;
  }
}
