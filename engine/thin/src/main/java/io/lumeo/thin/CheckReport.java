package io.lumeo.thin;

import java.util.List;

/// What a check of a pool's metadata found.
///
/// @param problems one line each, worst first come; empty when the pool is sound
/// @param needsCheck whether the pool is marked as needing a check
public record CheckReport(
    List<String> problems,
    boolean needsCheck,
    long metadataBlocksUsed,
    long dataBlocksUsed,
    int deviceCount) {

  public CheckReport {
    problems = List.copyOf(problems);
  }

  public boolean isSound() {
    return problems.isEmpty();
  }
}
