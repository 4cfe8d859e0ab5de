package io.lumeo.lvm;

import io.lumeo.storage.Plan;
import java.util.List;
import java.util.SortedSet;

/// A plan with all that running it takes: what others see, and the steps behind it.
///
/// @param groupName of the group it holds for
/// @param volumes the uuids of volumes that it changes and that were there before
record Draft(Plan plan, String groupName, SortedSet<String> volumes, List<Step> steps) {

  Draft {
    steps = List.copyOf(steps);
  }

  /// Whether it would do the same as `other`, step by step.
  boolean doesTheSameAs(Plan other) {
    return plan.pool().equals(other.pool()) && plan.steps().equals(other.steps());
  }
}
