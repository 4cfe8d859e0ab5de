package io.lumeo.agent;

import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageSystem;
import java.io.IOException;

/// Carries decisions out, or only says what that would do: who decides does not know which, so that
/// a dry run cannot differ from a run. Whatever a hand is given, it records.
///
/// Safe for use by several threads.
public interface Hand {

  /// Carries one decision out.
  ///
  /// @throws IOException if it cannot be recorded. Before the change, nothing is done then; after
  ///   it, the record is completed as soon as that is possible again
  Upshot carryOut(StorageSystem system, Decision decision, Progress progress) throws IOException;

  /// Whether it changes nothing.
  boolean isDry();
}
