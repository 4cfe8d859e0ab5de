package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.lvm.JournalEntry.State;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.PlanJournal;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.CommandFailed;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.TimedOut;
import io.lumeo.storage.StorageFailure.Unreachable;
import io.lumeo.storage.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One plan on its way: its steps one after the other, each written to the journal before its
/// command is started, and looked at on the host afterwards. What a command says is heard, what the
/// host looks like is believed.
///
/// **When a step fails** and it is known what came of it, what was done before is taken back, if
/// all of it can be; else the plan stays unfinished, to be finished later. **When it is not
/// known**, as after a timeout, nothing more is done, and the plan stays unfinished.
final class Execution {
  private final Commands commands;
  private final LvmReader reader;
  private final PlanJournal<JournalEntry> journal;
  private final Progress progress;
  private final HostState before;
  private final List<String> said = new ArrayList<>();
  private JournalEntry entry;
  private HostState now;

  /// Whether nothing of this plan has been run since the last look.
  private boolean fresh;

  /// @param before the host as it was found; the group's lock is held since before that
  Execution(
      Commands commands,
      LvmReader reader,
      PlanJournal<JournalEntry> journal,
      Progress progress,
      JournalEntry entry,
      HostState before) {
    this.commands = commands;
    this.reader = reader;
    this.journal = journal;
    this.progress = progress;
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
    if (entry.stepsDone() < entry.states().size() && isMoot()) {
      return end(Result.UNDONE, "what it was about is no longer there");
    }
    if (!hasTakenEffect()) {
      removeWhatIsHalfMade();
      return end(Result.UNDONE, "nothing of it had been done");
    }
    try {
      return runWhatIsLeft();
    } catch (KnownFailure failed) {
      var failure = afterFailure(failed.failure);
      if (entry.hasEnded()) {
        return new Outcome(
            entry.id(),
            Result.UNDONE,
            volumes(),
            List.of(failure.getMessage()),
            List.of(),
            backup());
      }
      throw failure;
    }
  }

  /// Takes back what somebody began: all of it, or nothing where one step cannot be taken back.
  Outcome undo() throws StorageFailure {
    recognise();
    var taken = effective();
    for (int i = 0; i < entry.states().size(); i++) {
      // Of a repeated step that has begun nobody can see how far it came.
      boolean begun = entry.states().get(i) == State.BEGUN && step(i).isRepeated();
      if ((taken.contains(step(i)) || (begun && !step(i).harmless())) && step(i).undo().isEmpty()) {
        throw new Refused(
            "%s cannot be taken back: nothing undoes '%s'; finish it"
                .formatted(what(), step(i).title()));
      }
    }
    for (var step : taken.reversed()) {
      progress.report("take back: " + step.title(), 0, 0);
      takeBack(step);
    }
    return end(
        Result.UNDONE, taken.isEmpty() ? "nothing of it had been done" : "it was taken back");
  }

  /// Looks at the host for what came of a step whose end nobody saw.
  private void recognise() throws StorageFailure {
    now = look();
    for (int i = 0; i < entry.states().size(); i++) {
      var step = step(i);
      if (entry.states().get(i) == State.BEGUN && !step.isRepeated() && step.done().holds(now)) {
        note(i, State.DONE);
      }
    }
  }

  private boolean isMoot() {
    return !entry.draft().volumes().isEmpty()
        && entry.draft().volumes().stream().allMatch(v -> now.report().volume(v).isEmpty())
        && hasNoLeftovers();
  }

  private boolean hasNoLeftovers() {
    return entry.draft().steps().stream()
        .noneMatch(
            step -> step.done() instanceof Condition.Made made && made.find(now).isPresent());
  }

  private boolean hasTakenEffect() {
    for (int i = 0; i < entry.states().size(); i++) {
      // A file system that has begun to grow is to be grown, be it the plan's only step.
      boolean begun =
          entry.states().get(i) == State.BEGUN
              && step(i).done() instanceof Condition.FileSystemFills;
      if (!step(i).harmless() && (entry.states().get(i) == State.DONE || begun)) {
        return true;
      }
    }
    return false;
  }

