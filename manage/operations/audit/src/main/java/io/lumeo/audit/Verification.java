package io.lumeo.audit;

import java.nio.file.Path;

/// What came of checking the record.
public sealed interface Verification {

  /// Every record is what and where it was written.
  ///
  /// @param records how many there are
  /// @param unwitnessed how many at the end neither the state file nor the anchor knows of: written
  ///   this moment, or before the state file was lost
  /// @param unfinishedBytes what follows the last record and is none: being written this moment, or
  ///   left by a crash until the agent starts again
  record Intact(long records, long unwitnessed, long unfinishedBytes) implements Verification {}

  /// It was changed, cut or put together anew.
  ///
  /// @param file the file with the first line that is not right
  /// @param line that line, from 1
  /// @param problem what is wrong with it, as the end of a sentence
  record Broken(Path file, long line, String problem) implements Verification {

    /// In the form that editors jump to.
    @Override
    public String toString() {
      return "%s:%d: %s".formatted(file, line, problem);
    }
  }
}
