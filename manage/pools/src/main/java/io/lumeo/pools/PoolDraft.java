package io.lumeo.pools;

import io.lumeo.storage.Plan;
import java.util.List;
import java.util.SortedSet;

/// A plan with all that running it takes: what others see, and the steps behind it.
///
/// @param volumes the uuids of volumes that it changes and that were there before
record PoolDraft(Plan plan, SortedSet<String> volumes, List<PoolStep> steps) {

  PoolDraft {
    steps = List.copyOf(steps);
  }

  /// Whether it would do the same as `other`, step by step.
  boolean doesTheSameAs(Plan other) {
    return plan.pool().equals(other.pool()) && plan.steps().equals(other.steps());
  }
}
