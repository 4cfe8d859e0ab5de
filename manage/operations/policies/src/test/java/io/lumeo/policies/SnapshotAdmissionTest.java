package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.policies.Admission.Admitted;
import io.lumeo.policies.Admission.DeleteFirst;
import io.lumeo.policies.Admission.Refused;
import io.lumeo.policies.SnapshotFacts.State;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotAdmissionTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");
  private static final RetentionPolicy POLICY =
      RetentionPolicy.of("nightly", Map.of(Bucket.DAY, 7));

  @Test
  void aThinPoolWithRoomAdmits() {
    assertThat(SnapshotAdmission.thin(pool(50, 10, null, Health.ok()))).isEqualTo(new Admitted());
    assertThat(SnapshotAdmission.thin(pool(100, 10, null, Health.ok()))).isEqualTo(new Admitted());
  }

  @Test
  void lvmRefusesAboveTheThresholdAtWhichItWouldExtend() {
    var self = new Pool.SelfExtension(70, 20, true, null);
    assertThat(SnapshotAdmission.thin(pool(70, 70, self, Health.ok()))).isEqualTo(new Admitted());
    assertThat(SnapshotAdmission.thin(pool(71, 10, self, Health.ok())))
        .isEqualTo(
            new Refused(
                "pool pool0's data is 71 % full, and over 70 %, where LVM extends it, LVM makes no"
                    + " snapshot",
                List.of("extend the pool's data", "delete snapshots", "raise the threshold")));
    assertThat(SnapshotAdmission.thin(pool(10, 71, self, Health.ok())))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.reason()).startsWith("pool pool0's metadata is 71 %"));
  }

  @Test
  void lvmKeepsAQuarterOfSmallMetadataAndFourMebibytesOfLargeFree() {
    assertThat(SnapshotAdmission.thin(withMetadata(8 * MIB, 6 * MIB))).isEqualTo(new Admitted());
    assertThat(SnapshotAdmission.thin(withMetadata(8 * MIB, 6 * MIB + 4096)))
        .isEqualTo(
            new Refused(
                "pool pool0 has 2 MiB of metadata free and LVM wants 2 MiB before it makes a"
                    + " snapshot",
                List.of("extend the pool's metadata", "delete snapshots")));
    assertThat(SnapshotAdmission.thin(withMetadata(GIB, GIB - 4 * MIB))).isEqualTo(new Admitted());
    assertThat(SnapshotAdmission.thin(withMetadata(GIB, GIB - 4 * MIB + 4096)))
        .isInstanceOf(Refused.class);
  }

  @ParameterizedTest
  @EnumSource(Health.State.class)
  void aPoolThatTakesNoWritesTakesNoSnapshot(Health.State state) {
    var admitted =
        Set.of(Health.State.OK, Health.State.UNKNOWN, Health.State.DEGRADED).contains(state);
    assertThat(SnapshotAdmission.thin(pool(1, 1, null, new Health(state, "so it is"))))
        .isInstanceOf(admitted ? Admitted.class : Refused.class);
  }

  @Test
  void aPoolWithoutMetadataOfItsOwnIsAdmittedByItsData() {
    var pool = pool(1, 1, null, Health.ok());
    var without =
        new Pool(
            pool.uuid(),
            pool.name(),
            pool.kind(),
            null,
            pool.data(),
            null,
            pool.unitBytes(),
            1,
            null,
            pool.tags(),
            pool.health(),
            Set.of());
    assertThat(SnapshotAdmission.thin(without)).isEqualTo(new Admitted());
  }

  @Test
  void tooLittleFreeIsRefusedWhenThatIsTheRule() {
    var rule = new MinimumFree(new Amount.Percent(20), MinimumFree.Action.REFUSE);
    assertThat(minimumFree(80, rule, List.of())).isEqualTo(new Admitted());
    assertThat(minimumFree(81, rule, List.of()))
        .isEqualTo(
            new Refused(
                "19 GiB are free and the policy wants 20 %",
                List.of("extend the pool", "delete snapshots")));
  }

  @Test
  void tooLittleFreeDeletesTheOldestThatCanBeSparedAndNoneBelowTheMinimum() {
    var rule = new MinimumFree(new Amount.Bytes(20 * GIB), MinimumFree.Action.DELETE_OLDEST);
    var snapshots = new ArrayList<SnapshotFacts>();
    snapshots.add(snapshot("foreign", 90, null, Set.of(), Set.of()));
    snapshots.add(snapshot("held", 80, "nightly", Set.of("audit"), Set.of()));
    snapshots.add(snapshot("open", 70, "nightly", Set.of(), Set.of(State.OPEN)));
    snapshots.add(snapshot("oldest", 60, "nightly", Set.of(), Set.of()));
    snapshots.add(snapshot("newer", 50, "nightly", Set.of(), Set.of()));
    snapshots.add(snapshot("future", -5, "nightly", Set.of(), Set.of()));
    assertThat(minimumFree(90, rule, snapshots))
        .isEqualTo(
            new DeleteFirst(
                snapshots.get(3),
                "10 GiB are free and the policy wants 20 GiB; oldest is the oldest to spare"));
    snapshots.remove(3);
    assertThat(minimumFree(90, rule, snapshots))
        .isInstanceOfSatisfying(
            DeleteFirst.class, first -> assertThat(first.snapshot().name()).isEqualTo("newer"));
    snapshots.remove(3);
    assertThat(minimumFree(90, rule, snapshots))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.reason()).endsWith("and it has no snapshot to spare"));
  }

  @Test
  void aThirdClassicSnapshotIsRefusedForWhatItCostsEachWrite() {
    var group = new Usage(100 * GIB, 50 * GIB);
    var reserve = new Amount.Percent(5);
    var limit = SnapshotAdmission.CLASSIC_PER_ORIGIN;
    assertThat(SnapshotAdmission.classic("web", 1, limit, GIB, group, reserve))
        .isEqualTo(new Admitted());
    assertThat(SnapshotAdmission.classic("web", 2, limit, GIB, group, reserve))
        .isEqualTo(
            new Refused(
                "web has 2 classic snapshots, and with one more each of its writes to a new place"
                    + " would become 4",
                List.of("delete an older one", "use a thin volume", "raise the limit of 2")));
  }

  @Test
  void aStoreThatWouldTakeTheReserveIsRefused() {
    assertThat(
            SnapshotAdmission.classic(
                "web", 0, 2, 46 * GIB, new Usage(100 * GIB, 50 * GIB), new Amount.Percent(5)))
        .isEqualTo(
            new Refused(
                "a store of 46 GiB would leave 4 GiB free in the group, less than the reserve of"
                    + " 5 %",
                List.of("add a device of 1 GiB or more")));
  }

  @Test
  void onlineGrowthAndClassicSnapshotsOfOneVolumeExcludeEachOther() {
    var active = volume("v", "web", Volume.Kind.THICK, null, true);
    var idle = volume("v", "web", Volume.Kind.THICK, null, false);
    var classic = volume("s", "web-1", Volume.Kind.CLASSIC_SNAPSHOT, "v", true);
    var thin = volume("t", "web-2", Volume.Kind.THIN_SNAPSHOT, "v", true);
    assertThat(SnapshotAdmission.obstacleToGrowth(inventory(active, classic, thin), active))
        .isEqualTo(
            "LVM does not extend web while it is active and has classic snapshots; delete web-1"
                + " first");
    assertThat(SnapshotAdmission.obstacleToGrowth(inventory(active, thin), active)).isNull();
    assertThat(SnapshotAdmission.obstacleToGrowth(inventory(idle, classic), idle)).isNull();
    assertThat(SnapshotAdmission.conflict("web", true, true)).startsWith("web has scheduled");
    assertThat(SnapshotAdmission.conflict("web", true, false)).isNull();
    assertThat(SnapshotAdmission.conflict("web", false, true)).isNull();
  }

  @Test
  void aClassicStoreIsSizedFromWhatChanges() {
    var half = new Amount.Percent(20);
    var day = Duration.ofDays(1);
    assertThat(StoreSizing.of(100 * GIB, GIB, day, 150, half, 4 * MIB))
        .isEqualTo(new StoreSizing(36 * GIB, "1 GiB change an hour, for 1 d, times 1.5"));
    assertThat(StoreSizing.of(100 * GIB, null, day, 150, half, 4 * MIB))
        .isEqualTo(new StoreSizing(20 * GIB, "20 %, as no rate of change is known yet"));
    assertThat(StoreSizing.of(100 * GIB, 50 * GIB, day, 150, half, 4 * MIB))
        .isEqualTo(
            new StoreSizing(
                100 * GIB, "50 GiB change an hour, for 1 d, times 1.5; no more than its origin"));
    assertThat(StoreSizing.of(100 * GIB, 0L, day, 150, half, 4 * MIB))
        .isEqualTo(
            new StoreSizing(
                GIB, "0 B change an hour, for 1 d, times 1.5; at least 1 % of its origin"));
    assertThat(
            StoreSizing.of(100 * GIB, 1234 * MIB + 1, day, 150, half, 4 * MIB).bytes() % (4 * MIB))
        .isZero();
    assertThat(StoreSizing.of(Long.MAX_VALUE, Long.MAX_VALUE, day, 150, half, 4 * MIB).bytes())
        .isEqualTo(Long.MAX_VALUE);
    assertThat(StoreSizing.of(1, 1L, day, 150, half, 4 * MIB).bytes()).isEqualTo(4 * MIB);
  }

  private static Admission minimumFree(
      long usedGib, MinimumFree rule, List<SnapshotFacts> snapshots) {
    return SnapshotAdmission.minimumFree(
        new Usage(100 * GIB, usedGib * GIB), rule, snapshots, POLICY, NOW);
  }

  private static SnapshotFacts snapshot(
      String name, int ageDays, @Nullable String owner, Set<String> holds, Set<State> states) {
    return new SnapshotFacts(
        name,
        name,
        "web",
        NOW.minus(Duration.ofDays(ageDays)),
        owner,
        new TreeSet<>(holds),
        states,
        new TreeSet<>());
  }

  private static Pool withMetadata(long sizeBytes, long usedBytes) {
    return pool(new Usage(GIB, 0), new Usage(sizeBytes, usedBytes), null, Health.ok());
  }

  private static Pool pool(
      int data, int metadata, Pool.@Nullable SelfExtension self, Health health) {
    return pool(
        new Usage(100 * GIB, data * GIB), new Usage(100 * GIB, metadata * GIB), self, health);
  }

  private static Pool pool(
      Usage data, Usage metadata, Pool.@Nullable SelfExtension self, Health health) {
    return new Pool(
        "p",
        "pool0",
        Pool.Kind.THIN_POOL,
        "g",
        data,
        metadata,
        65536,
        1,
        self,
        new TreeSet<>(),
        health,
        Set.of());
  }

  private static Volume volume(
      String uuid, String name, Volume.Kind kind, @Nullable String origin, boolean active) {
    return new Volume(
        uuid,
        name,
        "g",
        kind,
        GIB,
        null,
        null,
        origin,
        null,
        new TreeSet<>(),
        active,
        false,
        false,
        null,
        Health.ok(),
        Set.of());
  }

  private static Inventory inventory(Volume... volumes) {
    return new Inventory("here", NOW, List.of(), List.of(volumes), List.of(), List.of());
  }
}
