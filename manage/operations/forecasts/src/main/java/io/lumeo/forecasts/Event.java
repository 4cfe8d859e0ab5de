package io.lumeo.forecasts;

import java.time.Instant;

/// Something that is known to have changed what is used at once, from the record of what was done.
public record Event(Instant at, Kind kind) {

  /// What an event does to a forecast. A step that happens once is taken out of the series, so that
  /// it is not taken for growth; one that keeps happening, as trims and expiring snapshots do, is
  /// part of how the series moves and stays.
  public enum Kind {
    /// The thing was made larger, and its use leapt with it. Of a volume group, whose use is what
    /// others are extended by, that is no event but how it fills.
    EXTENSION,
    SNAPSHOT_DELETION,
    TRIM,
    RESTORE,
    /// The rules have changed by which the thing fills: another retention, another load. What was
    /// before says nothing about what will be.
    NEW_RULES,
    /// Found in the series itself: it leapt, and nobody said why.
    UNEXPLAINED
  }
}
