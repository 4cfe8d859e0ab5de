package io.lumeo.pools;

import io.lumeo.pools.PoolEntry.State;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.PlanJournal;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.CommandFailed;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unreachable;
import io.lumeo.storage.Words;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// One plan on its way: its steps one after the other, each written to the journal before it is
/// begun, and looked for in the pool afterwards. What the pool says is heard, what it looks like is
/// believed.
///
/// **When a step fails**, what was done before is taken back, if all of it can be; else the plan
/// stays unfinished, to be finished later. **When the pool does not answer**, nothing more is done,
/// and the plan stays unfinished.
final class PoolExecution {
  private final VolumeService pool;
  private final PlanJournal<PoolEntry> journal;
  private final Progress progress;
  private final InstantSource clock;
  private final PoolState before;
  private final List<String> said = new ArrayList<>();
  private PoolEntry entry;
  private PoolState now;

  /// @param before the pool as it was found; its lock is held since before that
  PoolExecution(
      VolumeService pool,
      PlanJournal<PoolEntry> journal,
      Progress progress,
      InstantSource clock,
      PoolEntry entry,
      PoolState before) {
    this.pool = pool;
    this.journal = journal;
    this.progress = progress;
    this.clock = clock;
    this.entry = entry;
    this.before = before;
    this.now = before;
  }

  /// Runs a new plan.
  Outcome run() throws StorageFailure {
    journal.write(entry);
    try {
      return runWhatIsLeft();
    } catch (KnownFailure failed) {
      throw afterFailure(failed.failure);
    }
  }

  /// Finishes a plan that somebody began: if something of it has been done, the rest is; if nothing
  /// has, it stays at that, as what it asked for may no longer be wanted.
  Outcome finish() throws StorageFailure {
    recognise();
    if (entry.stepsDone() == 0) {
      return end(Result.UNDONE, "nothing of it had been done");
    }
    try {
      return runWhatIsLeft();
    } catch (KnownFailure failed) {
      var failure = afterFailure(failed.failure);
      return new Outcome(
          entry.id(), Result.UNDONE, volumes(), List.of(failure.getMessage()), List.of());
    }
  }

  /// Takes back what somebody began: all of it, or nothing where one step cannot be taken back.
  Outcome undo() throws StorageFailure {
    recognise();
    var taken = effective();
    for (int i = 0; i < entry.states().size(); i++) {
      // Of a trim that has begun nobody can see how far it came.
      boolean begun =
          entry.states().get(i) == State.BEGUN && step(i).action() instanceof PoolAction.Trim;
      if ((taken.contains(i) || begun) && step(i).undo() == null) {
        throw new Refused(
            "%s cannot be taken back: nothing undoes '%s'; finish it"
                .formatted(what(), step(i).title()));
      }
    }
    for (int i : taken.reversed()) {
      progress.report("take back: " + step(i).title(), 0, 0);
      takeBack(i);
    }
    look();
    return end(
        Result.UNDONE, taken.isEmpty() ? "nothing of it had been done" : "it was taken back");
  }

  /// Looks at the pool for what came of a step whose end nobody saw.
  private void recognise() throws StorageFailure {
    for (int i = 0; i < entry.states().size(); i++) {
      if (entry.states().get(i) == State.BEGUN && step(i).action().isDone(now)) {
        note(i, State.DONE);
      }
    }
  }

  private Outcome runWhatIsLeft() throws StorageFailure, KnownFailure {
    for (int i = 0; i < entry.states().size(); i++) {
      if (entry.states().get(i) == State.DONE) {
        continue;
      }
      var step = step(i);
      progress.report(step.title(), i, entry.states().size());
      if (progress.isCancelled()) {
        throw new KnownFailure(
            new Cancelled("%s was stopped before it could %s".formatted(what(), step.title())));
      }
      refuseWhenHindered(step);
      note(i, State.BEGUN);
      run(step);
      note(i, State.DONE);
    }
    progress.report("done", entry.states().size(), entry.states().size());
    return end(Result.DONE, "done");
  }

  private void refuseWhenHindered(PoolStep step) throws KnownFailure, StorageFailure {
    look();
    var hindrance = step.action().hindrance(now);
    if (hindrance.isPresent()) {
      throw new KnownFailure(
          new Refused(
              "could not %s: %s; look at the pool, then plan again"
                  .formatted(step.title(), hindrance.get())));
    }
  }

