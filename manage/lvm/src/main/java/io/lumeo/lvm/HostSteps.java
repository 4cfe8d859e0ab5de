package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.Draft;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StepFailed;
import io.lumeo.storage.StepRunner;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.CommandFailed;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.TimedOut;
import io.lumeo.storage.StorageFailure.Unreachable;
import io.lumeo.storage.Words;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Runs the steps of one plan on a host, each as a command, and looks at the host afterwards. What
/// a command says is heard, what the host looks like is believed. When a command does not end in
/// time, it is not known what came of it.
final class HostSteps implements StepRunner<Step> {
  private final Commands commands;
  private final LvmReader reader;
  private final Draft<Step> draft;
  private final HostState before;
  private final List<String> said = new ArrayList<>();
  private HostState now;

  /// Whether nothing of this plan has been run since the last look.
  private boolean fresh;

  /// @param before the host as it was found; the group's lock is held since before that
  HostSteps(Commands commands, LvmReader reader, Draft<Step> draft, HostState before) {
    this.commands = commands;
    this.reader = reader;
    this.draft = draft;
    this.before = before;
    this.now = before;
  }

  /// Looks at the host again, at no more than this plan's conditions ask for.
  @Override
  public void look() throws StorageFailure {
    var contents = new HashSet<String>();
    for (var step : draft.steps()) {
      if (step.done() instanceof Condition.FileSystemFills fills) {
        contents.add(fills.volume());
      }
    }
    now = contents.isEmpty() ? reportOnly() : reader.read(Set.copyOf(contents));
    fresh = true;
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

  @Override
  public boolean isRepeated(Step step) {
    return step.isRepeated();
  }

  @Override
  public boolean canBeTakenBack(Step step) {
    return !step.undo().isEmpty();
  }

  @Override
  public boolean isHarmless(Step step) {
    return step.harmless();
  }

  /// A file system that has begun to grow is to be grown, be it the plan's only step.
  @Override
  public boolean isToBeEnded(Step step) {
    return step.done() instanceof Condition.FileSystemFills;
  }

  @Override
  public Optional<String> backup(Step step) {
    return step.backup();
  }

  @Override
  public boolean isDone(Step step) {
    return !step.isRepeated() && step.done().holds(now);
  }

  @Override
  public boolean isToBeSeen(Step step) {
    return step.done() instanceof Condition.Made made ? made.find(now).isPresent() : isDone(step);
  }

  @Override
  public boolean isMoot() {
    return !draft.volumes().isEmpty()
        && draft.volumes().stream().allMatch(v -> now.report().volume(v).isEmpty())
        && made().isEmpty();
  }

  @Override
  public Optional<String> hindrance(Step step) throws StorageFailure {
    if (!step.requires().isEmpty() && !fresh) {
      look();
    }
    return step.requires().stream()
        .filter(condition -> !condition.holds(now))
        .findFirst()
        .map(condition -> "it is no longer so that " + condition.words());
  }

  @Override
  public void run(Step step, Progress progress) throws StepFailed, StorageFailure {
    fresh = false;
    Optional<CommandResult> result;
    try {
      result = Optional.of(commands.run(command(step)));
    } catch (CommandFailure.NotStarted e) {
      throw new StepFailed(
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
      look();
      if (isDone(step)) {
        return Optional.empty();
      }
    }
    throw failure instanceof CommandFailure.Unreachable
        ? new Unreachable(text, failure)
        : new TimedOut(text);
  }

  private void check(Step step, CommandResult result) throws StepFailed, StorageFailure {
    boolean saysYes = step.goodExits().contains(result.exit());
    if (step.done() instanceof Condition.Repeated) {
      if (!saysYes) {
        throw new StepFailed(failure(step, result));
      }
      if (step.input().isEmpty()) { // else it repeats what it was told
        result.stdout().lines().map(Words::printable).filter(l -> !l.isBlank()).forEach(said::add);
      }
      return;
    }
    look();
    boolean isSo = step.done().holds(now);
    if (!saysYes && (!isSo || step.done() instanceof Condition.Made)) {
      throw new StepFailed(failure(step, result));
    }
    if (!isSo) {
      throw new StepFailed(
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
            .group(draft.plan().pool())
            .map(group -> group.group().extentBytes())
            .orElse(0L);
    return Complaint.of(result.stderr()).failure(step.title(), result.complaint(), extentBytes);
  }

  @Override
  public void takeBack(Step step) throws StorageFailure {
    var undo = Command.of(step.undo()).within(step.deadline());
    var result = new HostCommands(commands).run(undo);
    look();
    if (isToBeSeen(step)) {
      throw new Partial(
          "%s is half done, and it could not be taken back that %s: %s; the plan can be finished"
              .formatted(what(), step.done().words(), Words.printable(result.complaint())),
          new HostCommands(commands).failed(undo, result));
    }
  }

  @Override
  public Collection<String> made() {
    var made = new ArrayList<String>();
    for (var step : draft.steps()) {
      if (step.done() instanceof Condition.Made condition) {
        condition.find(now).ifPresent(volume -> made.add(volume.uuid()));
      }
    }
    return made;
  }

  /// What the group has less or more than before, as it is now, not as it was planned, and what was
  /// said.
  @Override
  public List<String> effects() {
    var effects = new ArrayList<String>();
    var then = before.report().group(draft.plan().pool());
    var since = now.report().group(draft.plan().pool());
    if (then.isPresent() && since.isPresent()) {
      difference(then.get().group(), since.get().group()).ifPresent(effects::add);
    }
    effects.addAll(said);
    return effects;
  }

  private static Optional<String> difference(GroupRow then, GroupRow since) {
    long free = since.freeExtents() - then.freeExtents();
    return free == 0
        ? Optional.empty()
        : Optional.of(
            "%s: %d extents (%s) %s than before"
                .formatted(
                    since.name(),
                    Math.abs(free),
                    Words.bytes(Math.abs(free) * since.extentBytes()),
                    free < 0 ? "less free" : "more free"));
  }

  @Override
  public List<String> pending() {
    var waiting = new ArrayList<String>();
    for (var step : draft.steps()) {
      if (step.done() instanceof Condition.Merging merging && merging.isDelayed(now)) {
        now.report()
            .group(merging.group())
            .flatMap(group ->
                group
                    .volume(merging.name())
                    .map(snapshot -> group.group().name() + "/" + snapshot.origin()))
            .map(RollBackPlans::completion)
            .ifPresent(waiting::add);
      }
    }
    return waiting;
  }

  private String what() {
    return "plan " + draft.plan().id();
  }
}
