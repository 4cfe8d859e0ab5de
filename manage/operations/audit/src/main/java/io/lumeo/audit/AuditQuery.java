package io.lumeo.audit;

import java.time.Instant;
import java.util.Optional;

/// Which records are wanted: those that fit in every respect, the latest first.
///
/// @param from the earliest time, included
/// @param until the latest time, excluded
/// @param verb the whole verb, or the beginning of one when it ends with `.`: `snapshot.`
/// @param limit at most so many
public record AuditQuery(
    Optional<Instant> from,
    Optional<Instant> until,
    Optional<String> actor,
    Optional<String> verb,
    Optional<String> target,
    Optional<AuditResult> result,
    int limit) {

  /// The latest `limit` records.
  public static AuditQuery latest(int limit) {
    return new AuditQuery(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        limit);
  }
}
