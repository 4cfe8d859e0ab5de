package io.lumeo.policies;

import java.util.List;

/// What is kept and what is deleted, and why: what a dry run shows and a run does.
///
/// @param verdicts one for every snapshot there is, by volume and from new to old
/// @param warnings what a person should know, one sentence each
public record RetentionPlan(List<Verdict> verdicts, List<String> warnings) {

  public RetentionPlan {
    verdicts = List.copyOf(verdicts);
    warnings = List.copyOf(warnings);
  }

  /// What becomes of one snapshot.
  ///
  /// @param reasons at least one, each a sentence without its full stop
  public record Verdict(SnapshotFacts snapshot, boolean keep, List<String> reasons) {

    public Verdict {
      reasons = List.copyOf(reasons);
    }
  }

  /// What is to be deleted, oldest first, so that an interruption costs least.
  public List<SnapshotFacts> deletions() {
    return verdicts.reversed().stream()
        .filter(verdict -> !verdict.keep())
        .map(Verdict::snapshot)
        .toList();
  }

  /// What stays.
  public List<SnapshotFacts> kept() {
    return verdicts.stream().filter(Verdict::keep).map(Verdict::snapshot).toList();
  }
}
