package io.lumeo.forecasts;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The minute that is under way: of several polls in it, each series keeps its last value.
///
/// **Threads.** For one thread at a time.
final class MinuteBuffer {

  /// A minute that is over.
  ///
  /// @param minute since the epoch
  record Minute(long minute, Map<SeriesKey, Double> values) {}

  private long minute = Long.MIN_VALUE;
  private Map<SeriesKey, Double> values = new HashMap<>();

  /// Takes a poll, and returns the minute before it when the poll begins another one. A clock that
  /// was set back begins another minute too.
  @Nullable Minute add(Poll poll) {
    var now = minuteOf(poll.at());
    var finished = now == minute ? null : finish();
    minute = now;
    values.putAll(poll.values());
    return finished;
  }

  /// Ends the minute under way, or returns null when nothing was measured in it.
  @Nullable Minute finish() {
    if (values.isEmpty()) {
      return null;
    }
    var finished = new Minute(minute, values);
    values = new HashMap<>();
    return finished;
  }

  static long minuteOf(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), 60L);
  }
}
