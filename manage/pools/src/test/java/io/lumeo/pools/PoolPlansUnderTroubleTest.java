package io.lumeo.pools;

import static io.lumeo.pools.ExamplePool.MIB;
import static io.lumeo.pools.ExamplePool.tags;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.pools.ExamplePool.Killed;
import io.lumeo.pools.ExamplePool.Trouble;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unreachable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every plan meets every trouble at every change that it makes: our process is killed, the change
/// is refused, its answer is lost, the server goes away. Afterwards the pool is as it was or as it
/// was to be, never in between, and no plan is forgotten.
class PoolPlansUnderTroubleTest {
  @TempDir Path folder;

  private int pools;

  @FunctionalInterface
  interface Wanted {
    Change in(ExamplePool pool) throws StorageFailure;
  }

  /// A change of a pool with the volume `v`, its snapshot `s` and, in the trash, the volume `old`.
  record Scenario(String name, Wanted wanted) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Scenario> scenarios() {
    return List.of(
        new Scenario("create", pool -> new Change.CreateVolume(pool.pool(), "new", MIB, tags("t"))),
        new Scenario(
            "snapshot",
            pool -> new Change.CreateSnapshot(pool.uuid("v"), "new", null, true, true, tags("t"))),
        new Scenario("clone", pool -> new Change.CreateClone(pool.uuid("s"), "new", true, tags())),
        new Scenario(
            "extend",
            pool -> new Change.ExtendVolume(pool.uuid("v"), 4 * MIB, WithFileSystem.LEAVE)),
        new Scenario("extend data", pool -> new Change.ExtendPoolData(pool.pool(), 32 * MIB)),
        new Scenario(
            "extend metadata", pool -> new Change.ExtendPoolMetadata(pool.pool(), 4 * MIB)),
        new Scenario(
            "roll back",
            pool -> new Change.RollBack(pool.uuid("v"), pool.uuid("s"), true, "before")),
        new Scenario(
            "roll back and use up",
            pool -> new Change.RollBack(pool.uuid("v"), pool.uuid("s"), false, "before")),
        new Scenario("discards", pool -> new Change.SetDiscards(pool.pool(), "nopassdown")),
        new Scenario(
            "extends itself",
            pool ->
                new Change.SetSelfExtension(
                    pool.pool(), new SelfExtension(75, 25, true, 64 * MIB))),
        new Scenario("rename", pool -> new Change.Rename(pool.uuid("v"), "new")),
        new Scenario("tags", pool -> new Change.SetTags(pool.uuid("v"), tags("a", "b"), tags())),
        new Scenario("trash", pool -> new Change.Trash(pool.uuid("s"), Duration.ofDays(1))),
        new Scenario("restore", pool -> new Change.RestoreFromTrash(old(pool))),
        new Scenario("purge", pool -> new Change.Purge(old(pool))));
  }

  private static String old(ExamplePool pool) throws StorageFailure {
    return pool.system.inventory().volumes().stream()
        .filter(volume -> OwnTags.trashedNameIn(volume.tags()).isPresent())
        .findFirst()
        .orElseThrow()
        .uuid();
  }

  private ExamplePool pool() throws IOException, StorageFailure {
    var pool = new ExamplePool(folder.resolve("pool" + pools++));
    pool.made("v");
    pool.write("v", 1);
    pool.snapshot("v", "s");
    pool.write("v", 2);
    pool.apply(new Change.Trash(pool.made("old"), Duration.ZERO));
    return pool;
  }

  /// All that a plan could change, without what tells one run from another.
  private static List<String> look(ExamplePool pool, Plan plan) throws IOException {
    var seen = new ArrayList<String>();
    for (var volume : pool.volumes.list()) {
      var tags = new TreeSet<String>();
      volume.tags().stream()
          .filter(tag -> !tag.startsWith("lumeo.run="))
          .map(tag -> tag.replaceFirst("(?<=lumeo.origin=).*", "UUID"))
          .forEach(tags::add);
      seen.add(
          "%s %s %d of %s %s holds %d"
              .formatted(
                  volume.name().replace(new PlanId(plan.id()).brief(), "PLAN"),
                  volume.kind(),
                  volume.sizeBytes(),
                  volume.origin(),
                  tags,
                  pool.read(volume.name())));
    }
    seen.sort(null);
    var status = pool.volumes.status();
    seen.add(
        "%d %d %s"
            .formatted(
                status.dataTotalBytes(), status.metadataTotalBytes(), pool.volumes.keptOptions()));
    return seen;
  }

  /// What becomes of the pool when all goes well.
  private List<String> afterwards(Scenario scenario) throws Exception {
    try (var pool = pool()) {
      var plan = pool.system.plan(scenario.wanted().in(pool));
      var before = look(pool, plan);
      assertThat(pool.apply(plan).result()).isEqualTo(Result.DONE);
      assertThat(pool.system.unfinished()).isEmpty();
      assertThat(look(pool, plan)).isNotEqualTo(before);
      return look(pool, plan);
    }
  }

