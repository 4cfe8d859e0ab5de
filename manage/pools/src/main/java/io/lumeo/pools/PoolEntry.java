package io.lumeo.pools;

import io.lumeo.storage.PlanJournal;
import io.lumeo.storage.UnfinishedPlan;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What is remembered of one plan that was begun.
///
/// @param states how far each of its steps is
/// @param ending how it ended, in words; empty while it has not
record PoolEntry(PoolDraft draft, Instant begunAt, List<State> states, String ending)
    implements PlanJournal.Entry {

  /// How far a step is. It is noted before the step is begun and after its result was seen.
  enum State {
    WAITING,
    /// Whether it was done, only the pool knows.
    BEGUN,
    DONE,
    UNDONE
  }

  PoolEntry {
    states = List.copyOf(states);
  }

  static PlanJournal<PoolEntry> journal(Path folder) {
    return new PlanJournal<>(folder, PoolEntryCodec::encode, PoolEntryCodec::decode);
  }

  static PoolEntry begin(PoolDraft draft, Instant now) {
    return new PoolEntry(draft, now, Collections.nCopies(draft.steps().size(), State.WAITING), "");
  }

  @Override
  public String id() {
    return draft.plan().id();
  }

  @Override
  public boolean hasEnded() {
    return !ending.isEmpty();
  }

  PoolEntry with(int step, State state) {
    var changed = new ArrayList<>(states);
    changed.set(step, state);
    return new PoolEntry(draft, begunAt, changed, ending);
  }

  PoolEntry ended(String how) {
    return new PoolEntry(draft, begunAt, states, how);
  }

  int stepsDone() {
    return Collections.frequency(states, State.DONE);
  }

  UnfinishedPlan unfinished() {
    return new UnfinishedPlan(draft.plan(), begunAt, stepsDone());
  }
}
