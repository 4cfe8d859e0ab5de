package io.lumeo.storage;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What is remembered of one plan that was begun.
///
/// @param <S> what its system runs as one step
/// @param states how far each of its steps is
/// @param ending how it ended, in words; empty while it has not
public record PlanEntry<S>(Draft<S> draft, Instant begunAt, List<State> states, String ending)
    implements PlanJournal.Entry {

  /// How far a step is. It is noted before the step is begun and after its result was seen.
  public enum State {
    WAITING,
    /// It may have been begun. Whether it was, and what came of it, only the system knows.
    BEGUN,
    DONE,
    UNDONE
  }

  /// Keeps a copy of the states.
  public PlanEntry {
    states = List.copyOf(states);
  }

  /// Of a plan that is about to be begun.
  public static <S> PlanEntry<S> begin(Draft<S> draft, Instant now) {
    var states = Collections.nCopies(draft.steps().size(), State.WAITING);
    return new PlanEntry<>(draft, now, states, "");
  }

  /// Where the plans of a system are remembered.
  public static <S> PlanJournal<PlanEntry<S>> journal(Path folder, StepCodec<S> steps) {
    var codec = new PlanEntryCodec<>(steps);
    return new PlanJournal<>(folder, codec::encode, codec::decode);
  }

  @Override
  public String id() {
    return draft.plan().id();
  }

  @Override
  public boolean hasEnded() {
    return !ending.isEmpty();
  }

  /// The same, with one step so far.
  public PlanEntry<S> with(int step, State state) {
    var changed = new ArrayList<>(states);
    changed.set(step, state);
    return new PlanEntry<>(draft, begunAt, changed, ending);
  }

  /// The same, ended.
  public PlanEntry<S> ended(String how) {
    return new PlanEntry<>(draft, begunAt, states, how);
  }

  /// How many steps are known to be complete.
  public int stepsDone() {
    return Collections.frequency(states, State.DONE);
  }

  /// As others see it.
  public UnfinishedPlan unfinished() {
    return new UnfinishedPlan(draft.plan(), begunAt, stepsDone());
  }
}
