package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.policies.Amount;
import io.lumeo.policies.GrowthDecision.Grow;
import io.lumeo.policies.GrowthFacts;
import io.lumeo.policies.GrowthPolicy;
import io.lumeo.policies.GrowthRule;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.policies.Retention;
import io.lumeo.policies.RetentionPolicy;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.SnapshotFacts;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Moved;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unsupported;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What operations do to storage, done to whatever system a [Place] has. The suite asks what the
/// system is capable of and never what kind it is: it is the same for a host's LVM and for Lumeo's
/// own pools, and so must be what it sees.
///
/// All of it happens while a writer goes on writing to one volume, which must not lose a byte.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OperationsSuite {
  private static final long MIB = 1 << 20;
  private static final Instant SCHEDULED = Instant.parse("2026-03-29T01:00:00Z");

  /// A machine with one pool and three volumes in it, named `busy`, `quiet` and `foreign`. Somebody
  /// writes to `busy` all the time; `quiet` is used by the suite, through the place; that `foreign`
  /// was made by a person.
  interface Place extends AutoCloseable {
    StorageSystem system();

    /// The same system as a process sees it that dies when a plan of several changes is half done.
    StorageSystem dyingHalfway();

    /// The name of the pool that the volumes draw from.
    String pool();

    /// Writes a file of that name to `quiet`, for good.
    void write(String name) throws Exception;

    /// Whether the volume or snapshot of that uuid holds such a file.
    boolean holds(String uuid, String name) throws Exception;

    /// Writes so much to `quiet` and deletes it again, and leaves the volume so that it can be
    /// trimmed.
    void writeAndDelete(long bytes) throws Exception;

    /// Lets go of `quiet`.
    void rest() throws Exception;

    /// Whether the system can look into snapshots.
    boolean isLookedInto();

    /// Stops the writer, which must not have met any error, and reads all it wrote once more.
    void expectWritten() throws Exception;

    @Override
    void close() throws IOException;
  }

  private Place place;

  abstract Place open(Path folder) throws Exception;

  @BeforeAll
  void begin(@TempDir Path folder) throws Exception {
    place = open(folder);
  }

  @AfterAll
  void end() throws Exception {
    try (var open = place) {
      open.expectWritten();
      assertThat(open.system().unfinished()).isEmpty();
    }
  }

  // --- words

  private Outcome apply(Change change) throws StorageFailure {
    return apply(plan(change));
  }

  private Plan plan(Change change) throws StorageFailure {
    return place.system().plan(change);
  }

  private Outcome apply(Plan plan) throws StorageFailure {
    return place.system().apply(plan, Progress.none());
  }

  private Pool pool() throws StorageFailure {
    return place.system().inventory().pool(place.pool()).orElseThrow();
  }

  private Volume volume(String name) throws StorageFailure {
    return place.system().inventory().volumes().stream()
        .filter(volume -> volume.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no volume " + name));
  }

  private String uuid(String name) throws StorageFailure {
    return volume(name).uuid();
  }

  private List<String> names() throws StorageFailure {
    return place.system().inventory().volumes().stream().map(Volume::name).toList();
  }

  private static SortedSet<String> tags(String... tags) {
    return new TreeSet<>(List.of(tags));
  }

  private void snapshot(String volume, String name, SortedSet<String> tags) throws StorageFailure {
    var outcome = apply(new Change.CreateSnapshot(uuid(volume), name, null, true, true, tags));
    assertThat(outcome.result()).isEqualTo(Result.DONE);
  }

  private void remove(String uuid) throws StorageFailure {
    apply(new Change.Trash(uuid, Duration.ZERO));
    assertThat(apply(new Change.Purge(uuid)).result()).isEqualTo(Result.DONE);
  }

  // --- the suite

  @Test
  void aSnapshotTellsWhoseItIsAndWhyItWasTaken() throws StorageFailure {
    var run = new RunKey("nightly", SCHEDULED);
    var origin = uuid("busy");
    var name = run.snapshotName("busy");
    snapshot("busy", name, SnapshotTags.of(run, origin, tags("daily")));
    var snapshot = volume(name);
    assertThat(snapshot.isSnapshot()).isTrue();
    assertThat(snapshot.origin()).isEqualTo(origin);
    assertThat(snapshot.createdAt()).isNotNull();
    assertThat(snapshot.readOnly()).isTrue();
    assertThat(place.system().inventory().snapshotsOf(origin)).contains(snapshot);
    assertThat(SnapshotTags.run(snapshot.tags())).isEqualTo(run);
    var facts = SnapshotTags.read(snapshot, false, false);
    assertThat(facts.owner()).isEqualTo("nightly");
    assertThat(facts.volume()).isEqualTo(origin);
    assertThat(facts.classes()).containsExactly("daily");
  }

  @Test
  void retentionRemovesWhatItSaysAndNothingThatIsHeld() throws StorageFailure {
    var origin = uuid("busy");
    for (int hour = 0; hour < 4; hour++) {
      var run = new RunKey("hourly", SCHEDULED.plus(Duration.ofHours(hour)));
      snapshot("busy", run.snapshotName("busy"), SnapshotTags.of(run, origin, tags()));
    }
    snapshot("busy", "by-hand", tags("owner=me"));
    var held = new RunKey("hourly", SCHEDULED).snapshotName("busy");
    apply(new Change.SetTags(uuid(held), tags(SnapshotTags.hold("audit")), tags()));

    var policy =
        new RetentionPolicy(
            "hourly",
            ZoneOffset.UTC,
            Map.of(),
            RetentionPolicy.Pick.NEWEST,
            2,
            null,
            1,
            Duration.ofHours(6),
            100);
    // The host's clock may be a little behind or before ours.
    var now = Instant.now().plus(Duration.ofHours(1));
    var plan = Retention.plan(snapshotsOf(origin), policy, now);
    assertThat(plan.deletions()).hasSizeBetween(1, 2);
    assertThat(names(plan.kept())).contains(held, "by-hand");
    for (var snapshot : plan.deletions()) {
      remove(snapshot.uuid());
    }
    assertThat(names(snapshotsOf(origin))).isEqualTo(names(plan.kept()));
    assertThat(Retention.plan(snapshotsOf(origin), policy, now).deletions()).isEmpty();

    apply(new Change.SetTags(uuid(held), tags(), tags(SnapshotTags.hold("audit"))));
    var released = Retention.plan(snapshotsOf(origin), policy, now);
    assertThat(released.verdicts())
        .noneMatch(verdict -> verdict.reasons().contains("held by audit"));
  }

  private List<SnapshotFacts> snapshotsOf(String origin) throws StorageFailure {
    return place.system().inventory().snapshotsOf(origin).stream()
        .map(snapshot -> SnapshotTags.read(snapshot, false, false))
        .toList();
  }

  private static SortedSet<String> names(List<SnapshotFacts> snapshots) {
    return snapshots.stream()
        .map(SnapshotFacts::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void whatWasRemovedComesBackUntilItsTimeIsOver() throws Exception {
    place.write("kept");
    snapshot("quiet", "removed", tags());
    var uuid = uuid("removed");
    apply(new Change.Trash(uuid, Duration.ofDays(7)));
    assertThat(names()).doesNotContain("removed");
    var early = new Change.Purge(uuid);
    assertThatThrownBy(() -> plan(early))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("stays in the trash until");
    apply(new Change.RestoreFromTrash(uuid));
    assertThat(uuid("removed")).isEqualTo(uuid);
    assertThat(place.holds(uuid, "kept")).isTrue();
    remove(uuid);
    assertThat(names()).doesNotContain("removed").noneMatch(name -> name.contains("removed"));
  }

  @Test
  void whatNobodyOfOursMadeIsNeverRemoved() throws StorageFailure {
    var foreign = uuid("foreign");
    for (var change :
        List.of(new Change.Trash(foreign, Duration.ZERO), new Change.Purge(foreign))) {
      assertThatThrownBy(() -> plan(change))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("lumeo.managed");
    }
  }

  @Test
  void aVolumeGrowsOnceAndIsThenAsLargeAsWanted() throws StorageFailure {
    var quiet = volume("quiet");
    var change =
        new Change.ExtendVolume(quiet.uuid(), quiet.sizeBytes() + 16 * MIB, WithFileSystem.LEAVE);
    var plan = plan(change);
    assertThat(apply(plan).result()).isEqualTo(Result.DONE);
    assertThat(volume("quiet").sizeBytes()).isEqualTo(quiet.sizeBytes() + 16 * MIB);
    assertThat(plan(change).isEmpty()).isTrue();
    assertThatThrownBy(() -> apply(plan)).isInstanceOf(Moved.class);
  }

  @Test
  void thePoolGrowsAsItsPolicyDecides() throws StorageFailure {
    var pool = pool();
    var rule =
        new GrowthRule(
            GrowthRule.Mode.MANAGED,
            1,
            new Amount.Bytes(32 * MIB),
            pool.data().sizeBytes() + 32 * MIB,
            Duration.ZERO,
            new Amount.Bytes(0),
            Duration.ZERO);
    var room = new GrowthFacts.Room(1 << 30, 1 << 30, pool.unitBytes(), 1, 0, List.of());
    var facts =
        new GrowthFacts(
            GrowthTarget.POOL_DATA,
            pool.name(),
            pool.data().sizeBytes(),
            pool.data(),
            null,
            room,
            null,
            null,
            null,
            null,
            pool.health(),
            null);
    var decision = GrowthPolicy.decide(facts, rule, Instant.now());
    assertThat(decision).isInstanceOf(Grow.class);
    long to = ((Grow) decision).toBytes();
    assertThat(apply(new Change.ExtendPoolData(pool.uuid(), to)).result()).isEqualTo(Result.DONE);
    assertThat(pool().data().sizeBytes()).isEqualTo(to).isGreaterThan(pool.data().sizeBytes());
    assertThat(sample(pool.uuid())).isEqualTo(to);
  }

  private long sample(String uuid) throws StorageFailure {
    for (var sample : place.system().usage()) {
      if (sample.uuid().equals(uuid) && sample.data() != null) {
        return sample.data().sizeBytes();
      }
    }
    throw new AssertionError("nobody says how full " + uuid + " is");
  }

  @Test
  void aTrimGivesBlocksBack() throws Exception {
    place.writeAndDelete(24 * MIB);
    var quiet = volume("quiet");
    assertThat(quiet.data()).isNotNull();
    var outcome = apply(new Change.Trim(quiet.uuid()));
    assertThat(outcome.result()).isEqualTo(Result.DONE);
    place.rest();
    var trimmed = volume("quiet").data();
    assertThat(trimmed).isNotNull();
    assertThat(trimmed.usedBytes()).isLessThanOrEqualTo(quiet.data().usedBytes() - 16 * MIB);
  }

  @Test
  void aVolumeIsWhatItsSnapshotIsAfterARollbackAndNothingIsLostByIt() throws Exception {
    place.write("before");
    snapshot("quiet", "good", tags());
    place.write("after");
    var outcome = apply(new Change.RollBack(uuid("quiet"), uuid("good"), true, "safety"));
    assertThat(outcome.result()).isEqualTo(Result.DONE);
    assertThat(place.holds(uuid("quiet"), "before")).isTrue();
    assertThat(place.holds(uuid("quiet"), "after")).isFalse();
    assertThat(place.holds(uuid("safety"), "after")).isTrue();
    assertThat(volume("good").isSnapshot()).isTrue();
  }

  @Test
  void aCloneOfASnapshotIsAVolumeOfItsOwn() throws Exception {
    place.write("shared");
    snapshot("quiet", "source", tags());
    apply(new Change.CreateClone(uuid("source"), "clone", true, tags()));
    assertThat(volume("clone").isSnapshot()).isFalse();
    assertThat(place.holds(uuid("clone"), "shared")).isTrue();
    remove(uuid("source"));
    assertThat(place.holds(uuid("clone"), "shared")).isTrue();
  }

  @Test
  void aSnapshotIsVerifiedWhereTheSystemCanLookIntoIt() throws Exception {
    place.write("sentinel");
    snapshot("quiet", "looked-into", tags());
    var request =
        new InspectionRequest(
            uuid("looked-into"), true, List.of("sentinel"), Map.of(), List.of(), null);
    if (place.isLookedInto()) {
      var inspection = place.system().inspect(request, Progress.none());
      assertThat(inspection.passed()).as(inspection.toString()).isTrue();
    } else {
      assertThatThrownBy(() -> place.system().inspect(request, Progress.none()))
          .isInstanceOf(Unsupported.class);
    }
  }

  @Test
  void aPlanThatWasCutIsFoundAndFinished() throws StorageFailure {
    snapshot("quiet", "cut", tags());
    var uuid = uuid("cut");
    var dying = place.dyingHalfway();
    var plan = dying.plan(new Change.Trash(uuid, Duration.ofDays(1)));
    assertThat(plan.steps()).hasSizeGreaterThan(1);
    assertThatThrownBy(() -> dying.apply(plan, Progress.none())).isInstanceOf(Died.class);
    var unfinished = place.system().unfinished();
    assertThat(unfinished).hasSize(1);
    assertThat(unfinished.getFirst().plan()).isEqualTo(plan);
    var outcome = place.system().finish(unfinished.getFirst(), Progress.none());
    assertThat(outcome.result()).isEqualTo(Result.DONE);
    assertThat(place.system().unfinished()).isEmpty();
    assertThat(names()).doesNotContain("cut");
    apply(new Change.RestoreFromTrash(uuid));
    assertThat(uuid("cut")).isEqualTo(uuid);
  }

  /// As if the process had been killed.
  static final class Died extends Error {
    private static final long serialVersionUID = 1;
  }
}
