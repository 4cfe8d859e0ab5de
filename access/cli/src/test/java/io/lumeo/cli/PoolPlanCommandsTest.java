package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.pools.PoolSystem;
import io.lumeo.rest.DirectoryPool;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.StorageFailure;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands that a plan shows for a Lumeo pool are typed here, one after the other: they do
/// what the plan says, and so do those that take it back.
class PoolPlanCommandsTest {
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  private PoolSystem system;

  @BeforeEach
  void make() throws IOException {
    var format = new Volumes.Format(64 << 10, 64 * MIB, 4 * MIB, PoolOptions.DEFAULT);
    try (var volumes = Volumes.create(PoolFiles.in(folder), format)) {
      volumes.createVolume("v", MIB, Set.of(), null, null);
      volumes.createSnapshot("s", "v", Set.of(OwnTags.MANAGED));
    }
    system =
        new PoolSystem(
            "pool",
            new DirectoryPool(folder),
            folder.resolve("state"),
            InstantSource.system(),
            new Random(1));
  }

  private static SortedSet<String> tags(String... tags) {
    return new TreeSet<>(List.of(tags));
  }

  private String pool() throws StorageFailure {
    return system.inventory().pools().getFirst().uuid();
  }

  private String uuid(String name) throws StorageFailure {
    return system.inventory().volume("pool/" + name).orElseThrow().uuid();
  }

  private boolean has(String name) throws StorageFailure {
    return system.inventory().volume("pool/" + name).isPresent();
  }

  private Plan plan(Change change) throws StorageFailure {
    var plan = system.plan(change);
    assertThat(plan.steps()).isNotEmpty();
    return plan;
  }

  private void type(Plan plan) {
    plan.steps().forEach(step -> type(step.arguments()));
  }

  private void typeUndo(Plan plan) {
    plan.steps().reversed().forEach(step -> type(step.undo()));
  }

  private static void type(List<String> words) {
    assertThat(words).startsWith("lumeo");
    var arguments = words.subList(1, words.size()).toArray(String[]::new);
    var outcome = CommandLineFixture.run(null, arguments);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  @Test
  void whatIsMadeIsMadeByTheCommandAndGoneByItsUndo() throws Exception {
    var changes =
        List.of(
            new Change.CreateVolume(pool(), "new", 3 * MIB, tags("b", "lumeo.policy=p")),
            new Change.CreateSnapshot(uuid("v"), "new", null, true, true, tags("b")),
            new Change.CreateClone(uuid("s"), "new", true, tags()));
    for (var change : changes) {
      var plan = plan(change);
      type(plan);
      var made = system.inventory().volume("pool/new").orElseThrow();
      assertThat(made.tags()).contains(OwnTags.MANAGED);
      typeUndo(plan);
      assertThat(has("new")).isFalse();
    }
  }

  @Test
  void whatGrowsGrowsByTheCommand() throws Exception {
    var changes =
        List.of(
            new Change.ExtendVolume(uuid("v"), 2 * MIB, WithFileSystem.LEAVE),
            new Change.ExtendPoolData(pool(), 80 * MIB),
            new Change.ExtendPoolMetadata(pool(), 8 * MIB));
    for (var change : changes) {
      type(plan(change));
      assertThat(system.plan(change).isEmpty()).as(change.toString()).isTrue();
    }
  }

  @Test
  void whatIsSetIsSetByTheCommandAndAsBeforeByItsUndo() throws Exception {
    var changes =
        List.of(
            new Change.SetDiscards(pool(), "nopassdown"),
            new Change.SetSelfExtension(pool(), new SelfExtension(75, 25, true, 128 * MIB)));
    for (var change : changes) {
      var plan = plan(change);
      type(plan);
      assertThat(system.plan(change).isEmpty()).as(change.toString()).isTrue();
      typeUndo(plan);
      assertThat(plan(change).steps()).isEqualTo(plan.steps());
    }
  }

  @Test
  void aVolumeIsRolledBackAndItsSnapshotUsedUpByTheCommands() throws Exception {
    type(plan(new Change.RollBack(uuid("v"), uuid("s"), false, "before")));
    assertThat(has("s")).isFalse();
    assertThat(has("before")).isTrue();
  }

  @Test
  void zeroesAreGivenBackByTheCommand() throws Exception {
    type(plan(new Change.Trim(uuid("v"))));
    assertThat(used(system.inventory())).isZero();
  }

  private static long used(Inventory inventory) {
    return inventory.pools().getFirst().data().usedBytes();
  }

  @Test
  void whatIsPurgedIsPurgedByTheCommand() throws Exception {
    system.apply(
        system.plan(new Change.Trash(uuid("s"), Duration.ZERO)), io.lumeo.storage.Progress.none());
    var trashed =
        system.inventory().volumes().stream()
            .filter(volume -> OwnTags.trashedNameIn(volume.tags()).isPresent())
            .findFirst()
            .orElseThrow();
    type(plan(new Change.Purge(trashed.uuid())));
    assertThat(system.inventory().volumes()).hasSize(1);
  }
}
