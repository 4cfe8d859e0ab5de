package io.lumeo.configuration;

import java.time.Duration;
import java.util.Optional;

/// Which snapshots are kept: what any of the rules keeps. Each count is a number of buckets that
/// have a snapshot; 0 turns the rule off.
///
/// @param last so many of the latest
/// @param within everything younger
/// @param minKeep never fewer than this
/// @param ceiling with so many no more are made
/// @param clockLimit when the clock has jumped by more, nothing is deleted
/// @param keep which one of a bucket
public record RetentionSettings(
    int hourly,
    int daily,
    int weekly,
    int monthly,
    int quarterly,
    int yearly,
    int last,
    Optional<Duration> within,
    int minKeep,
    int ceiling,
    Duration clockLimit,
    Keep keep) {

  /// Which snapshot of a bucket is kept.
  public enum Keep {
    NEWEST,
    OLDEST
  }
}
