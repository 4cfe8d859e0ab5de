package io.lumeo.reports;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One policy on one host.
///
/// @param lastSuccess null if there was none yet
/// @param lastVerified null if there was none yet
/// @param snapshots how many it keeps
/// @param verdicts what becomes of each of them and why, the newest first: the newest of them
public record PolicyReport(
    String name,
    @Nullable Instant lastSuccess,
    boolean isOverdue,
    @Nullable Instant lastVerified,
    int snapshots,
    List<Verdict> verdicts) {
  private static final int MOST_VERDICTS = 30;

  /// What becomes of a snapshot at the next retention.
  public record Verdict(String snapshot, boolean isKept, String reason) {
    String word() {
      return isKept ? "kept" : "goes next";
    }
  }

  public PolicyReport {
    verdicts = List.copyOf(verdicts.subList(0, Math.min(MOST_VERDICTS, verdicts.size())));
  }

  /// The line above the verdicts.
  String title() {
    return verdicts.size() < snapshots
        ? "The newest %d of %d snapshots of %s".formatted(verdicts.size(), snapshots, name)
        : "Snapshots of %s".formatted(name);
  }
}
