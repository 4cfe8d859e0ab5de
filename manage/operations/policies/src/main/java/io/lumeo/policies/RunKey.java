package io.lumeo.policies;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// What a run is known by: never is there a second run of the same policy for the same instant,
/// whatever was restarted in between.
///
/// @param policy the policy's id
/// @param scheduledAt the instant it is scheduled for, without jitter; not when it ran
public record RunKey(String policy, Instant scheduledAt) {
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  public RunKey {
    PolicyId.require(policy);
  }

  /// What this run's snapshot of a volume is called: `web-nightly-20260329T010000Z`. Names are in
  /// UTC, where no hour comes twice and the order of names is the order of time.
  public String snapshotName(String volume) {
    return volume + "-" + policy + "-" + UTC.format(scheduledAt);
  }

  /// `nightly@2026-03-29T01:00:00Z`.
  @Override
  public String toString() {
    return policy + "@" + scheduledAt;
  }
}