  @FunctionalInterface
  private interface Trial {
    void run(ExamplePool pool, Plan plan, List<String> before, List<String> after) throws Exception;
  }

  /// Runs a scenario once for each change that it makes, with trouble at that change.
  private int atEveryChange(Scenario scenario, Trouble trouble, Trial trial) throws Exception {
    var after = afterwards(scenario);
    for (int change = 0; ; change++) {
      try (var pool = pool()) {
        var plan = pool.system.plan(scenario.wanted().in(pool));
        var before = look(pool, plan);
        pool.troubleAt(change, trouble);
        if (change >= plan.steps().size()) {
          return change;
        }
        trial.run(pool, plan, before, after);
        assertThat(pool.metTrouble()).isTrue();
        assertThat(pool.another().unfinished()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void aPlanWhoseProcessWasKilledIsFinishedOrUndone(Scenario scenario) throws Exception {
    for (var kill : List.of(Trouble.DIES_BEFORE, Trouble.DIES_AFTER)) {
      int tried =
          atEveryChange(
              scenario,
              kill,
              (pool, plan, before, after) -> {
                assertThatThrownBy(() -> pool.apply(plan)).isInstanceOf(Killed.class);
                assertThat(look(pool, plan)).as("nobody cleans up").isNotNull();
                var restarted = pool.another();
                var left = restarted.unfinished();
                assertThat(left).hasSize(1);
                assertThat(left.getFirst().plan()).isEqualTo(plan);
                var outcome = restarted.finish(left.getFirst(), Progress.none());
                assertThat(outcome.plan()).isEqualTo(plan.id());
                assertThat(look(pool, plan))
                    .isEqualTo(outcome.result() == Result.DONE ? after : before);
                assertThat(restarted.finish(left.getFirst(), Progress.none()).result())
                    .isEqualTo(Result.UNCHANGED);
              });
      assertThat(tried).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void aPlanThatIsRefusedInTheMiddleIsTakenBackOrCanBeFinished(Scenario scenario) throws Exception {
    atEveryChange(
        scenario,
        Trouble.FAILS,
        (pool, plan, before, after) -> {
          assertThatThrownBy(() -> pool.apply(plan))
              .isInstanceOf(StorageFailure.class)
              .hasMessageContaining("not today");
          var left = pool.system.unfinished();
          if (left.isEmpty()) {
            assertThat(look(pool, plan)).isEqualTo(before);
          } else {
            pool.system.finish(left.getFirst(), Progress.none());
            assertThat(look(pool, plan)).isEqualTo(after);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void aChangeWhoseAnswerWasLostIsSeenToBeDone(Scenario scenario) throws Exception {
    atEveryChange(
        scenario,
        Trouble.ANSWER_IS_LOST,
        (pool, plan, _, after) -> {
          assertThat(pool.apply(plan).result()).isEqualTo(Result.DONE);
          assertThat(look(pool, plan)).isEqualTo(after);
        });
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void aPlanWhoseServerWentAwayWaitsForIt(Scenario scenario) throws Exception {
    atEveryChange(
        scenario,
        Trouble.SERVER_IS_GONE,
        (pool, plan, before, after) -> {
          assertThatThrownBy(() -> pool.apply(plan))
              .isInstanceOf(Unreachable.class)
              .hasMessageContaining("it is unfinished");
          var left = pool.system.unfinished();
          assertThat(left).hasSize(1);
          assertThatThrownBy(() -> pool.system.finish(left.getFirst(), Progress.none()))
              .isInstanceOf(Unreachable.class);
          pool.noMoreTrouble();
          var outcome = pool.system.finish(left.getFirst(), Progress.none());
          assertThat(look(pool, plan)).isEqualTo(outcome.result() == Result.DONE ? after : before);
        });
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void aPlanThatWasCutIsTakenBackWhereAllOfItCanBe(Scenario scenario) throws Exception {
    atEveryChange(
        scenario,
        Trouble.DIES_AFTER,
        (pool, plan, before, after) -> {
          assertThatThrownBy(() -> pool.apply(plan)).isInstanceOf(Killed.class);
          var restarted = pool.another();
          var left = restarted.unfinished().getFirst();
          try {
            var outcome = restarted.undo(left, Progress.none());
            assertThat(outcome.result()).isEqualTo(Result.UNDONE);
            assertThat(look(pool, plan)).isEqualTo(before);
          } catch (Refused nothingUndoesIt) {
            assertThat(nothingUndoesIt).hasMessageContaining("finish it");
            restarted.finish(left, Progress.none());
            assertThat(look(pool, plan)).isEqualTo(after);
          }
        });
  }

  @Test
  void aHalfDonePlanThatCannotGoOnIsTakenBackWhenItIsFinished() throws Exception {
    try (var pool = pool()) {
      var plan = pool.system.plan(new Change.Trash(pool.uuid("s"), Duration.ofDays(1)));
      var before = look(pool, plan);
      pool.troubleAt(1, Trouble.DIES_BEFORE);
      assertThatThrownBy(() -> pool.apply(plan)).isInstanceOf(Killed.class);
      // Somebody takes the name that it was to have.
      var taken = "lumeo-trash-" + new PlanId(plan.id()).brief() + "-s";
      pool.volumes.createVolume(taken, MIB, Set.of(), null, null);
      var restarted = pool.another();
      var outcome = restarted.finish(restarted.unfinished().getFirst(), Progress.none());
      assertThat(outcome.result()).isEqualTo(Result.UNDONE);
      assertThat(outcome.effects()).first().asString().contains("there is a volume");
      pool.volumes.delete(taken, io.lumeo.thin.Progress.NONE);
      assertThat(look(pool, plan)).isEqualTo(before);
    }
  }

  @Test
  void whatWasRemovedMeanwhileIsNoLongerChanged() throws Exception {
    try (var pool = pool()) {
      var plan = pool.system.plan(new Change.Trash(pool.uuid("s"), Duration.ofDays(1)));
      pool.troubleAt(1, Trouble.DIES_BEFORE);
      assertThatThrownBy(() -> pool.apply(plan)).isInstanceOf(Killed.class);
      pool.volumes.delete("s", io.lumeo.thin.Progress.NONE);
      var restarted = pool.another();
      var outcome = restarted.finish(restarted.unfinished().getFirst(), Progress.none());
      assertThat(outcome.result()).isEqualTo(Result.UNDONE);
      assertThat(outcome.effects()).first().asString().contains("'s' is no longer there");
    }
  }

  @Test
  void aRollbackIsNotMadeTwice() throws Exception {
    try (var pool = pool()) {
      var plan = pool.system.plan(new Change.RollBack(pool.uuid("v"), pool.uuid("s"), true, null));
      pool.troubleAt(0, Trouble.DIES_AFTER);
      assertThatThrownBy(() -> pool.apply(plan)).isInstanceOf(Killed.class);
      pool.write("v", 9); // by a client, before anybody looks for unfinished plans
      var restarted = pool.another();
      var outcome = restarted.finish(restarted.unfinished().getFirst(), Progress.none());
      assertThat(outcome.result()).isEqualTo(Result.DONE);
      assertThat(pool.read("v")).isEqualTo(9);
    }
  }

  @Test
  void whatCannotBeTakenBackIsSaidToBeHalfDone() throws Exception {
    try (var pool = pool()) {
      var change = new Change.RollBack(pool.uuid("v"), pool.uuid("s"), false, null);
      var plan = pool.system.plan(change);
      pool.troubleAt(1, Trouble.FAILS);
      assertThatThrownBy(() -> pool.apply(plan))
          .isInstanceOf(Partial.class)
          .hasMessageContaining("is half done");
      assertThat(pool.system.unfinished().getFirst().stepsDone()).isEqualTo(1);
    }
  }

  @Test
  void aTrimThatWasCutIsNotRepeated() throws Exception {
    try (var pool = pool()) {
      var plan = pool.system.plan(new Change.Trim(pool.uuid("v")));
      pool.troubleAt(0, Trouble.DIES_AFTER);
      assertThatThrownBy(() -> pool.apply(plan)).isInstanceOf(Killed.class);
      var restarted = pool.another();
      var left = restarted.unfinished().getFirst();
      assertThatThrownBy(() -> restarted.undo(left, Progress.none()))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("nothing undoes");
      var outcome = restarted.finish(left, Progress.none());
      assertThat(outcome.result()).isEqualTo(Result.UNDONE);
      assertThat(outcome.effects()).containsExactly("nothing of it had been done");
    }
  }

  @Test
  void everyActionIsReadAgainAsItWasWritten() throws Exception {
    var seen = new TreeSet<String>();
    for (var scenario : scenarios()) {
      try (var pool = pool()) {
        var state = PoolState.read(pool.connect(), pool.now);
        var id = PlanId.at(pool.now, new java.util.Random(7));
        var change = scenario.wanted().in(pool);
        var draft = new PoolPlanner("pool", pool.options()).plan(state, change, id);
        var codec = new PoolStepCodec();
        for (int i = 0; i < draft.steps().size(); i++) {
          var step = draft.steps().get(i);
          assertThat(codec.decode(codec.encode(step), draft.plan().steps().get(i))).isEqualTo(step);
        }
        draft.steps().forEach(step -> seen.add(step.action().getClass().getSimpleName()));
        draft.steps().stream()
            .flatMap(step -> Stream.ofNullable(step.undo()))
            .forEach(undo -> seen.add(undo.getClass().getSimpleName()));
      }
    }
    seen.add("Trim");
    var trim = new PoolAction.Trim("u", "v");
    assertThat(PoolActionCodec.decode(PoolActionCodec.encode(trim))).isEqualTo(trim);
    assertThat(seen).hasSize(PoolAction.class.getPermittedSubclasses().length);
    assertThatThrownBy(
            () -> PoolActionCodec.decode(PoolActionCodec.encode(trim).put("type", "Explode")))
        .hasMessageContaining("Explode");
  }
}
