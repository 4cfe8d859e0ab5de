package io.lumeo.pools;

import io.lumeo.storage.Change;
import io.lumeo.storage.ChangeLocks;
import io.lumeo.storage.Draft;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanEntry;
import io.lumeo.storage.PlanExecution;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.PlanJournal;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Moved;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.Unsupported;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.UnfinishedPlan;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/// One of Lumeo's own pools: served by a process, or opened for each look and each change.
///
/// What is decided is decided by [PoolPlanner], as a pure function of what was found; what is done
/// is done by a [PlanExecution], step by step through a journal in the state folder. Safe for use
/// by several threads; changes run one at a time, those of other processes with the same state
/// folder included.
public final class PoolSystem implements StorageSystem {
  private final String name;
  private final PoolPlanner planner;
  private final PlanJournal<PlanEntry<PoolStep>> journal;
  private final ChangeLocks locks;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Connections connections;

  /// A pool.
  ///
  /// @param name unique among the systems of one state folder: letters, digits and `._-`
  /// @param access where the pool is found
  /// @param stateFolder where journals and locks are kept; they survive a crash of the machine
  /// @param random for the names of plans
  public PoolSystem(
      String name,
      PoolAccess access,
      Path stateFolder,
      InstantSource clock,
      RandomGenerator random) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException("'%s' is not the name of a system".formatted(name));
    }
    this.name = name;
    this.planner = new PoolPlanner(name, access.options());
    this.journal =
        PlanEntry.journal(stateFolder.resolve("plans").resolve(name), new PoolStepCodec());
    this.locks = new ChangeLocks(stateFolder.resolve("locks").resolve(name));
    this.clock = clock;
    this.random = random;
    this.connections = new Connections(access);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Inventory inventory() throws StorageFailure {
    return PoolInventory.of(name, look());
  }

  @Override
  public List<UsageSample> usage() throws StorageFailure {
    return PoolInventory.usage(look());
  }

  private PoolState look() throws StorageFailure {
    return with(this::look);
  }

  private PoolState look(VolumeService pool) throws StorageFailure {
    try {
      return PoolState.read(pool, clock.instant());
    } catch (IOException e) {
      throw PoolFailures.of("look at the pool", e);
    }
  }

  @FunctionalInterface
  interface Work<T> {
    T with(VolumeService pool) throws StorageFailure;
  }

  /// Does something with the pool, which is reached for it and let go of.
  private <T> T with(Work<T> work) throws StorageFailure {
    try {
      return connections.with(work);
    } catch (IOException e) {
      throw PoolFailures.of("reach the pool of " + name, e);
    }
  }

  @Override
  public Plan plan(Change change) throws StorageFailure {
    return planner.plan(look(), change, PlanId.at(clock.instant(), random)).plan();
  }

  @Override
  public Outcome apply(Plan plan, Progress progress) throws StorageFailure {
    checkOurs(plan);
    if (plan.isEmpty()) {
      return new Outcome(plan.id(), Outcome.Result.UNCHANGED, List.of(), List.of(), List.of());
    }
    try (var _ = locks.take(plan.pool(), "the pool of " + name)) {
      return with(pool -> {
        var state = look(pool);
        var entry = PlanEntry.begin(again(plan, state), clock.instant());
        return execution(pool, progress, entry, state).run();
      });
    }
  }

  private PlanExecution<PoolStep> execution(
      VolumeService pool, Progress progress, PlanEntry<PoolStep> entry, PoolState state) {
    var steps = new PoolSteps(pool, clock, new PlanId(entry.id()), state);
    return new PlanExecution<>(steps, journal, progress, entry);
  }

  private void checkOurs(Plan plan) throws NotFound {
    if (!plan.system().equals(name) || !PlanId.isOne(plan.id())) {
      throw new NotFound("the plan %s is none of %s's".formatted(Words.printable(plan.id()), name));
    }
  }

  /// Makes the plan once more from the pool as it is now: guards and preconditions are looked at
  /// again, and nothing is done but what would be planned now.
  private Draft<PoolStep> again(Plan plan, PoolState state) throws StorageFailure {
    PoolGuards.isThisPool(state, plan.pool());
    if (state.pool().sequence() != plan.sequence()) {
      throw new Moved(
          "the pool of %s is at sequence %d and the plan was made at %d; plan again"
              .formatted(name, state.pool().sequence(), plan.sequence()));
    }
    var draft = planner.plan(state, plan.change(), new PlanId(plan.id()));
    if (!draft.doesTheSameAs(plan)) {
      throw new Moved("the pool has changed, and the plan would be another now; plan again");
    }
    return draft;
  }

  @Override
  public List<UnfinishedPlan> unfinished() throws StorageFailure {
    return journal.unfinished().stream().map(PlanEntry::unfinished).toList();
  }

  @Override
  public Outcome finish(UnfinishedPlan unfinished, Progress progress) throws StorageFailure {
    return settle(unfinished, progress, PlanExecution::finish);
  }

  @Override
  public Outcome undo(UnfinishedPlan unfinished, Progress progress) throws StorageFailure {
    return settle(unfinished, progress, PlanExecution::undo);
  }

  @FunctionalInterface
  private interface Ending {
    Outcome of(PlanExecution<PoolStep> begun) throws StorageFailure;
  }

  private Outcome settle(UnfinishedPlan unfinished, Progress progress, Ending ending)
      throws StorageFailure {
    var plan = unfinished.plan();
    checkOurs(plan);
    try (var _ = locks.take(plan.pool(), "the pool of " + name)) {
      var entry = journal.unfinished(plan.id());
      if (entry.isEmpty()) {
        return new Outcome(
            plan.id(), Outcome.Result.UNCHANGED, List.of(), List.of("it has ended"), List.of());
      }
      return with(pool -> {
        var state = look(pool);
        PoolGuards.isThisPool(state, plan.pool());
        return ending.of(execution(pool, progress, entry.get(), state));
      });
    }
  }

  @Override
  public Inspection inspect(InspectionRequest request, Progress progress) throws StorageFailure {
    var snapshot = PoolGuards.volume(look(), request.snapshot());
    throw new Unsupported(
        "a Lumeo pool does not look into '%1$s': it sees no file systems; mount it with 'lumeo volume mount %1$s' and look yourself"
            .formatted(snapshot.name()));
  }
}
