package io.lumeo.agent;

import java.time.Instant;
import java.util.Optional;

/// The process that makes a change, told from a later one that has got the same number.
///
/// @param id its number
/// @param startMillis when it began, since 1970; 0 if nobody can say
record Holder(long id, long startMillis) {

  /// This process.
  static Holder self() {
    return of(ProcessHandle.current());
  }

  static Holder of(ProcessHandle process) {
    return new Holder(
        process.pid(), process.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
  }

  /// Whether it is another process than this one, and has not ended.
  boolean isElsewhere() {
    return !equals(self()) && ProcessHandle.of(id).map(Holder::of).equals(Optional.of(this));
  }
}
