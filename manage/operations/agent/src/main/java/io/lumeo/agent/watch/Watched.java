package io.lumeo.agent.watch;

import io.lumeo.agent.Look;
import io.lumeo.forecasts.Load;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.UsageSample;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All that is known of one host at one moment. A value.
///
/// @param look the latest
/// @param inventory the latest there is, or null if there never was one
/// @param usage what is fuller or emptier since the inventory; of a host that does not answer, what
///   was seen last
/// @param used what was used in the last minutes, of what fills, oldest first
/// @param loads what volumes did in the last minutes, by uuid, oldest first
/// @param problem why the kernel's counters could not be read, or empty
record Watched(
    Look look,
    @Nullable Inventory inventory,
    List<UsageSample> usage,
    Map<SeriesKey, List<Sample>> used,
    Map<String, List<Load>> loads,
    String problem) {

  String host() {
    return look.host().name();
  }

  boolean isReachable() {
    return look instanceof Look.Seen;
  }

  /// When it last answered, or null if it never did.
  @Nullable Instant seenAt() {
    return switch (look) {
      case Look.Seen seen -> seen.at();
      case Look.Missed missed -> missed.last() == null ? null : missed.last().takenAt();
    };
  }
}
