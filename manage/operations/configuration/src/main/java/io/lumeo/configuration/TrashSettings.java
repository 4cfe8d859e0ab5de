package io.lumeo.configuration;

import java.time.Duration;

/// How long what a policy no longer keeps can be taken back from the trash.
///
/// @param thin for thin snapshots and those of Lumeo's own pools
/// @param classic for classic ones, each of which costs every write to its origin until it is gone,
///   and counts against the limit of its policy
public record TrashSettings(Duration thin, Duration classic) {

  /// What holds where nothing is said.
  public static TrashSettings standard() {
    return new TrashSettings(Duration.ofDays(1), Duration.ofMinutes(10));
  }
}
