package io.lumeo.agent;

import java.time.Instant;

/// Something that the agent could not do, or found wrong, and that stands until it is mended.
///
/// @param object what it is about, as people know it: `vg0/pool0 metadata`, a policy's id
/// @param reason in one sentence, with what would help
/// @param since when it was first found
public record Trouble(String host, Kind kind, String object, String reason, Instant since) {

  public enum Kind {
    /// Something should grow and did not.
    EXTENSION_FAILED,
    /// The group has less free than the next step of growth.
    GROUP_CANNOT_EXTEND,
    /// Its system is to extend it, and would not.
    AUTOEXTEND_MISCONFIGURED,
    /// Its system extends it, and would pass the limits of its rule.
    SELF_EXTENSION_BEYOND_LIMIT,
    /// Snapshots that are due could not be removed.
    CLEAN_UP_FAILED,
    /// A change was begun and could be neither finished nor undone.
    PLAN_UNFINISHED,
    /// A snapshot was not made.
    SNAPSHOT_FAILED,
    /// The agent could not record what it does, so it does nothing.
    RECORD_FAILED
  }
}
