package io.lumeo.storage;

import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.PlanEntry.State;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.CommandFailed;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One plan on its way: its steps one after the other, each written to the journal before it is
/// begun, and looked for in the system afterwards.
///
/// **When a step fails** and it is known what came of it, what was done before is taken back, if
/// all of it can be; else the plan stays unfinished, to be finished later. **When it is not
/// known**, as after a timeout, nothing more is done, and the plan stays unfinished.
///
/// @param <S> what the system runs as one step
public final class PlanExecution<S> {
  private final StepRunner<S> system;
  private final PlanJournal<PlanEntry<S>> journal;
  private final Progress progress;
  private PlanEntry<S> entry;

  /// A plan to be run, or one that was begun.
  ///
  /// @param system has looked already; what is changed is locked since before that
  public PlanExecution(
      StepRunner<S> system,
      PlanJournal<PlanEntry<S>> journal,
      Progress progress,
      PlanEntry<S> entry) {
    this.system = system;
    this.journal = journal;
    this.progress = progress;
    this.entry = entry;
  }

  /// Runs a new plan.
  public Outcome run() throws StorageFailure {
    journal.write(entry);
    try {
      return runWhatIsLeft();
    } catch (StepFailed failed) {
      throw afterFailure(failed.failure());
    }
  }

  /// Finishes a plan that somebody began: if something of it has been done, the rest is; if nothing
  /// has, it stays at that, as what it asked for may no longer be wanted.
  public Outcome finish() throws StorageFailure {
    recognise();
    if (entry.stepsDone() < stepCount() && system.isMoot()) {
      return end(Result.UNDONE, "what it was about is no longer there");
    }
    if (!hasTakenEffect()) {
      removeWhatIsHalfMade();
      return end(Result.UNDONE, "nothing of it had been done");
    }
    try {
      return runWhatIsLeft();
    } catch (StepFailed failed) {
      var failure = afterFailure(failed.failure());
      if (entry.hasEnded()) {
        return outcome(Result.UNDONE, List.of(failure.getMessage()));
      }
      throw failure;
    }
  }

  /// Takes back what somebody began: all of it, or nothing where one step cannot be taken back.
  public Outcome undo() throws StorageFailure {
    recognise();
    var taken = effective();
    for (int i = 0; i < stepCount(); i++) {
      // Of a repeated step that has begun nobody can see how far it came.
      boolean begun = is(i, State.BEGUN) && system.isRepeated(step(i));
      if ((taken.contains(i) || (begun && !system.isHarmless(step(i))))
          && !system.canBeTakenBack(step(i))) {
        throw new Refused(
            "%s cannot be taken back: nothing undoes '%s'; finish it".formatted(what(), title(i)));
      }
    }
    for (int i : taken.reversed()) {
      progress.report("take back: " + title(i), 0, 0);
      takeBack(i);
    }
    return end(
        Result.UNDONE, taken.isEmpty() ? "nothing of it had been done" : "it was taken back");
  }

  /// Looks at the system for what came of a step whose end nobody saw.
  private void recognise() throws StorageFailure {
    system.look();
    for (int i = 0; i < stepCount(); i++) {
      if (is(i, State.BEGUN) && system.isDone(step(i))) {
        note(i, State.DONE);
      }
    }
  }

  private boolean hasTakenEffect() {
    for (int i = 0; i < stepCount(); i++) {
      boolean begun = is(i, State.BEGUN) && system.isToBeEnded(step(i));
      if (!system.isHarmless(step(i)) && (is(i, State.DONE) || begun)) {
        return true;
      }
    }
    return false;
  }

  private void removeWhatIsHalfMade() throws StorageFailure {
    for (int i = 0; i < stepCount(); i++) {
      if (is(i, State.BEGUN) && system.isToBeSeen(step(i))) {
        takeBack(i);
      }
    }
  }

  private Outcome runWhatIsLeft() throws StorageFailure, StepFailed {
    for (int i = 0; i < stepCount(); i++) {
      if (!is(i, State.DONE)) {
        run(i);
      }
    }
    progress.report("done", stepCount(), stepCount());
    return end(system.pending().isEmpty() ? Result.DONE : Result.DELAYED, "done");
  }

  private void run(int index) throws StorageFailure, StepFailed {
    progress.report(title(index), index, stepCount());
    if (progress.isCancelled()) {
      throw new StepFailed(
          new Cancelled("%s was stopped before it could %s".formatted(what(), title(index))));
    }
    var hindrance = system.hindrance(step(index));
    if (hindrance.isPresent()) {
      throw new StepFailed(
          new Refused(
              "could not %s: %s; look at %s, then plan again"
                  .formatted(title(index), hindrance.get(), entry.draft().plan().system())));
    }
    note(index, State.BEGUN);
    system.run(step(index), progress);
    note(index, State.DONE);
  }

  // --- after a failure

  /// Takes back what was done, or leaves the plan to be finished, and gives what is to be thrown.
  private StorageFailure afterFailure(StorageFailure failure) throws StorageFailure {
    system.look();
    var taken = effective();
    if (taken.stream().anyMatch(i -> !system.canBeTakenBack(step(i)))) {
      if (failure instanceof Cancelled) {
        return new Cancelled(
            failure.getMessage() + "; what was done cannot be taken back: finish it");
      }
      return new Partial(
          "%s is half done: %s; what was done stays, and the plan can be finished"
              .formatted(what(), failure.getMessage()),
          failure);
    }
    for (int i : taken.reversed()) {
      takeBack(i);
    }
    entry = entry.ended("taken back: " + failure.getMessage());
    journal.write(entry);
    return failure;
  }

  /// The steps of which something is to be seen, the one that failed among them.
  private List<Integer> effective() {
    var steps = new ArrayList<Integer>();
    for (int i = 0; i < stepCount(); i++) {
      boolean begun = is(i, State.BEGUN) && system.isToBeSeen(step(i));
      if (!system.isHarmless(step(i)) && (is(i, State.DONE) || begun)) {
        steps.add(i);
      }
    }
    return steps;
  }

  private void takeBack(int index) throws StorageFailure {
    system.look();
    if (system.isToBeSeen(step(index))) {
      system.takeBack(step(index));
    }
    note(index, State.UNDONE);
  }

  // --- the end

  private Outcome end(Result result, String how) throws CommandFailed {
    entry = entry.ended(result + ": " + how);
    journal.write(entry);
    if (result == Result.UNDONE) {
      return outcome(result, List.of(how));
    }
    var effects = new ArrayList<>(entry.draft().plan().expected());
    effects.addAll(system.effects());
    return outcome(result, effects);
  }

  private Outcome outcome(Result result, List<String> effects) {
    var volumes = new TreeSet<>(entry.draft().volumes());
    volumes.addAll(system.made());
    return new Outcome(
        entry.id(), result, List.copyOf(volumes), effects, system.pending(), backup());
  }

  private @Nullable String backup() {
    for (int i = 0; i < stepCount(); i++) {
      var file = system.backup(step(i));
      if (file.isPresent() && is(i, State.DONE)) {
        return file.get();
      }
    }
    return null;
  }

  // --- noting

  private void note(int step, State state) throws CommandFailed {
    entry = entry.with(step, state);
    journal.write(entry);
  }

  private boolean is(int step, State state) {
    return entry.states().get(step) == state;
  }

  private int stepCount() {
    return entry.states().size();
  }

  private S step(int index) {
    return entry.draft().steps().get(index);
  }

  private String title(int index) {
    return entry.draft().plan().steps().get(index).title();
  }

  private String what() {
    return "plan " + entry.id();
  }
}
