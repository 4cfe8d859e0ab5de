package io.lumeo.pools;

import static io.lumeo.pools.ExamplePool.BLOCK;
import static io.lumeo.pools.ExamplePool.MIB;
import static io.lumeo.pools.ExamplePool.NOW;
import static io.lumeo.pools.ExamplePool.tags;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.Capability;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.ChangeLocks;
import io.lumeo.storage.Health;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Busy;
import io.lumeo.storage.StorageFailure.Moved;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unsupported;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolMode;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A Lumeo pool seen and changed through the model.
class PoolSystemTest {
  @TempDir Path folder;

  private ExamplePool pool;

  @BeforeEach
  void make() throws IOException {
    pool = new ExamplePool(folder);
  }

  @AfterEach
  void close() throws IOException {
    pool.close();
  }

  private void assertRefused(Change change, Class<? extends StorageFailure> type, String words) {
    assertThatThrownBy(() -> pool.system.plan(change))
        .isInstanceOf(type)
        .hasMessageContaining(words)
        .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("\n"));
  }

  private static List<String> command(Plan plan, int step) {
    return plan.steps().get(step).arguments();
  }

  private static List<String> undo(Plan plan, int step) {
    return plan.steps().get(step).undo();
  }

  private static Change snapshot(String volume, String name, String... tags) {
    return new Change.CreateSnapshot(volume, name, null, true, true, tags(tags));
  }

  // --- looking

  @Test
  void theInventoryShowsThePoolItsVolumesAndTheirLineage() throws Exception {
    pool.foreign("v");
    pool.write("v", 1);
    pool.snapshot("v", "s");
    var inventory = pool.system.inventory();
    var seen = inventory.pools().getFirst();
    assertThat(inventory.system()).isEqualTo("pool");
    assertThat(inventory.takenAt()).isEqualTo(NOW);
    assertThat(seen.kind()).isEqualTo(Pool.Kind.LUMEO_POOL);
    assertThat(seen.uuid()).isEqualTo(pool.pool());
    assertThat(seen.data()).isEqualTo(new Usage(16 * MIB, BLOCK));
    assertThat(seen.metadata()).isNotNull();
    assertThat(seen.metadata().sizeBytes()).isEqualTo(2 * MIB);
    assertThat(seen.unitBytes()).isEqualTo(BLOCK);
    assertThat(seen.health()).isEqualTo(Health.ok());
    assertThat(seen.can(Capability.EXTEND_DATA)).isTrue();
    assertThat(seen.selfExtension()).isNull();

    var volume = pool.volume("v");
    assertThat(volume.kind()).isEqualTo(Volume.Kind.THIN);
    assertThat(volume.data()).isEqualTo(new Usage(MIB, BLOCK));
    assertThat(volume.pool()).isEqualTo(seen.uuid());
    assertThat(volume.can(Capability.TRASH)).isFalse();
    assertThat(volume.can(Capability.EXTEND_ONLINE)).isTrue();
    assertThat(volume.readOnly()).isFalse();

    var snapshot = pool.volume("s");
    assertThat(snapshot.kind()).isEqualTo(Volume.Kind.THIN_SNAPSHOT);
    assertThat(snapshot.origin()).isEqualTo(volume.uuid());
    assertThat(snapshot.createdAt()).isNotNull();
    assertThat(snapshot.readOnly()).isTrue();
    assertThat(snapshot.capabilities())
        .containsExactlyInAnyOrder(
            Capability.THIN_SNAPSHOT, Capability.CLONE, Capability.ROLL_BACK, Capability.TRASH);
    assertThat(inventory.snapshotsOf(volume.uuid())).containsExactly(snapshot);
  }

  @Test
  void howFullEverythingIsCanBeAskedFor() throws Exception {
    var uuid = pool.foreign("v");
    pool.write("v", 1);
    var samples = pool.system.usage();
    assertThat(samples).hasSize(2);
    assertThat(samples.getFirst().uuid()).isEqualTo(pool.pool());
    assertThat(samples.getFirst().data()).isEqualTo(new Usage(16 * MIB, BLOCK));
    assertThat(samples.getFirst().metadata()).isNotNull();
    assertThat(samples.getLast().uuid()).isEqualTo(uuid);
    assertThat(samples.getLast().data()).isEqualTo(new Usage(MIB, BLOCK));
    assertThat(samples.getLast().metadata()).isNull();
  }

  @Test
  void aClientMakesAVolumeOpen() throws Exception {
    pool.foreign("v");
    assertThat(pool.volume("v").open()).isFalse();
    pool.exports.add(new ExportView("v", null, null, MIB, false, 1, List.of()));
    assertThat(pool.volume("v").open()).isTrue();
  }

  @Test
  void theOriginIsKnownByNameWhereNoTagTellsIt() throws Exception {
    var origin = pool.foreign("v");
    pool.volumes.createSnapshot("s", "v", Set.of());
    assertThat(pool.volume("s").origin()).isEqualTo(origin);
    pool.volumes.rename("v", "w");
    assertThat(pool.volume("s").origin()).isEqualTo(origin);
    pool.volumes.delete("w", io.lumeo.thin.Progress.NONE);
    assertThat(pool.volume("s").origin()).isNull();
    pool.foreign("w");
    assertThat(pool.volume("s").origin()).isNull();
  }

  @Test
  void theSequenceMovesWithEachChangeAndNotWithWrites() throws Exception {
    pool.foreign("v");
    long before = sequence();
    pool.write("v", 1);
    assertThat(sequence()).isEqualTo(before);
    var changes =
        List.<Change>of(
            snapshot(pool.uuid("v"), "s"),
            new Change.SetTags(pool.uuid("v"), tags("a"), tags()),
            new Change.Rename(pool.uuid("v"), "w"),
            new Change.ExtendPoolData(pool.pool(), 20 * MIB),
            new Change.SetDiscards(pool.pool(), "ignore"));
    for (var change : changes) {
      pool.apply(change);
      long after = sequence();
      assertThat(after).as(change.toString()).isGreaterThan(before);
      before = after;
    }
  }

  private long sequence() throws StorageFailure {
    return pool.system.inventory().pools().getFirst().sequence();
  }

  @Test
  void aPoolThatIsOpenElsewhereIsBusyAndOneThatIsNotThereIsNotFound() throws Exception {
    var elsewhere = system(() -> new LocalVolumes(open(folder), Serving.NOBODY));
    assertThatThrownBy(elsewhere::inventory)
        .isInstanceOf(Busy.class)
        .hasMessageContaining("could not reach the pool of other");
    var nowhere = system(() -> new LocalVolumes(open(folder.resolve("no")), Serving.NOBODY));
    assertThatThrownBy(nowhere::usage).isInstanceOf(NotFound.class);
  }

  private static Volumes open(Path folder) throws IOException {
    return Volumes.open(PoolFiles.in(folder), null);
  }

  @FunctionalInterface
  private interface Opening {
    VolumeService open() throws IOException;
  }

  private PoolSystem system(Opening opening) {
    var access =
        new PoolAccess() {
          @Override
          public VolumeService connect() throws IOException {
            return opening.open();
          }

          @Override
          public List<String> options() {
            return List.of();
          }
        };
    return new PoolSystem("other", access, folder.resolve("state"), () -> NOW, new Random(2));
  }

  @Test
  void aPoolThatNobodyServesIsOpenedForEachLookAndEachChange() throws Exception {
    pool.foreign("v");
    pool.close();
    var system = system(() -> new LocalVolumes(open(folder), Serving.NOBODY));
    var volume = system.inventory().volume("pool/v").orElseThrow();
    var outcome = system.apply(system.plan(snapshot(volume.uuid(), "s")), Progress.none());
    assertThat(outcome.result()).isEqualTo(Result.DONE);
    try (var reopened = open(folder)) {
      assertThat(reopened.get("s").origin()).isEqualTo("v");
    }
    pool = new ExamplePool(folder.resolve("another"));
  }

  @Test
  void threadsOfOneSystemWaitForEachOtherAtAPoolThatNobodyServes() throws Exception {
    pool.foreign("v");
    pool.close();
    var system = system(() -> new LocalVolumes(open(folder), Serving.NOBODY));
    Callable<Inventory> look = system::inventory;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var looks = threads.invokeAll(Collections.nCopies(16, look));
      for (var seen : looks) {
        assertThat(seen.get().volume("pool/v")).isPresent();
      }
    }
    pool = new ExamplePool(folder.resolve("another"));
  }

  @Test
  void aSystemNeedsANameThatCanBeAFolders() {
    assertThatThrownBy(() -> new PoolSystem("../x", pool, folder, () -> NOW, new Random(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // --- making

  @Test
  void aVolumeIsMadeInWholeBlocksAndKnownByItsTags() throws Exception {
    var plan =
        pool.system.plan(
            new Change.CreateVolume(pool.pool(), "v", MIB + 1, tags("lumeo.policy=p", "b")));
    assertThat(pool.volumes.list()).isEmpty();
    assertThat(command(plan, 0))
        .containsExactly(
            "lumeo",
            "volume",
            "create",
            "v",
            Long.toString(MIB + BLOCK),
            "--tag",
            "b",
            "--tag",
            OwnTags.MANAGED,
            "--tag",
            "lumeo.policy=p",
            "--tag",
            OwnTags.run(new PlanId(plan.id())),
            "--dir",
            "/srv/pool");
    assertThat(undo(plan, 0))
        .containsExactly("lumeo", "volume", "delete", "v", "--yes", "--dir", "/srv/pool");
    assertThat(plan.notes()).anyMatch(note -> note.contains("rounded up"));
    var outcome = pool.apply(plan);
    var made = pool.volume("v");
    assertThat(outcome.volumes()).containsExactly(made.uuid());
    assertThat(outcome.effects()).first().asString().contains("an empty volume 'v'");
    assertThat(made.sizeBytes()).isEqualTo(MIB + BLOCK);
    assertThat(made.tags()).contains("b", OwnTags.MANAGED, OwnTags.run(new PlanId(plan.id())));
  }

  @Test
  void aSnapshotSharesItsOriginsBlocksAndTellsWhoseItIs() throws Exception {
    var origin = pool.foreign("v");
    pool.write("v", 1);
    // What policies put on their snapshots says in advance that Lumeo made them.
    var plan = pool.system.plan(snapshot(origin, "s", OwnTags.MANAGED, "lumeo.policy=daily"));
    assertThat(command(plan, 0)).startsWith("lumeo", "snapshot", "create", "v", "s", "--tag");
    assertThat(undo(plan, 0)).startsWith("lumeo", "snapshot", "delete", "s", "--yes");
    pool.apply(plan);
    pool.write("v", 2);
    assertThat(pool.read("s")).isEqualTo(1);
    assertThat(pool.volume("s").tags())
        .contains(OwnTags.MANAGED, "lumeo.policy=daily", OwnTags.origin(origin));
  }

  @Test
  void whatASnapshotOfAPoolCannotBeIsSaid() throws Exception {
    var origin = pool.foreign("v");
    var plan = pool.system.plan(new Change.CreateSnapshot(origin, "s", null, false, false, tags()));
    assertThat(plan.notes())
        .anyMatch(note -> note.contains("never written to"))
        .anyMatch(note -> note.contains("read at once"));
    assertRefused(
        new Change.CreateSnapshot(origin, "s", new StoreSize.OfOrigin(20), true, true, tags()),
        Unsupported.class,
        "no classic snapshots");
  }

  @Test
  void aCloneOfASnapshotIsAVolumeOfItsOwn() throws Exception {
    pool.foreign("v");
    pool.write("v", 1);
    var snapshot = pool.snapshot("v", "s");
    var plan = pool.system.plan(new Change.CreateClone(snapshot, "c", false, tags("x")));
    assertThat(command(plan, 0)).startsWith("lumeo", "clone", "s", "c");
    assertThat(undo(plan, 0)).startsWith("lumeo", "volume", "delete", "c", "--yes");
    pool.apply(plan);
    pool.write("c", 3);
    assertThat(pool.read("s")).isEqualTo(1);
    var clone = pool.volume("c");
    assertThat(clone.kind()).isEqualTo(Volume.Kind.THIN);
    assertThat(clone.origin()).isEqualTo(snapshot);
    assertThat(clone.tags()).contains("x", OwnTags.CLONE);
  }

  @Test
  void namesAndTagsThatCannotBeAreRefused() throws Exception {
    var v = pool.foreign("v");
    assertRefused(snapshot(v, "v"), Refused.class, "there is a volume 'v' already");
    assertRefused(snapshot(v, "-rf"), Refused.class, "is not a volume name");
    assertRefused(snapshot(v, "thin-7"), Refused.class, "made outside Lumeo");
    assertRefused(snapshot(v, "a b\n"), Refused.class, "is not a volume name");
    assertRefused(snapshot(v, "s", "a b"), Refused.class, "cannot be a tag");
    assertRefused(snapshot(v, "s", "lumeo.run=x"), Refused.class, "Lumeo's own record");
    assertRefused(
        new Change.SetTags(v, tags(OwnTags.MANAGED), tags()), Refused.class, "own record");
    assertRefused(
        new Change.SetTags(v, tags(), tags(OwnTags.origin("u"))), Refused.class, "own record");
    assertRefused(
        new Change.CreateVolume(pool.pool(), "w", 0, tags()), Refused.class, "a size above zero");
    assertRefused(
        new Change.CreateVolume("other", "w", MIB, tags()), NotFound.class, "no pool other");
    assertRefused(snapshot("gone", "s"), NotFound.class, "no volume gone");
  }

  @Test
  void nothingIsMadeInAFullPool() throws Exception {
    var v = pool.foreign("v");
    pool.volumes.createVolume("large", 20 * MIB, Set.of(), null, null);
    try (var device = pool.volumes.open("large")) {
      assertThatThrownBy(() -> device.write(0, MemorySegment.ofArray(new byte[(int) (17 * MIB)])))
          .isInstanceOf(IOException.class);
    }
    var health = pool.system.inventory().pools().getFirst().health();
    assertThat(health.state()).isEqualTo(Health.State.OUT_OF_SPACE);
    assertThatThrownBy(() -> pool.system.plan(snapshot(v, "s")))
        .isInstanceOfSatisfying(
            OutOfSpace.class, failure -> assertThat(failure.missingBytes()).isEqualTo(BLOCK))
        .hasMessage(health.reason());
    pool.apply(new Change.ExtendPoolData(pool.pool(), 32 * MIB));
    pool.apply(snapshot(v, "s"));
    assertThat(pool.has("s")).isTrue();
  }

  // --- growing

  @Test
  void aVolumeGrowsAndNeverShrinks() throws Exception {
    var v = pool.foreign("v");
    var plan = pool.system.plan(new Change.ExtendVolume(v, 2 * MIB, WithFileSystem.LEAVE));
    assertThat(command(plan, 0))
        .containsExactly(
            "lumeo", "volume", "resize", "v", Long.toString(2 * MIB), "--dir", "/srv/pool");
    assertThat(undo(plan, 0)).isEmpty();
    pool.apply(plan);
    assertThat(pool.volume("v").sizeBytes()).isEqualTo(2 * MIB);
    var again = pool.system.plan(new Change.ExtendVolume(v, 2 * MIB, WithFileSystem.LEAVE));
    assertThat(again.isEmpty()).isTrue();
    assertThat(pool.apply(again).result()).isEqualTo(Result.UNCHANGED);
    assertRefused(
        new Change.ExtendVolume(v, MIB, WithFileSystem.LEAVE), Refused.class, "not made smaller");
    assertRefused(
        new Change.ExtendVolume(v, 4 * MIB, WithFileSystem.GROW),
        Unsupported.class,
        "does not see the file system");
    assertRefused(
        new Change.ExtendVolume(pool.snapshot("v", "s"), 4 * MIB, WithFileSystem.LEAVE),
        Refused.class,
        "'s' is a snapshot");
  }

  @Test
  void thePoolsDataGrowsInWholeBlocks() throws Exception {
    var plan = pool.system.plan(new Change.ExtendPoolData(pool.pool(), 20 * MIB - 5));
    assertThat(command(plan, 0))
        .startsWith("lumeo", "pool", "extend", "--data-size", Long.toString(20 * MIB));
    var outcome = pool.apply(plan);
    assertThat(pool.system.inventory().pools().getFirst().data().sizeBytes()).isEqualTo(20 * MIB);
    assertThat(outcome.effects()).contains("the pool has 4 MiB more free than before");
    assertThat(pool.system.plan(new Change.ExtendPoolData(pool.pool(), 20 * MIB)).isEmpty())
        .isTrue();
    assertRefused(new Change.ExtendPoolData(pool.pool(), MIB), Refused.class, "not made smaller");
  }

  @Test
  void thePoolsMetadataGrowsUpToWhatTheFormatCanAddress() throws Exception {
    var plan = pool.system.plan(new Change.ExtendPoolMetadata(pool.pool(), 4 * MIB));
    assertThat(command(plan, 0))
        .startsWith("lumeo", "pool", "extend", "--meta-size", Long.toString(4 * MIB));
    pool.apply(plan);
    var grown = pool.system.inventory().pools().getFirst().metadata();
    assertThat(grown).isNotNull();
    assertThat(grown.sizeBytes()).isEqualTo(4 * MIB);
    assertThat(pool.system.plan(new Change.ExtendPoolMetadata(pool.pool(), 4 * MIB)).isEmpty())
        .isTrue();
    assertRefused(
        new Change.ExtendPoolMetadata(pool.pool(), 20L << 30), Refused.class, "the format ends");
    assertRefused(
        new Change.ExtendPoolMetadata(pool.pool(), MIB), Refused.class, "not made smaller");
  }

  @Test
  void thePoolCanBeLetToExtendItself() throws Exception {
    var rule = new SelfExtension(75, 25, true, 64 * MIB);
    var plan = pool.system.plan(new Change.SetSelfExtension(pool.pool(), rule));
    assertThat(command(plan, 0))
        .containsExactly(
            "lumeo",
            "pool",
            "set",
            "--low-water",
            Long.toString(4 * MIB),
            "--auto-extend-step",
            Long.toString(4 * MIB),
            "--auto-extend-max",
            Long.toString(64 * MIB),
            "--dir",
            "/srv/pool");
    assertThat(undo(plan, 0)).contains("--auto-extend-step", "0");
    pool.apply(plan);
    assertThat(pool.system.inventory().pools().getFirst().selfExtension()).isEqualTo(rule);
    assertThat(pool.system.plan(new Change.SetSelfExtension(pool.pool(), rule)).isEmpty()).isTrue();
    pool.apply(new Change.SetSelfExtension(pool.pool(), null));
    assertThat(pool.system.inventory().pools().getFirst().selfExtension()).isNull();
    assertThat(pool.system.plan(new Change.SetSelfExtension(pool.pool(), null)).isEmpty()).isTrue();
    assertRefused(
        new Change.SetSelfExtension(pool.pool(), new SelfExtension(75, 25, true, null)),
        Refused.class,
        "give a maximum");
    assertRefused(
        new Change.SetSelfExtension(pool.pool(), new SelfExtension(75, 25, true, MIB)),
        Refused.class,
        "give a larger maximum");
    assertRefused(
        new Change.SetSelfExtension(pool.pool(), new SelfExtension(100, 25, true, 64 * MIB)),
        Refused.class,
        "make no sense");
  }

  // --- changing

  @Test
  void aVolumeIsRolledBackAfterASafetySnapshot() throws Exception {
    var v = pool.foreign("v");
    pool.write("v", 1);
    var s = pool.snapshot("v", "s");
    pool.write("v", 2);
    var plan = pool.system.plan(new Change.RollBack(v, s, true, "before"));
    assertThat(command(plan, 0)).startsWith("lumeo", "snapshot", "create", "v", "before");
    assertThat(command(plan, 1))
        .startsWith("lumeo", "snapshot", "rollback", "v", "--to", "s", "--yes");
    assertThat(undo(plan, 1)).isEmpty();
    pool.apply(plan);
    assertThat(pool.read("v")).isEqualTo(1);
    assertThat(pool.read("before")).isEqualTo(2);
    assertThat(pool.has("s")).isTrue();
  }

  @Test
  void aSnapshotThatIsNotWantedAnyMoreGoesIfLumeoMadeIt() throws Exception {
    var v = pool.foreign("v");
    pool.write("v", 1);
    var mine = pool.snapshot("v", "mine");
    pool.volumes.createSnapshot("theirs", "v", Set.of());
    pool.write("v", 2);
    pool.apply(new Change.RollBack(v, mine, false, null));
    assertThat(pool.read("v")).isEqualTo(1);
    assertThat(pool.has("mine")).isFalse();

    pool.write("v", 2);
    var plan = pool.system.plan(new Change.RollBack(v, pool.uuid("theirs"), false, null));
    assertThat(plan.notes()).anyMatch(note -> note.contains("'theirs' stays"));
    pool.apply(plan);
    assertThat(pool.read("v")).isEqualTo(1);
    assertThat(pool.has("theirs")).isTrue();
  }

  @Test
  void aVolumeIsNotRolledBackUnderItsClientsNorToAStranger() throws Exception {
    var v = pool.foreign("v");
    var s = pool.snapshot("v", "s");
    pool.foreign("w");
    var strange = pool.snapshot("w", "strange");
    assertRefused(
        new Change.RollBack(v, strange, true, null), Refused.class, "is no snapshot of 'v'");
    assertRefused(new Change.RollBack(s, s, true, null), Refused.class, "'s' is a snapshot");
    assertRefused(
        new Change.RollBack(v, s, true, "w"), Refused.class, "there is a volume 'w' already");
    pool.connectClient("v");
    assertRefused(new Change.RollBack(v, s, true, null), Busy.class, "127.0.0.1:4711");
  }

  @Test
  void trimGivesBlocksOfZeroesBack() throws Exception {
    var v = pool.foreign("v");
    pool.write("v", 0);
    long used = pool.system.inventory().pools().getFirst().data().usedBytes();
    assertThat(used).isEqualTo(BLOCK);
    var plan = pool.system.plan(new Change.Trim(v));
    assertThat(command(plan, 0)).startsWith("lumeo", "volume", "trim", "v");
    var outcome = pool.apply(plan);
    assertThat(outcome.effects())
        .contains("the pool has 64 KiB more free than before", "64 KiB given back by 'v'");
    assertThat(pool.system.inventory().pools().getFirst().data().usedBytes()).isZero();
  }

  @Test
  void whatDiscardsDoCanBeChangedAndIsTakenBackByItsUndo() throws Exception {
    var plan = pool.system.plan(new Change.SetDiscards(pool.pool(), "nopassdown"));
    assertThat(command(plan, 0)).startsWith("lumeo", "pool", "set", "--discard", "no-passdown");
    assertThat(undo(plan, 0)).startsWith("lumeo", "pool", "set", "--discard", "passdown");
    pool.apply(plan);
    assertThat(pool.volumes.options().discard()).isEqualTo(DiscardMode.NO_PASSDOWN);
    pool.apply(new Change.SetDiscards(pool.pool(), "ignore"));
    assertThat(pool.system.inventory().pools().getFirst().can(Capability.TRIM)).isFalse();
    assertThat(pool.system.plan(new Change.SetDiscards(pool.pool(), "ignore")).isEmpty()).isTrue();
    pool.apply(new Change.SetDiscards(pool.pool(), "passdown"));
    assertRefused(
        new Change.SetDiscards(pool.pool(), "maybe"), Refused.class, "say ignore, nopassdown");
  }

  @Test
  void aVolumeIsRenamedAndItsSnapshotsStillKnowIt() throws Exception {
    var v = pool.foreign("v");
    pool.snapshot("v", "s");
    var plan = pool.system.plan(new Change.Rename(v, "w"));
    assertThat(command(plan, 0)).isEmpty();
    pool.apply(plan);
    assertThat(pool.uuid("w")).isEqualTo(v);
    assertThat(pool.volume("s").origin()).isEqualTo(v);
    assertThat(pool.system.plan(new Change.Rename(v, "w")).isEmpty()).isTrue();
    assertRefused(new Change.Rename(v, "s"), Refused.class, "there is a volume 's' already");
  }

  @Test
  void tagsAreAddedAndTakenAway() throws Exception {
    var v = pool.foreign("v");
    pool.apply(new Change.SetTags(v, tags("lumeo.hold=me", "b"), tags()));
    pool.apply(new Change.SetTags(v, tags("c"), tags("b")));
    assertThat(pool.volume("v").tags()).containsExactly("c", "lumeo.hold=me");
    assertThat(pool.system.plan(new Change.SetTags(v, tags("c"), tags("b"))).isEmpty()).isTrue();
  }

  @Test
  void aVolumeIsAlwaysActive() throws Exception {
    var v = pool.foreign("v");
    assertThat(pool.system.plan(new Change.Activate(v, true)).isEmpty()).isTrue();
    assertRefused(new Change.Activate(v, false), Unsupported.class, "cannot be inactive");
  }

  // --- removing

  @Test
  void whatIsInTheTrashComesBack() throws Exception {
    pool.foreign("v");
    pool.write("v", 1);
    var s = pool.snapshot("v", "s");
    var plan = pool.system.plan(new Change.Trash(s, Duration.ofDays(7)));
    assertThat(plan.steps()).allSatisfy(step -> assertThat(step.arguments()).isEmpty());
    pool.apply(plan);
    assertThat(pool.has("s")).isFalse();
    var name = "lumeo-trash-" + new PlanId(plan.id()).brief() + "-s";
    assertThat(pool.uuid(name)).isEqualTo(s);
    assertThat(OwnTags.trashedUntilIn(pool.volume(name).tags()))
        .contains(NOW.plus(Duration.ofDays(7)));
    assertThat(pool.system.plan(new Change.Trash(s, Duration.ofDays(1))).isEmpty()).isTrue();
    pool.apply(new Change.RestoreFromTrash(s));
    assertThat(pool.read("s")).isEqualTo(1);
    assertThat(pool.volume("s").tags()).noneMatch(OwnTags::isOfTrash);
    assertRefused(new Change.RestoreFromTrash(s), Refused.class, "is not in the trash");
  }

  @Test
  void whatIsInTheTrashUnderItsOwnNameComesBackToo() throws Exception {
    pool.foreign("v");
    var s = pool.snapshot("v", "s");
    pool.volumes.setTags("s", Set.of(OwnTags.MANAGED, OwnTags.trash("s"), OwnTags.trashUntil(NOW)));
    pool.apply(new Change.RestoreFromTrash(s));
    assertThat(pool.volume("s").tags()).containsExactly(OwnTags.MANAGED);
  }

  @Test
  void aNameThatIsTooLongForTheTrashIsKeptInItsTag() throws Exception {
    var name = "n".repeat(120);
    var v = pool.made(name);
    pool.apply(new Change.Trash(v, Duration.ofDays(1)));
    assertThat(pool.has(name)).isFalse();
    pool.apply(new Change.RestoreFromTrash(v));
    assertThat(pool.uuid(name)).isEqualTo(v);
  }

  @Test
  void onlyWhatLumeoMadeAndNobodyUsesGoesToTheTrash() throws Exception {
    var v = pool.foreign("v");
    assertRefused(new Change.Trash(v, Duration.ZERO), Refused.class, "no tag lumeo.managed");
    assertRefused(new Change.Purge(v), Refused.class, "no tag lumeo.managed");
    var made = pool.made("made");
    assertRefused(
        new Change.Trash(made, Duration.ofSeconds(-1)), Refused.class, "less than no time");
    assertRefused(new Change.Purge(made), Refused.class, "not in the trash");
    pool.connectClient("made");
    assertRefused(new Change.Trash(made, Duration.ZERO), Busy.class, "in use by 127.0.0.1:4711");
  }

  @Test
  void theTrashIsEmptiedOfWhatHasHadItsTime() throws Exception {
    var made = pool.made("made");
    pool.apply(new Change.Trash(made, Duration.ofHours(1)));
    assertRefused(new Change.Purge(made), Refused.class, "stays in the trash until");
    pool.now = NOW.plus(Duration.ofHours(1));
    var plan = pool.system.plan(new Change.Purge(made));
    assertThat(command(plan, 0)).startsWith("lumeo", "volume", "delete").contains("--yes");
    assertThat(plan.notes()).contains("nothing brings it back");
    pool.apply(plan);
    assertThat(pool.volumes.list()).isEmpty();
  }

  @Test
  void whatSomebodyChangedTheTagsOfIsNotPurged() throws Exception {
    var made = pool.made("made");
    pool.apply(new Change.Trash(made, Duration.ZERO));
    var name = pool.volumes.list().getFirst().name();
    pool.volumes.setTags(name, Set.of(OwnTags.MANAGED, OwnTags.trash("made")));
    assertRefused(new Change.Purge(made), Refused.class, "nobody knows until when");
  }

  // --- what a Lumeo pool has not

  @Test
  void whatALumeoPoolHasNotIsSaidInOneSentence() throws Exception {
    var v = pool.foreign("v");
    var changes =
        Map.<Change, String>of(
            new Change.CreateThinPool(
                pool.pool(), "p", 1, null, null, List.of(), List.of(), null, tags()),
            "no other pools",
            new Change.GrowFileSystem(v),
            "does not see the file system",
            new Change.ExtendSnapshotStore(v, 5),
            "no classic snapshots",
            new Change.RepairPoolMetadata(pool.pool()),
            "not repaired while it is open",
            new Change.AddDevices(pool.pool(), List.of("/dev/x")),
            "takes no more",
            new Change.RestoreGroupMetadata(pool.pool(), "b"),
            "no backups of its metadata");
    changes.forEach((change, words) -> assertRefused(change, Unsupported.class, words));
  }

  @Test
  void noFileSystemIsLookedInto() throws Exception {
    pool.foreign("v");
    var request =
        new InspectionRequest(pool.snapshot("v", "s"), true, List.of(), Map.of(), List.of(), null);
    assertThatThrownBy(() -> pool.system.inspect(request, Progress.none()))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("lumeo volume mount s");
    var nothing = new InspectionRequest("gone", true, List.of(), Map.of(), List.of(), null);
    assertThatThrownBy(() -> pool.system.inspect(nothing, Progress.none()))
        .isInstanceOf(NotFound.class);
  }

  @Test
  void aReadOnlyPoolIsShownAndNotChanged() throws Exception {
    pool.foreign("v");
    pool.close();
    var system = system(() -> new LocalVolumes(readOnly(), Serving.NOBODY));
    var seen = system.inventory().pools().getFirst();
    assertThat(seen.health().state()).isEqualTo(Health.State.READ_ONLY);
    assertThat(seen.capabilities()).isEmpty();
    var volume = system.inventory().volumes().getFirst();
    assertThat(volume.capabilities()).isEmpty();
    assertThatThrownBy(() -> system.plan(snapshot(volume.uuid(), "s")))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("read-only");
    pool = new ExamplePool(folder.resolve("another"));
  }

  private Volumes readOnly() throws IOException {
    return Volumes.openReadOnly(PoolFiles.in(folder));
  }

  // --- plans that no longer hold

  @Test
  void aPlanHoldsOnlyForThePoolItWasMadeFor() throws Exception {
    var v = pool.foreign("v");
    var plan = pool.system.plan(snapshot(v, "s"));
    pool.foreign("other");
    assertThatThrownBy(() -> pool.apply(plan))
        .isInstanceOf(Moved.class)
        .hasMessageContaining("plan again");
    assertThat(pool.has("s")).isFalse();
    assertThatThrownBy(() -> pool.apply(with(plan, "host", plan.id(), plan.steps())))
        .isInstanceOf(NotFound.class);
    assertThatThrownBy(() -> pool.apply(with(plan, "pool", "../x", plan.steps())))
        .isInstanceOf(NotFound.class);
  }

  private static Plan with(Plan plan, String system, String id, List<Plan.Step> steps) {
    return new Plan(
        id,
        system,
        plan.change(),
        plan.pool(),
        plan.sequence(),
        plan.preconditions(),
        steps,
        plan.expected(),
        plan.notes());
  }

  @Test
  void nothingIsDoneButWhatWouldBePlannedNow() throws Exception {
    var v = pool.foreign("v");
    var plan = pool.system.plan(snapshot(v, "s"));
    var forged = List.of(new Plan.Step("delete all", List.of("lumeo", "volume"), List.of()));
    assertThatThrownBy(() -> pool.apply(with(plan, "pool", plan.id(), forged)))
        .isInstanceOf(Moved.class);
    // A client does not move the sequence, so the guard has to look again.
    var s = pool.snapshot("v", "s");
    var rollBack = pool.system.plan(new Change.RollBack(v, s, true, null));
    pool.connectClient("v");
    assertThatThrownBy(() -> pool.apply(rollBack)).isInstanceOf(Busy.class);
  }

  @Test
  void thereIsOneWriterPerPool() throws Exception {
    var v = pool.foreign("v");
    var plan = pool.system.plan(snapshot(v, "s"));
    try (var _ =
        new ChangeLocks(folder.resolve("state/locks/pool")).take(pool.pool(), "the pool")) {
      assertThatThrownBy(() -> pool.apply(plan))
          .isInstanceOf(Busy.class)
          .hasMessageContaining(
              "the pool of pool is being changed by process " + ProcessHandle.current().pid());
    }
    assertThat(pool.apply(plan).result()).isEqualTo(Result.DONE);
  }

  @Test
  void whoWatchesAPlanCanStopIt() throws Exception {
    var v = pool.foreign("v");
    var plan = pool.system.plan(snapshot(v, "s"));
    var stopping =
        new Progress() {
          @Override
          public void report(String what, long done, long total) {
            assertThat(what).contains("take snapshot 's'");
          }

          @Override
          public boolean isCancelled() {
            return true;
          }
        };
    assertThatThrownBy(() -> pool.system.apply(plan, stopping))
        .isInstanceOf(StorageFailure.Cancelled.class);
    assertThat(pool.system.unfinished()).isEmpty();
    assertThat(pool.has("s")).isFalse();
  }

  @Test
  void eachModeOfThePoolIsAHealthOfItsOwn() throws Exception {
    var now = new LocalVolumes(pool.volumes, Serving.NOBODY).pool();
    assertThat(health(now, PoolMode.WRITE, false)).isEqualTo(Health.State.OK);
    assertThat(health(now, PoolMode.WRITE, true)).isEqualTo(Health.State.READ_ONLY);
    assertThat(health(now, PoolMode.OUT_OF_METADATA_SPACE, false))
        .isEqualTo(Health.State.OUT_OF_SPACE);
    assertThat(health(now, PoolMode.READ_ONLY, false)).isEqualTo(Health.State.READ_ONLY);
    assertThat(health(now, PoolMode.FAIL, true)).isEqualTo(Health.State.FAILED);
  }

  private static Health.State health(PoolView now, PoolMode mode, boolean needsCheck) {
    var pool =
        new PoolView(
            now.name(),
            now.metadata(),
            now.data(),
            mode,
            needsCheck,
            now.transactionId(),
            now.dataBlockSizeBytes(),
            now.dataSizeBytes(),
            now.dataUsedBytes(),
            now.dataFreeBytes(),
            now.metadataSizeBytes(),
            now.metadataUsedBytes(),
            now.lowWaterBytes(),
            now.discard(),
            now.zeroNewBlocks(),
            now.readOnly(),
            now.errorIfNoSpace(),
            now.noSpaceTimeoutSeconds(),
            now.autoExtendStepBytes(),
            now.autoExtendMaximumBytes(),
            now.volumeCount(),
            now.snapshotCount(),
            now.virtualSizeBytes(),
            now.overProvisioning(),
            now.overProvisioningWithoutSnapshots(),
            now.snapshotTime(),
            now.snapshotTicksLeft(),
            now.metadataSnapshotBlock(),
            now.sequence(),
            now.uuid());
    var inventory = PoolInventory.of("s", new PoolState(pool, List.of(), List.of(), NOW));
    var health = inventory.pools().getFirst().health();
    assertThat(health.isOk() || !health.reason().isEmpty()).isTrue();
    return health.state();
  }
}
