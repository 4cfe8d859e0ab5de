package io.lumeo.policies;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What a timetable asks for now.
///
/// @param run what is to begin, or null when nothing is
/// @param skips what was scheduled and will not run, each to be noted and counted
/// @param handledUpTo everything scheduled up to here is settled by this plan: what the next call
///   is to be given
/// @param lookAgainAt when the next run is due
/// @param clockSetBack by how much the clock was found to be behind what had been handled; zero
///   when it was not
public record RunPlan(
    @Nullable Run run,
    List<Skip> skips,
    Instant handledUpTo,
    Instant lookAgainAt,
    Duration clockSetBack) {

  public RunPlan {
    skips = List.copyOf(skips);
  }

  /// A run that is to begin now.
  ///
  /// @param dueAt when it was to begin: the scheduled instant and its jitter
  /// @param volumes the uuids of the volumes it is for; empty when the policy selects none
  /// @param reason why now, in one sentence
  public record Run(RunKey key, Instant dueAt, SortedSet<String> volumes, String reason) {}

  /// Scheduled instants that pass without a run.
  ///
  /// @param first the first of them
  /// @param last the last of them
  /// @param count how many they are, at least 1; when `more`, there are others in between
  /// @param volume the uuid of the one volume that is left out, or null when the whole run is
  /// @param reason why, in one sentence
  public record Skip(
      Instant first,
      Instant last,
      int count,
      boolean more,
      @Nullable String volume,
      Cause cause,
      String reason) {}

  /// Why something that was scheduled does not run.
  public enum Cause {
    /// Nobody was there when it was due, and a later one has come due since.
    SUPERSEDED,
    /// It is later than its policy allows a run to be.
    TOO_LATE,
    /// The run before it is still at work on the same volume.
    OVERLAP
  }
}
