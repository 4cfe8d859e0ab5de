package io.lumeo.configuration;

import java.util.List;

/// What came of reading a configuration: one that is right, or everything that is wrong with it.
public sealed interface ReadResult {
  /// It is right.
  record Valid(Configuration configuration) implements ReadResult {}

  /// It is not.
  ///
  /// @param mistakes at least one, in the order one reads
  record Refused(List<Mistake> mistakes) implements ReadResult {}
}
