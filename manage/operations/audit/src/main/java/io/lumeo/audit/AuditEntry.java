package io.lumeo.audit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A decision and what came of it, as whoever made it tells it.
///
/// @param actor who wanted it: `uid:0`, `token:ci`, `policy:databases`, `agent`
/// @param source where that came from: an address, `local`, `schedule`
/// @param verb what: `snapshot.create`, `grow.volume`
/// @param targets the uuids of what it was about
/// @param decision the hash of the decision or plan, or empty
/// @param executed the commands that were run, in order
/// @param duration how long all of it took
/// @param before what was measured before: sizes in bytes, sequence numbers
/// @param after the same afterwards
/// @param backup where the group's metadata was kept first, or empty
/// @param reason why, in a sentence, or empty
public record AuditEntry(
    String actor,
    String source,
    String verb,
    List<String> targets,
    String decision,
    List<Executed> executed,
    Duration duration,
    SortedMap<String, String> before,
    SortedMap<String, String> after,
    Optional<String> backup,
    AuditResult result,
    String reason) {

  /// The least that is known of anything.
  public static AuditEntry of(
      String actor, String source, String verb, AuditResult result, String reason) {
    return new AuditEntry(
        actor,
        source,
        verb,
        List.of(),
        "",
        List.of(),
        Duration.ZERO,
        new TreeMap<>(),
        new TreeMap<>(),
        Optional.empty(),
        result,
        reason);
  }

  /// The same, about `uuids`, by a decision with this hash.
  public AuditEntry about(List<String> uuids, String decisionHash) {
    return new AuditEntry(
        actor,
        source,
        verb,
        List.copyOf(uuids),
        decisionHash,
        executed,
        duration,
        before,
        after,
        backup,
        result,
        reason);
  }

  /// The same, with what was run for it.
  public AuditEntry ran(List<Executed> commands, Duration took, Optional<String> backupFile) {
    return new AuditEntry(
        actor,
        source,
        verb,
        targets,
        decision,
        List.copyOf(commands),
        took,
        before,
        after,
        backupFile,
        result,
        reason);
  }

  /// The same, with what it changed.
  public AuditEntry changed(SortedMap<String, String> from, SortedMap<String, String> to) {
    return new AuditEntry(
        actor, source, verb, targets, decision, executed, duration, from, to, backup, result,
        reason);
  }
}
