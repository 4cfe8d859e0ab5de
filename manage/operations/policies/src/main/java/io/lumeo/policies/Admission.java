package io.lumeo.policies;

import java.util.List;

/// Whether something may be made.
public sealed interface Admission {

  /// Go on.
  record Admitted() implements Admission {}

  /// Do not.
  ///
  /// @param reason what stands against it, in one sentence with figures
  /// @param help what would help, one sentence each
  record Refused(String reason, List<String> help) implements Admission {
    public Refused {
      help = List.copyOf(help);
    }
  }

  /// Delete this snapshot, look how much is free then, and ask again.
  record DeleteFirst(SnapshotFacts snapshot, String reason) implements Admission {}
}
