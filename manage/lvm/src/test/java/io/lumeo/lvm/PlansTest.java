package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.ChangeLocks;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What each change is planned as, to the letter, and that doing so makes the host what it was to
/// be.
class PlansTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final long MIB = 1 << 20;
  private static final TreeSet<String> NONE = new TreeSet<>();

  @TempDir Path folder;
  private final SimulatedHost host = new SimulatedHost();
  private LvmSystem system;

  @BeforeEach
  void open() {
    system =
        new LvmSystem(
            "host", host, folder, DriverRules.defaults(), InstantSource.fixed(NOW), new Random(42));
  }

  /// The LVM commands of a plan but for the backup, without what all of them have.
  private static List<String> commands(Plan plan) {
    return plan.steps().stream()
        .map(step -> step.arguments())
        .filter(a -> !a.contains("vgcfgbackup") && !a.getFirst().equals("mkdir"))
        .map(a ->
            a.getFirst().equals("lvm")
                ? a.get(1) + " " + String.join(" ", a.subList(4, a.size()))
                : String.join(" ", a))
        .map(line -> line.replace(plan.id(), "ID"))
        .map(line -> line.replace(new PlanId(plan.id()).brief(), "BRIEF"))
        .toList();
  }

  private Outcome apply(Change change) throws StorageFailure {
    return system.apply(system.plan(change), Progress.none());
  }

  @Test
  void everyChangeOfMetadataIsPrecededByABackupOfThem() throws StorageFailure {
    var data = host.thick("data", 50);
    var plan = system.plan(new Change.Rename(data.uuid, "other"));
    assertThat(plan.steps().get(0).arguments())
        .containsExactly("mkdir", "-p", "-m", "700", "/var/lib/lumeo/vgcfg");
    assertThat(plan.steps().get(1).arguments())
        .containsExactly(
            "lvm",
            "vgcfgbackup",
            "--config",
            LvmCommand.CONFIG,
            "-f",
            "/var/lib/lumeo/vgcfg/vg.00000007.rename.%s.vg".formatted(plan.id()),
            "vg");
    assertThat(plan.sequence()).isEqualTo(7);
    var outcome = system.apply(plan, Progress.none());
    assertThat(outcome.backup()).isEqualTo(plan.steps().get(1).arguments().get(5));
    assertThat(host.files).containsKey(outcome.backup());
  }

  @Test
  void aClassicSnapshotIsSizedInExtentsWithItsTables() throws StorageFailure {
    var data = host.thick("data", 50).with("ext4", "/srv");
    var change =
        new Change.CreateSnapshot(
            data.uuid, "s", new StoreSize.OfOrigin(20), true, true, new TreeSet<>(Set.of("a=b")));
    var plan = system.plan(change);
    assertThat(commands(plan))
        .containsExactly(
            "lvcreate -s -l 11 -pr -n s --addtag a=b --addtag lumeo.managed --addtag lumeo.origin=%s --addtag lumeo.run=ID vg/data"
                .formatted(data.uuid));
    var outcome = system.apply(plan, Progress.none());
    assertThat(outcome.result()).isEqualTo(Result.DONE);
    assertThat(outcome.effects()).contains("vg: 11 extents (44 MiB) less free than before");
    assertThat(outcome.volumes()).containsExactly(host.named("s").uuid);
  }

  @Test
  void aStoreIsNeverLargerThanItsOriginCanFill() throws StorageFailure {
    var data = host.thick("data", 50);
    for (var size :
        List.<StoreSize>of(new StoreSize.OfOrigin(100), new StoreSize.Bytes(9000 * MIB))) {
      var plan = system.plan(new Change.CreateSnapshot(data.uuid, "s", size, true, false, NONE));
      assertThat(commands(plan).getFirst()).startsWith("lvcreate -s -l 51 -n s");
      assertThat(plan.notes()).contains("the store holds all of the origin, so it cannot overflow");
    }
    var snapshot = host.classic("old", "data", 51);
    assertThat(apply(new Change.ExtendSnapshotStore(snapshot.uuid, 9000 * MIB)).result())
        .isEqualTo(Result.UNCHANGED);
  }

  @Test
  void aThinSnapshotHasNoSizeAndSaysWhetherItIsSkipped() throws StorageFailure {
    host.pool("pool", 200);
    var home = host.thin("home", "pool", 100);
    var inactive = system.plan(new Change.CreateSnapshot(home.uuid, "s", null, false, true, NONE));
    assertThat(commands(inactive).getFirst()).startsWith("lvcreate -s -ky -pr -n s --addtag");
    var active = system.plan(new Change.CreateClone(home.uuid, "c", true, NONE));
    assertThat(commands(active).getFirst())
        .startsWith("lvcreate -s -kn -n c --addtag lumeo.clone --addtag lumeo.managed");
    system.apply(inactive, Progress.none());
    assertThat(apply(new Change.Activate(host.named("s").uuid, true)).result())
        .isEqualTo(Result.DONE);
    assertThat(host.named("s").active).isTrue();
  }

  @Test
  void aVolumeGrowsInTwoStepsAndTheFileSystemByItsPlace() throws StorageFailure {
    var ext = host.thick("ext", 10).with("ext4", "/srv");
    var xfs = host.thick("xfs", 10).with("xfs", "/var/log");
    var idle = host.thick("idle", 10).with("ext4", "");
    assertThat(commands(system.plan(extend(ext, 41))))
        .containsExactly("lvextend -l 11 vg/ext", "resize2fs /dev/vg/ext");
    assertThat(commands(system.plan(extend(xfs, 41))))
        .containsExactly("lvextend -l 11 vg/xfs", "xfs_growfs /var/log");
    assertThat(commands(system.plan(extend(idle, 41))))
        .containsExactly(
            "lvextend -l 11 vg/idle", "e2fsck -f -p /dev/vg/idle", "resize2fs /dev/vg/idle");
    assertThat(apply(extend(ext, 41)).result()).isEqualTo(Result.DONE);
    assertThat(ext.contentBytes).isEqualTo(44 * MIB);
  }

  private static Change extend(SimulatedHost.Lv lv, long mib) {
    return new Change.ExtendVolume(lv.uuid, mib * MIB, WithFileSystem.GROW);
  }

  @Test
  void aVolumeThatIsLargerThanItsFileSystemIsAStateToBeFinished() throws StorageFailure {
    var ext = host.thick("ext", 10).with("ext4", "/srv");
    ext.extents = 30;
    assertThat(commands(system.plan(new Change.GrowFileSystem(ext.uuid))))
        .containsExactly("resize2fs /dev/vg/ext");
    assertThat(commands(system.plan(extend(ext, 120)))).containsExactly("resize2fs /dev/vg/ext");
    assertThat(apply(new Change.GrowFileSystem(ext.uuid)).result()).isEqualTo(Result.DONE);
    assertThat(apply(new Change.GrowFileSystem(ext.uuid)).result()).isEqualTo(Result.UNCHANGED);
    assertThat(apply(extend(ext, 120)).result()).isEqualTo(Result.UNCHANGED);
  }

  @Test
  void onlyTheVolumeGrowsWhenThatIsAskedFor() throws StorageFailure {
    var luks = host.thick("luks", 10).with("crypto_LUKS", "");
    var plan = system.plan(new Change.ExtendVolume(luks.uuid, 80 * MIB, WithFileSystem.LEAVE));
    assertThat(commands(plan)).containsExactly("lvextend -l 20 vg/luks");
    assertThat(plan.notes()).contains("what lies on the volume is left as it is");
  }

  @Test
  void stripesAndCopiesAreCounted() throws StorageFailure {
    assertThat(Footprint.of(laidOut("striped", 3), 10)).isEqualTo(new Footprint(12, 12, 3));
    assertThat(Footprint.of(laidOut("raid1", 2), 10)).isEqualTo(new Footprint(10, 20, 2));
    assertThat(Footprint.of(laidOut("linear", 1), 10)).isEqualTo(new Footprint(10, 10, 1));
    assertThat(Footprint.of(laidOut("thin", 0), 10)).isEqualTo(new Footprint(10, 0, 0));
    assertThatThrownBy(() -> Footprint.of(laidOut("raid10", 4), 10))
        .isInstanceOf(StorageFailure.Unsupported.class);
  }

  private static VolumeRow laidOut(String type, int stripes) {
    var segment =
        new SegmentRow(new Row(Map.of("segtype", type, "stripes", Integer.toString(stripes))));
    return new VolumeRow(new Row(Map.of("lv_name", "v", "vg_name", "vg")), List.of(segment));
  }

  @Test
  void aPoolIsMadeAtOnceOrFromPartsOnTheirDevices() throws StorageFailure {
    var whole = system.plan(pool(List.of("/dev/sda"), List.of()));
    assertThat(commands(whole))
        .containsExactly(
            "lvcreate -y --type thin-pool -l 100 --poolmetadatasize 4194304b -c 65536b -n p"
                + " --addtag lumeo.managed --addtag lumeo.run=ID vg /dev/sda");
    var parts = system.plan(pool(List.of("/dev/sda"), List.of("/dev/sdb")));
    assertThat(commands(parts))
        .containsExactly(
            "lvcreate -y -Wy -l 100 -n p --addtag lumeo.managed --addtag lumeo.run=ID vg /dev/sda",
            "lvcreate -y -Wy -l 1 -n lumeo-meta-BRIEF --addtag lumeo.managed --addtag lumeo.run=ID"
                + " vg /dev/sdb",
            "lvconvert -y --type thin-pool -c 65536b --poolmetadata vg/lumeo-meta-BRIEF vg/p",
            "lvchange --addtag lumeo.managed --addtag lumeo.run=ID vg/p");
    assertThat(system.apply(parts, Progress.none()).result()).isEqualTo(Result.DONE);
    assertThat(host.named("p").kind).isEqualTo("thin-pool");
    assertThat(host.named("p").tags).contains(OwnTags.MANAGED);
  }

  private static Change pool(List<String> data, List<String> metadata) {
    return new Change.CreateThinPool(
        SimulatedHost.GROUP_UUID, "p", 400 * MIB, null, null, data, metadata, null, NONE);
  }

  @Test
  void largePoolsGetLargerChunksAsLvmChoosesThem() throws StorageFailure {
    host.devices.put("/dev/big", 3L << 20);
    var plan =
        system.plan(
            new Change.CreateThinPool(
                SimulatedHost.GROUP_UUID,
                "p",
                1L << 40,
                null,
                null,
                List.of(),
                List.of(),
                "fast",
                NONE));
    assertThat(commands(plan).getFirst())
        .contains("--poolmetadatasize 134217728b -c 524288b --metadataprofile fast");
  }

  @Test
  void poolsGrowTheirDataAndTheirMetadata() throws StorageFailure {
    var pool = host.pool("pool", 200);
    assertThat(commands(system.plan(new Change.ExtendPoolData(pool.uuid, 1000 * MIB))))
        .containsExactly("lvextend -l 250 vg/pool");
    var metadata = system.plan(new Change.ExtendPoolMetadata(pool.uuid, 33 * MIB));
    assertThat(commands(metadata)).containsExactly("lvextend --poolmetadatasize 37748736b vg/pool");
    assertThat(metadata.expected()).anyMatch(line -> line.contains("for the spare"));
    assertThat(system.apply(metadata, Progress.none()).result()).isEqualTo(Result.DONE);
    assertThat(apply(new Change.ExtendPoolMetadata(pool.uuid, 33 * MIB)).result())
        .isEqualTo(Result.UNCHANGED);
    assertThat(apply(new Change.ExtendPoolData(pool.uuid, 800 * MIB)).result())
        .isEqualTo(Result.UNCHANGED);
  }

  @Test
  void aPoolExtendsItselfByAProfileOrNever() throws StorageFailure {
    var pool = host.pool("pool", 200);
    var on =
        system.plan(
            new Change.SetSelfExtension(pool.uuid, new SelfExtension(70, 20, true, 900 * MIB)));
    assertThat(commands(on))
        .containsExactly(
            "tee /etc/lvm/profile/lumeo-70-20.profile",
            "lvchange --metadataprofile lumeo-70-20 vg/pool",
            "lvchange --monitor y vg/pool");
    assertThat(on.notes()).anyMatch(note -> note.startsWith("LVM knows no maximum"));
    var outcome = system.apply(on, Progress.none());
    assertThat(outcome.result()).isEqualTo(Result.DONE);
    assertThat(outcome.effects()).noneMatch(effect -> effect.contains("autoextend"));
    assertThat(host.files.get("/etc/lvm/profile/lumeo-70-20.profile"))
        .contains("thin_pool_autoextend_threshold=70");
    assertThat(pool.monitored).isTrue();
    apply(new Change.SetSelfExtension(pool.uuid, null));
    assertThat(pool.profile).isEqualTo("lumeo-never");
  }

  @Test
  void aPoolIsRepairedOnceAndWhatItsMetadataWereIsKept() throws StorageFailure {
    var pool = host.pool("pool", 200);
    pool.active = false;
    host.add("lvol0_pmspare", "spare", 4).hidden = true;
    var plan = system.plan(new Change.RepairPoolMetadata(pool.uuid));
    assertThat(commands(plan))
        .containsExactly(
            "lvconvert --repair vg/pool",
            "lvchange --addtag lumeo.repaired --addtag lumeo.run=ID vg/pool_meta0");
    assertThat(system.apply(plan, Progress.none()).result()).isEqualTo(Result.DONE);
    assertThat(host.named("pool_meta0").tags).contains(OwnTags.REPAIRED);
    assertThatThrownBy(() -> system.plan(new Change.RepairPoolMetadata(pool.uuid)))
        .isInstanceOf(StorageFailure.Refused.class);
  }

  @Test
  void aMergeThatIsKeptAndSafeIsFourSteps() throws StorageFailure {
    host.pool("pool", 200);
    var home = host.thin("home", "pool", 100);
    var snap = host.thin("snap", "pool", 100).tagged(OwnTags.MANAGED, "lumeo.policy=p");
    snap.origin = "home";
    snap.skip = true;
    var plan = system.plan(new Change.RollBack(home.uuid, snap.uuid, true, "before"));
    assertThat(commands(plan))
        .containsExactly(
            "lvcreate -s -ky -n before --addtag lumeo.managed --addtag lumeo.origin=%s --addtag lumeo.run=ID vg/home"
                .formatted(home.uuid),
            "lvrename vg snap lumeo-merge-BRIEF",
            "lvcreate -s -ky -n snap --addtag lumeo.managed --addtag lumeo.origin=%s --addtag lumeo.policy=p --addtag lumeo.run=ID vg/lumeo-merge-BRIEF"
                .formatted(home.uuid),
            "lvconvert --merge -i 1 vg/lumeo-merge-BRIEF");
    assertThat(system.apply(plan, Progress.none()).result()).isEqualTo(Result.DONE);
    assertThat(host.named("snap").tags).contains("lumeo.policy=p");
    assertThat(host.find("before")).isPresent();
  }

  @Test
  void aMergeIntoAnOpenOriginIsDelayedAndCanBeCompleted() throws StorageFailure {
    var data = host.thick("data", 50).with("ext4", "/srv");
    var snap = host.classic("snap", "data", 11);
    var plan = system.plan(new Change.RollBack(data.uuid, snap.uuid, false, "before"));
    assertThat(commands(plan).getFirst()).startsWith("lvcreate -s -l 11 -n before");
    var outcome = system.apply(plan, Progress.none());
    assertThat(outcome.result()).isEqualTo(Result.DELAYED);
    assertThat(outcome.pending())
        .containsExactly(
            "the merge into vg/data waits until vg/data is not in use: unmount it, then lvchange"
                + " --refresh vg/data, or activate it anew");
    assertThatThrownBy(() -> apply(new Change.Activate(data.uuid, true)))
        .isInstanceOf(StorageFailure.Busy.class);
    data.mount = "";
    data.open = false;
    var completion = system.plan(new Change.Activate(data.uuid, true));
    assertThat(commands(completion))
        .containsExactly("lvchange --refresh vg/data", "lvpoll --polloperation merge -i 1 vg/data");
    assertThat(system.apply(completion, Progress.none()).result()).isEqualTo(Result.DONE);
    assertThat(host.find("snap")).isEmpty();
  }

  @Test
  void theTrashGivesBackWhatItWasGivenAndLosesItAfterItsTime() throws StorageFailure {
    host.pool("pool", 200);
    var old = host.thin("old", "pool", 10).tagged(OwnTags.MANAGED, "a=b");
    var plan = system.plan(new Change.Trash(old.uuid, Duration.ofHours(1)));
    assertThat(commands(plan))
        .containsExactly(
            "lvchange --addtag lumeo.trash-until=1772370000 --addtag lumeo.trash=old vg/old",
            "lvrename vg old lumeo-trash-BRIEF-old",
            "lvchange -an vg/lumeo-trash-BRIEF-old");
    system.apply(plan, Progress.none());
    assertThat(old.active).isFalse();
    assertThat(apply(new Change.Trash(old.uuid, Duration.ofHours(1))).result())
        .isEqualTo(Result.UNCHANGED);
    assertThat(apply(new Change.RestoreFromTrash(old.uuid)).result()).isEqualTo(Result.DONE);
    assertThat(old.name).isEqualTo("old");
    assertThat(old.tags).containsExactlyInAnyOrder(OwnTags.MANAGED, "a=b");
    assertThat(old.active).isTrue();
    apply(new Change.Trash(old.uuid, Duration.ZERO));
    var purge = system.plan(new Change.Purge(old.uuid));
    assertThat(commands(purge)).containsExactly("lvremove -y vg/" + old.name);
    assertThat(purge.preconditions()).anyMatch(line -> line.contains(OwnTags.MANAGED));
    assertThat(system.apply(purge, Progress.none()).result()).isEqualTo(Result.DONE);
    assertThat(host.volumes).doesNotContainKey(old.uuid);
  }

  @Test
  void aPurgeLooksAtNameAndTagsRightBeforeItRemoves() throws StorageFailure {
    var old = host.thick("lumeo-trash-x", 10);
    old.tagged(OwnTags.MANAGED, OwnTags.trash("x"), OwnTags.trashUntil(NOW));
    var plan = system.plan(new Change.Purge(old.uuid));
    // Somebody takes the tag away when the backup is made, after the guards have looked.
    var racing = new RunsBefore(host, "vgcfgbackup", () -> old.tags.remove(OwnTags.MANAGED));
    var other =
        new LvmSystem(
            "host",
            racing,
            folder,
            DriverRules.defaults(),
            InstantSource.fixed(NOW),
            new Random(1));
    assertThatThrownBy(() -> other.apply(plan, Progress.none()))
        .isInstanceOf(StorageFailure.Refused.class)
        .hasMessageContaining("it is no longer so that");
    assertThat(host.volumes).containsKey(old.uuid);
    assertThat(other.unfinished()).isEmpty();
  }

  @Test
  void aGroupWithoutThinPoolsGoesBackToItsBackup() throws StorageFailure {
    var data = host.thick("data", 10);
    data.active = false;
    var text = host.backupText();
    host.volumes.remove(data.uuid);
    host.files.put("/var/lib/lumeo/vgcfg/b.vg", text);
    var plan = system.plan(new Change.RestoreGroupMetadata(SimulatedHost.GROUP_UUID, "b.vg"));
    assertThat(commands(plan)).containsExactly("vgcfgrestore -f /var/lib/lumeo/vgcfg/b.vg vg");
    assertThat(plan.expected()).contains("back again, inactive: data");
  }

  @Test
  void tagsNamesAndDiscardsAreChangedOnlyWhereTheyDiffer() throws StorageFailure {
    var pool = host.pool("pool", 100);
    var data = host.thick("data", 10).tagged("old", "both");
    var tags =
        system.plan(
            new Change.SetTags(
                data.uuid,
                new TreeSet<>(Set.of("new", "both")),
                new TreeSet<>(Set.of("old", "never"))));
    assertThat(commands(tags)).containsExactly("lvchange --deltag old --addtag new vg/data");
    assertThat(tags.steps().getLast().undo())
        .endsWith("--deltag", "new", "--addtag", "old", "vg/data");
    system.apply(tags, Progress.none());
    assertThat(data.tags).containsExactly("both", "new");
    assertThat(apply(new Change.SetTags(data.uuid, new TreeSet<>(Set.of("new")), NONE)).result())
        .isEqualTo(Result.UNCHANGED);
    assertThat(apply(new Change.Rename(data.uuid, "data")).result()).isEqualTo(Result.UNCHANGED);
    assertThat(apply(new Change.SetDiscards(pool.uuid, "passdown")).result())
        .isEqualTo(Result.UNCHANGED);
    assertThat(commands(system.plan(new Change.SetDiscards(pool.uuid, "nopassdown"))))
        .containsExactly("lvchange --discards nopassdown vg/pool");
    assertThat(apply(new Change.AddDevices(SimulatedHost.GROUP_UUID, List.of("/dev/sda"))).result())
        .isEqualTo(Result.UNCHANGED);
  }

  @Test
  void aDeviceIsAddedByTheNameThatLvmHasForIt() throws StorageFailure {
    host.withBlankDevice("/dev/sdq").links.put("/dev/disk/by-id/spare", "/dev/sdq");
    var add = new Change.AddDevices(SimulatedHost.GROUP_UUID, List.of("/dev/disk/by-id/spare"));
    assertThat(commands(system.plan(add))).containsExactly("vgextend vg /dev/sdq");
    assertThat(apply(add).result()).isEqualTo(Result.DONE);
    assertThat(apply(add).result()).isEqualTo(Result.UNCHANGED);
  }

  @Test
  void aPlanThatIsNotOfThisMomentIsNotApplied() throws StorageFailure {
    var data = host.thick("data", 10);
    var plan = system.plan(new Change.Rename(data.uuid, "other"));
    host.sequence++;
    assertThatThrownBy(() -> system.apply(plan, Progress.none()))
        .isInstanceOf(StorageFailure.Moved.class)
        .hasMessageContaining("sequence 8");
    host.sequence--;
    var forged =
        new Plan(
            plan.id(),
            plan.system(),
            plan.change(),
            plan.pool(),
            plan.sequence(),
            List.of(),
            List.of(new Plan.Step("", List.of("rm", "-rf", "/"), List.of())),
            List.of(),
            List.of());
    assertThatThrownBy(() -> system.apply(forged, Progress.none()))
        .isInstanceOf(StorageFailure.Moved.class);
    assertThat(host.programs).doesNotContain("rm");
    var elsewhere =
        new Plan(
            plan.id(),
            "other",
            plan.change(),
            plan.pool(),
            plan.sequence(),
            List.of(),
            plan.steps(),
            List.of(),
            List.of());
    assertThatThrownBy(() -> system.apply(elsewhere, Progress.none()))
        .isInstanceOf(StorageFailure.NotFound.class);
  }

  @Test
  void aPlanStopsBetweenStepsWhenAskedAndTakesBackWhatItCan() throws StorageFailure {
    host.pool("pool", 200);
    var old = host.thin("old", "pool", 10).tagged(OwnTags.MANAGED);
    var plan = system.plan(new Change.Trash(old.uuid, Duration.ofHours(1)));
    assertThatThrownBy(() -> system.apply(plan, new StopsBefore("rename")))
        .isInstanceOf(StorageFailure.Cancelled.class);
    assertThat(old.tags).containsExactly(OwnTags.MANAGED);
    assertThat(system.unfinished()).isEmpty();

    var data = host.thick("data", 10).with("ext4", "/srv");
    var growth = system.plan(extend(data, 80));
    assertThatThrownBy(() -> system.apply(growth, new StopsBefore("let the file system")))
        .isInstanceOf(StorageFailure.Cancelled.class)
        .hasMessageContaining("cannot be taken back");
    assertThat(system.unfinished()).hasSize(1);
    assertThat(system.finish(system.unfinished().getFirst(), Progress.none()).result())
        .isEqualTo(Result.DONE);
    assertThat(data.contentBytes).isEqualTo(80 * MIB);
  }

  @Test
  void aHalfDonePlanIsTakenBackWhereAllOfItCanBe() throws StorageFailure {
    host.pool("pool", 200);
    var old = host.thin("old", "pool", 10).tagged(OwnTags.MANAGED);
    breakBefore("old, lumeo-trash-", new Change.Trash(old.uuid, Duration.ofHours(1)));
    assertThat(old.tags).hasSize(3);

    var outcome = system.undo(system.unfinished().getFirst(), Progress.none());

    assertThat(outcome.result()).isEqualTo(Result.UNDONE);
    assertThat(outcome.effects()).containsExactly("it was taken back");
    assertThat(old.tags).containsExactly(OwnTags.MANAGED);
    assertThat(system.unfinished()).isEmpty();
  }

  @Test
  void aHalfDonePlanThatCannotBeTakenBackIsOnlyFinished() throws StorageFailure {
    var data = host.thick("data", 10).with("ext4", "/srv");
    breakBefore("resize2fs", extend(data, 80));
    var half = system.unfinished().getFirst();

    assertThatThrownBy(() -> system.undo(half, Progress.none()))
        .isInstanceOf(StorageFailure.Refused.class)
        .hasMessageContaining("nothing undoes 'extend vg/data to 80 MiB'; finish it");
    assertThat(system.finish(half, Progress.none()).result()).isEqualTo(Result.DONE);
    assertThatThrownBy(() -> system.undo(half, Progress.none()))
        .isInstanceOf(StorageFailure.Refused.class)
        .hasMessageContaining("nothing to be taken back");
  }

  /// Lets the process die right before that command of the change's plan.
  private void breakBefore(String word, Change change) throws StorageFailure {
    host.beforeEachChange(arguments -> {
      if (arguments.toString().contains(word)) {
        throw new SimulatedHost.Killed();
      }
    });
    var plan = system.plan(change);
    assertThatThrownBy(() -> system.apply(plan, Progress.none()))
        .isInstanceOf(SimulatedHost.Killed.class);
    host.beforeEachChange(arguments -> {});
  }

  @Test
  void anotherProcessThatChangesTheGroupIsNotDisturbed() throws StorageFailure {
    var data = host.thick("data", 10);
    var plan = system.plan(new Change.Rename(data.uuid, "other"));
    var others = new ChangeLocks(folder.resolve("locks/host"));
    try (var _ = others.take(SimulatedHost.GROUP_UUID, "vg")) {
      assertThatThrownBy(() -> system.apply(plan, Progress.none()))
          .isInstanceOf(StorageFailure.Busy.class)
          .hasMessageContaining("is being changed by process " + ProcessHandle.current().pid());
    }
    assertThat(system.apply(plan, Progress.none()).result()).isEqualTo(Result.DONE);
  }

  @Test
  void aHostWhoseKernelHangsGetsNoMoreChangesUntilItAnswers() throws StorageFailure {
    var data = host.thick("data", 10);
    var plan = system.plan(new Change.Rename(data.uuid, "other"));
    host.inject(SimulatedHost.Trouble.HANGS_IN_THE_KERNEL, 5);
    assertThatThrownBy(() -> system.apply(plan, Progress.none()))
        .isInstanceOf(StorageFailure.TimedOut.class);
    assertThatThrownBy(() -> system.apply(plan, Progress.none()))
        .isInstanceOf(StorageFailure.Unreachable.class)
        .hasMessageContaining("hangs in its kernel");
    system.inventory();
    assertThat(system.apply(plan, Progress.none()).result()).isEqualTo(Result.DONE);
  }

  @Test
  void backupsThatHaveHadTheirTimeGo() throws StorageFailure {
    for (int i = 0; i < 60; i++) {
      var id = PlanId.at(NOW.minus(Duration.ofDays(40 + i)), new Random(i));
      host.files.put(
          "/var/lib/lumeo/vgcfg/" + new BackupName("vg", i, "rename", id).fileName(), "old");
    }
    host.files.put("/var/lib/lumeo/vgcfg/notes.txt", "mine");
    var outcome = apply(new Change.Rename(host.thick("data", 10).uuid, "other"));
    assertThat(outcome.effects()).contains("11 old backups of vg removed");
    assertThat(host.files).hasSize(51).containsKey("/var/lib/lumeo/vgcfg/notes.txt");
  }

  /// Stops a plan before the step whose title begins so.
  private static final class StopsBefore implements Progress {
    private final String title;
    private boolean cancelled;

    StopsBefore(String title) {
      this.title = title;
    }

    @Override
    public void report(String what, long done, long total) {
      cancelled = what.startsWith(title);
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}
