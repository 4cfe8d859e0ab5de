package io.lumeo.agent;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.UsageSample;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one poll of one host showed.
public sealed interface Look {
  HostSetup host();

  Instant at();

  /// It answered.
  ///
  /// @param inventory the latest there is; `inventory.takenAt()` says from when
  /// @param usage what is fuller or emptier since, in place of the inventory's figures
  /// @param cost how long the poll took
  record Seen(
      HostSetup host, Instant at, Inventory inventory, List<UsageSample> usage, Duration cost)
      implements Look {
    public Seen {
      usage = List.copyOf(usage);
    }
  }

  /// It did not.
  ///
  /// @param reason in one sentence
  /// @param last the latest inventory there is, or null if there never was one
  record Missed(HostSetup host, Instant at, String reason, @Nullable Inventory last)
      implements Look {}
}
