package io.lumeo.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// One run of a task on a host, as it is remembered.
///
/// @param scheduledAt the instant it was scheduled for, without jitter
/// @param end how it ended; empty while it is under way, or when a crash ended it and nobody has
///   settled it yet
public record RunRecord(
    Task task, String host, Instant scheduledAt, Instant begunAt, Optional<End> end) {

  /// How a run ended.
  ///
  /// @param detail one sentence: what was done, or what went wrong
  public record End(Instant at, Result result, String detail) {}

  public enum Result {
    DONE,
    /// Some of it.
    PARTIAL,
    FAILED,
    /// A rule forbade it.
    REFUSED,
    /// It was cut off by the agent's end before it could tell anything.
    INTERRUPTED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// How long it took; empty while it is under way.
  public Optional<Duration> took() {
    return end.map(ended -> Duration.between(begunAt, ended.at()));
  }

  public boolean succeeded() {
    return end.isPresent() && end.get().result() == Result.DONE;
  }
}
