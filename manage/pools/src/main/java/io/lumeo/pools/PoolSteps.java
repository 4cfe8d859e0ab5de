package io.lumeo.pools;

import io.lumeo.storage.OwnTags;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StepFailed;
import io.lumeo.storage.StepRunner;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.CommandFailed;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.Unreachable;
import io.lumeo.storage.Words;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Runs the steps of one plan in a pool. When the pool does not answer, it is not known what came
/// of a step.
final class PoolSteps implements StepRunner<PoolStep> {
  private final VolumeService pool;
  private final InstantSource clock;
  private final PlanId plan;
  private final PoolState before;
  private final List<String> said = new ArrayList<>();
  private PoolState now;

  /// @param before the pool as it was found; its lock is held since before that
  PoolSteps(VolumeService pool, InstantSource clock, PlanId plan, PoolState before) {
    this.pool = pool;
    this.clock = clock;
    this.plan = plan;
    this.before = before;
    this.now = before;
  }

  @Override
  public void look() throws StorageFailure {
    try {
      now = PoolState.read(pool, clock.instant());
    } catch (IOException e) {
      throw PoolFailures.of("look at the pool", e);
    }
  }

  @Override
  public boolean isRepeated(PoolStep step) {
    return step.action() instanceof PoolAction.Trim;
  }

  @Override
  public boolean canBeTakenBack(PoolStep step) {
    return step.undo() != null;
  }

  @Override
  public boolean isDone(PoolStep step) {
    return !isRepeated(step) && step.action().isDone(now);
  }

  @Override
  public Optional<String> hindrance(PoolStep step) throws StorageFailure {
    look();
    return step.action().hindrance(now);
  }

  @Override
  public void run(PoolStep step, Progress progress) throws StepFailed, StorageFailure {
    try {
      var words = step.action().run(pool, watched(step, progress));
      if (!words.isEmpty()) {
        said.add(words);
      }
    } catch (IOException e) {
      afterComplaint(step, PoolFailures.of(step.title(), e));
      return;
    }
    look();
    if (!isRepeated(step) && !isDone(step)) {
      throw new StepFailed(
          new CommandFailed(
              "the pool says it succeeded, and one does not see that it could %s; look at the pool"
                  .formatted(step.title())));
    }
  }

  private static io.lumeo.thin.Progress watched(PoolStep step, Progress progress) {
    return (done, total) -> {
      progress.report(step.title(), done, total);
      return !progress.isCancelled();
    };
  }

  /// What complained may have been done all the same, as when an answer was lost.
  private void afterComplaint(PoolStep step, StorageFailure complaint)
      throws StepFailed, StorageFailure {
    try {
      look();
    } catch (StorageFailure unseen) {
      throw new Unreachable(
          "it is not known whether plan %s could %s: %s; it is unfinished"
              .formatted(plan, step.title(), complaint.getMessage()),
          complaint);
    }
    if (!isDone(step)) {
      throw new StepFailed(complaint);
    }
  }

  @Override
  public void takeBack(PoolStep step) throws StorageFailure {
    var undo = step.undo();
    if (undo == null) {
      throw new AssertionError("nothing undoes '%s' of plan %s".formatted(step.title(), plan));
    }
    try {
      undo.run(pool, io.lumeo.thin.Progress.NONE);
    } catch (IOException e) {
      throw new Partial(
          "plan %s is half done, and one step could not be taken back, to %s: %s; the plan can be finished"
              .formatted(plan, step.title(), e.getMessage()),
          e);
    }
    look();
  }

  @Override
  public Collection<String> made() {
    return now.volumes().stream()
        .filter(volume -> volume.tags().contains(OwnTags.run(plan)))
        .map(VolumeView::uuid)
        .toList();
  }

  /// What the pool has less or more than before, as it is now, not as it was planned, and what was
  /// said.
  @Override
  public List<String> effects() {
    var effects = new ArrayList<String>();
    long freed = now.pool().dataFreeBytes() - before.pool().dataFreeBytes();
    if (freed != 0) {
      effects.add(
          "the pool has %s %s than before"
              .formatted(Words.bytes(Math.abs(freed)), freed < 0 ? "less free" : "more free"));
    }
    effects.addAll(said);
    return effects;
  }
}
