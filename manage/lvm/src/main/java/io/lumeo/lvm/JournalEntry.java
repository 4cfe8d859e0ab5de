package io.lumeo.lvm;

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
record JournalEntry(Draft draft, Instant begunAt, List<State> states, String ending)
    implements PlanJournal.Entry {

  /// How far a step is. It is noted before the step's command and after its result was seen.
  enum State {
    WAITING,
    /// Its command may have been started. Whether it was, and what came of it, only the host knows.
    BEGUN,
    DONE,
    UNDONE
  }

  JournalEntry {
    states = List.copyOf(states);
  }

  static JournalEntry begin(Draft draft, Instant now) {
    return new JournalEntry(
        draft, now, Collections.nCopies(draft.steps().size(), State.WAITING), "");
  }

  /// Where the plans of a host are remembered.
  static PlanJournal<JournalEntry> journal(Path folder) {
    return new PlanJournal<>(folder, EntryCodec::encode, EntryCodec::decode);
  }

  @Override
  public String id() {
    return draft.plan().id();
  }

  JournalEntry with(int step, State state) {
    var changed = new ArrayList<>(states);
    changed.set(step, state);
    return new JournalEntry(draft, begunAt, changed, ending);
  }

  JournalEntry ended(String how) {
    return new JournalEntry(draft, begunAt, states, how);
  }

  @Override
  public boolean hasEnded() {
    return !ending.isEmpty();
  }

  int stepsDone() {
    return (int) states.stream().filter(state -> state == State.DONE).count();
  }

  UnfinishedPlan unfinished() {
    return new UnfinishedPlan(draft.plan(), begunAt, stepsDone());
  }
}