  private void removeWhatIsHalfMade() throws StorageFailure {
    for (var step : entry.draft().steps()) {
      if (step.done() instanceof Condition.Made made && made.find(now).isPresent()) {
        takeBack(step);
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
      checkRequirements(step);
      note(i, State.BEGUN);
      run(step);
      note(i, State.DONE);
    }
    progress.report("done", entry.states().size(), entry.states().size());
    return end(pending().isEmpty() ? Result.DONE : Result.DELAYED, "done");
  }

  private void checkRequirements(Step step) throws KnownFailure, StorageFailure {
    if (step.requires().isEmpty()) {
      return;
    }
    if (!fresh) {
      now = look();
    }
    for (var condition : step.requires()) {
      if (!condition.holds(now)) {
        throw new KnownFailure(
            new Refused(
                "could not %s: it is no longer so that %s; look at the host, then plan again"
                    .formatted(step.title(), condition.words())));
      }
    }
  }

  private void run(Step step) throws KnownFailure, StorageFailure {
    fresh = false;
    Optional<CommandResult> result;
    try {
      result = Optional.of(commands.run(command(step)));
    } catch (CommandFailure.NotStarted e) {
      throw new KnownFailure(
          new CommandFailed("could not %s: %s".formatted(step.title(), e.getMessage()), e));
    } catch (CommandFailure e) {
      result = resultUnseen(step, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled(
          "%s was interrupted while it wanted to %s; it is unfinished"
              .formatted(what(), step.title()));
    }
    if (result.isPresent()) {
      check(step, result.get());
    }
  }

  private static Command command(Step step) {
    var command = Command.of(step.arguments()).within(step.deadline());
    return step.input().isEmpty() ? command : command.reading(step.input());
  }

  /// A command whose end nobody saw may have done its work all the same.
  private Optional<CommandResult> resultUnseen(Step step, CommandFailure failure)
      throws StorageFailure {
    var text =
        "it is not known whether %s could %s: %s; it is unfinished"
            .formatted(what(), step.title(), failure.getMessage());
    if (failure instanceof CommandFailure.TimedOut && !step.isRepeated()) {
      now = look();
      if (step.done().holds(now)) {
        return Optional.empty();
      }
    }
    throw failure instanceof CommandFailure.Unreachable
        ? new Unreachable(text, failure)
        : new TimedOut(text);
  }

  private void check(Step step, CommandResult result) throws KnownFailure, StorageFailure {
    boolean saysYes = step.goodExits().contains(result.exit());
    if (step.done() instanceof Condition.Repeated) {
      if (!saysYes) {
        throw new KnownFailure(failure(step, result));
      }
      if (step.input().isEmpty()) { // else it repeats what it was told
        result.stdout().lines().map(Words::printable).filter(l -> !l.isBlank()).forEach(said::add);
      }
      return;
    }
    now = look();
    boolean isSo = step.done().holds(now);
    if (!saysYes && (!isSo || step.done() instanceof Condition.Made)) {
      throw new KnownFailure(failure(step, result));
    }
    if (!isSo) {
      throw new KnownFailure(
          new CommandFailed(
              "%s says it succeeded, and it is not so that %s; %s"
                  .formatted(
                      step.arguments().getFirst().equals("lvm")
                          ? step.arguments().get(1)
                          : step.arguments().getFirst(),
                      step.done().words(),
                      result.complaint().isEmpty()
                          ? "look at the host"
                          : "it says: " + Words.printable(result.complaint()))));
    }
  }

  private StorageFailure failure(Step step, CommandResult result) {
    long extentBytes =
        now.report()
            .group(entry.draft().plan().pool())
            .map(group -> group.group().extentBytes())
            .orElse(0L);
    return Complaint.of(result.stderr()).failure(step.title(), result.complaint(), extentBytes);
  }

  // --- after a failure

  /// Takes back what was done, or leaves the plan to be finished, and gives what is to be thrown.
  private StorageFailure afterFailure(StorageFailure failure) throws StorageFailure {
    now = look();
    var taken = effective();
    if (taken.stream().anyMatch(step -> step.undo().isEmpty())) {
      if (failure instanceof Cancelled) {
        return new Cancelled(
            failure.getMessage() + "; what was done cannot be taken back: finish it");
      }
      return new Partial(
          "%s is half done: %s; what was done stays, and the plan can be finished"
              .formatted(what(), failure.getMessage()),
          failure);
    }
    for (var step : taken.reversed()) {
      takeBack(step);
    }
    entry = entry.ended("taken back: " + failure.getMessage());
    journal.write(entry);
    return failure;
  }

  /// The steps of which something is to be seen, the one that failed among them.
  private List<Step> effective() {
    var steps = new ArrayList<Step>();
    for (int i = 0; i < entry.states().size(); i++) {
      var step = step(i);
      boolean done = entry.states().get(i) == State.DONE;
      boolean begun = entry.states().get(i) == State.BEGUN && isToBeSeen(step);
      if (!step.harmless() && (done || begun)) {
        steps.add(step);
      }
    }
    return steps;
  }

  private boolean isToBeSeen(Step step) {
    return step.done() instanceof Condition.Made made
        ? made.find(now).isPresent()
        : !step.isRepeated() && step.done().holds(now);
  }

  private void takeBack(Step step) throws StorageFailure {
    now = look();
    if (!isToBeSeen(step)) {
      return;
    }
    var undo = Command.of(step.undo()).within(step.deadline());
    var result = new HostCommands(commands).run(undo);
    now = look();
    if (isToBeSeen(step)) {
      throw new Partial(
          "%s is half done, and it could not be taken back that %s: %s; the plan can be finished"
              .formatted(what(), step.done().words(), Words.printable(result.complaint())),
          new HostCommands(commands).failed(undo, result));
    }
    note(entry.draft().steps().indexOf(step), State.UNDONE);
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
    return new Outcome(entry.id(), result, volumes(), effects, pending(), backup());
  }

  /// What the group has less or more than before, as it is now, not as it was planned.
  private List<String> differences() {
    var group = entry.draft().plan().pool();
    var then = before.report().group(group);
    var since = now.report().group(group);
    if (then.isEmpty() || since.isEmpty()) {
      return List.of();
    }
    long free = since.get().group().freeExtents() - then.get().group().freeExtents();
    return free == 0
        ? List.of()
        : List.of(
            "%s: %d extents (%s) %s than before"
                .formatted(
                    entry.draft().groupName(),
                    Math.abs(free),
                    Words.bytes(Math.abs(free) * since.get().group().extentBytes()),
                    free < 0 ? "less free" : "more free"));
  }

  private List<String> volumes() {
    var all = new TreeSet<>(entry.draft().volumes());
    for (var step : entry.draft().steps()) {
      if (step.done() instanceof Condition.Made made) {
        made.find(now).ifPresent(volume -> all.add(volume.uuid()));
      }
    }
    return List.copyOf(all);
  }

  private @Nullable String backup() {
    for (int i = 0; i < entry.states().size(); i++) {
      var file = step(i).backup();
      if (file.isPresent() && entry.states().get(i) == State.DONE) {
        return file.get();
      }
    }
    return null;
  }

  private List<String> pending() {
    var waiting = new ArrayList<String>();
    for (var step : entry.draft().steps()) {
      if (step.done() instanceof Condition.Merging merging && merging.isDelayed(now)) {
        var origin =
            now.report()
                .group(merging.group())
                .flatMap(group -> group.volume(merging.name()))
                .map(VolumeRow::origin)
                .orElse("");
        waiting.add(RollBackPlans.completion(entry.draft().groupName() + "/" + origin));
      }
    }
    return waiting;
  }

  // --- looking and noting

  /// Looks at the host again, at no more than this plan's conditions ask for.
  private HostState look() throws StorageFailure {
    var contents = new HashSet<String>();
    for (var step : entry.draft().steps()) {
      if (step.done() instanceof Condition.FileSystemFills fills) {
        contents.add(fills.volume());
      }
    }
    var found = contents.isEmpty() ? reportOnly() : reader.read(Set.copyOf(contents));
    fresh = true;
    return found;
  }

  private HostState reportOnly() throws StorageFailure {
    return new HostState(
        before.takenAt(),
        before.version(),
        before.settings(),
        reader.report(),
        before.status(),
        before.contents(),
        List.of());
  }

  private void note(int step, State state) throws CommandFailed {
    entry = entry.with(step, state);
    journal.write(entry);
  }

  private Step step(int index) {
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