  private void run(PoolStep step) throws KnownFailure, StorageFailure {
    try {
      var words = step.action().run(pool, watched(step));
      if (!words.isEmpty()) {
        said.add(words);
      }
    } catch (IOException e) {
      afterComplaint(step, PoolFailures.of(step.title(), e));
      return;
    }
    look();
    if (!(step.action() instanceof PoolAction.Trim) && !step.action().isDone(now)) {
      throw new KnownFailure(
          new CommandFailed(
              "the pool says it succeeded, and one does not see that it could %s; look at the pool"
                  .formatted(step.title())));
    }
  }

  /// What complained may have been done all the same, as when an answer was lost.
  private void afterComplaint(PoolStep step, StorageFailure complaint)
      throws KnownFailure, StorageFailure {
    try {
      look();
    } catch (StorageFailure unseen) {
      throw new Unreachable(
          "it is not known whether %s could %s: %s; it is unfinished"
              .formatted(what(), step.title(), complaint.getMessage()),
          complaint);
    }
    if (!step.action().isDone(now)) {
      throw new KnownFailure(complaint);
    }
  }

  private io.lumeo.thin.Progress watched(PoolStep step) {
    return (done, total) -> {
      progress.report(step.title(), done, total);
      return !progress.isCancelled();
    };
  }

  // --- after a failure

  /// Takes back what was done, or leaves the plan to be finished, and gives what is to be thrown.
  private StorageFailure afterFailure(StorageFailure failure) throws StorageFailure {
    look();
    var taken = effective();
    for (int i : taken) {
      if (step(i).undo() == null) {
        throw new Partial(
            "%s is half done: %s; what was done stays, and the plan can be finished"
                .formatted(what(), failure.getMessage()),
            failure);
      }
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
    for (int i = 0; i < entry.states().size(); i++) {
      var state = entry.states().get(i);
      if (state == State.DONE || (state == State.BEGUN && step(i).action().isDone(now))) {
        steps.add(i);
      }
    }
    return steps;
  }

  private void takeBack(int index) throws StorageFailure {
    var step = step(index);
    var undo = step.undo();
    look();
    if (undo != null && step.action().isDone(now)) {
      try {
        undo.run(pool, io.lumeo.thin.Progress.NONE);
      } catch (IOException e) {
        throw new Partial(
            "%s is half done, and one step could not be taken back, to %s: %s; the plan can be finished"
                .formatted(what(), step.title(), e.getMessage()),
            e);
      }
    }
    note(index, State.UNDONE);
  }

  // --- the end

  private Outcome end(Result result, String how) throws CommandFailed {
    entry = entry.ended(result + ": " + how);
    journal.write(entry);
    var effects = new ArrayList<String>();
    if (result == Result.UNDONE) {
      effects.add(how);
    } else {
      effects.addAll(entry.draft().plan().expected());
      effects.addAll(differences());
      effects.addAll(said);
    }
    return new Outcome(entry.id(), result, volumes(), effects, List.of());
  }

  /// What the pool has less or more than before, as it is now, not as it was planned.
  private List<String> differences() {
    long freed = now.pool().dataFreeBytes() - before.pool().dataFreeBytes();
    return freed == 0
        ? List.of()
        : List.of(
            "the pool has %s %s than before"
                .formatted(Words.bytes(Math.abs(freed)), freed < 0 ? "less free" : "more free"));
  }

  private List<String> volumes() {
    var all = new TreeSet<>(entry.draft().volumes());
    for (var volume : now.volumes()) {
      if (volume.tags().contains(runTag())) {
        all.add(volume.uuid());
      }
    }
    return List.copyOf(all);
  }

  private String runTag() {
    return OwnTags.run(new PlanId(entry.id()));
  }

  // --- looking and noting

  private void look() throws StorageFailure {
    try {
      now = PoolState.read(pool, clock.instant());
    } catch (IOException e) {
      throw PoolFailures.of("look at the pool", e);
    }
  }

  private void note(int step, State state) throws CommandFailed {
    entry = entry.with(step, state);
    journal.write(entry);
  }

  private PoolStep step(int index) {
    return entry.draft().steps().get(index);
  }

  private String what() {
    return "plan " + entry.id();
  }

  /// A failure after which it is known what was done.
  private static final class KnownFailure extends Exception {
    private static final long serialVersionUID = 1;
    private final StorageFailure failure;

    KnownFailure(StorageFailure failure) {
      super(failure.getMessage(), failure);
      this.failure = failure;
    }
  }
}
