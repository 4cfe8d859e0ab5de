package io.lumeo.storage;

import java.util.List;
import java.util.SortedSet;

/// A plan with all that running it takes: what others see, and the steps behind it.
///
/// @param <S> what its system runs as one step
/// @param volumes the uuids of volumes that it changes and that were there before
/// @param steps one for each of the plan's
public record Draft<S>(Plan plan, SortedSet<String> volumes, List<S> steps) {

  /// Keeps a copy of the steps.
  public Draft {
    steps = List.copyOf(steps);
  }

  /// Whether it would do the same as `other`, step by step.
  public boolean doesTheSameAs(Plan other) {
    return plan.pool().equals(other.pool()) && plan.steps().equals(other.steps());
  }
}
