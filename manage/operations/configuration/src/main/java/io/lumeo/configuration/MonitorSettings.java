package io.lumeo.configuration;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How closely things are watched.
///
/// @param pollInterval how often while something happens
/// @param slowestPoll how rarely while nothing does
/// @param limits of some volumes, the first that matches; others have `iopsDropPercent` and
///   `latency`
public record MonitorSettings(
    Duration pollInterval,
    Duration slowestPoll,
    int iopsDropPercent,
    Duration latency,
    List<Limits> limits) {

  /// Limits of some volumes; what is empty is as for all.
  public record Limits(
      List<Selector> volumes, Optional<Integer> iopsDropPercent, Optional<Duration> latency) {}
}
