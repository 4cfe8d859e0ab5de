package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.lvm.SimulatedHost.Lv;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Busy;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unsupported;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Everything that is refused: each with the host on which it would go wrong, the change that asks
/// for it and the sentence that says why. On none of them is anything changed.
class GuardsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final long MIB = 1 << 20;

  /// One line of the table.
  private record Guard(
      String name,
      Function<SimulatedHost, Change> asksFor,
      Class<? extends StorageFailure> failure,
      String sentence) {}

  private final List<Guard> guards = new ArrayList<>();

  private void guard(
      String name,
      Class<? extends StorageFailure> failure,
      String sentence,
      Function<SimulatedHost, Change> asksFor) {
    guards.add(new Guard(name, asksFor, failure, sentence));
  }

  @TestFactory
  Stream<DynamicTest> eachGuardRefusesWithItsSentence() {
    groups();
    names();
    snapshots();
    thinPools();
    growth();
    removal();
    restores();
    return guards.stream().map(guard -> DynamicTest.dynamicTest(guard.name(), () -> check(guard)));
  }

  private void check(Guard guard) {
    var host = new SimulatedHost();
    var change = guard.asksFor().apply(host);
    var before = host.shape();
    assertThatThrownBy(() -> plan(host, change))
        .isInstanceOf(guard.failure())
        .hasMessageContaining(guard.sentence())
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(300));
    assertThat(host.changes).isEmpty();
    assertThat(host.shape()).isEqualTo(before);
  }

  private static Plan plan(SimulatedHost host, Change change) throws StorageFailure {
    return new LvmSystem(
            "host",
            host,
            Path.of("/nowhere/that/is/used"),
            DriverRules.defaults(),
            InstantSource.fixed(NOW),
            new Random(1))
        .plan(change);
  }

  private void groups() {
    guard(
        "anExportedGroupIsNotChanged",
        Refused.class,
        "is exported",
        h -> {
          h.groupFields.put("vg_exported", "exported");
          return rename(h.thick("a", 1), "b");
        });
    guard(
        "aGroupWithoutAllItsDevicesIsNotChanged",
        Refused.class,
        "lacks 2 of its devices",
        h -> {
          h.groupFields.put("vg_missing_pv_count", "2");
          return rename(h.thick("a", 1), "b");
        });
    guard(
        "aSharedGroupIsNotChanged",
        Refused.class,
        "lvmlockd",
        h -> {
          h.groupFields.put("vg_lock_type", "sanlock");
          return rename(h.thick("a", 1), "b");
        });
    guard(
        "anotherHostsGroupIsNotChanged",
        Refused.class,
        "belongs to host other",
        h -> {
          h.groupFields.put("vg_systemid", "other");
          return rename(h.thick("a", 1), "b");
        });
    guard(
        "aReadOnlyGroupIsNotChanged",
        Refused.class,
        "read-only",
        h -> {
          h.groupFields.put("vg_attr", "rz--n-");
          return rename(h.thick("a", 1), "b");
        });
    guard(
        "aGroupWithAHostileNameIsNotChanged",
        Refused.class,
        "would not take",
        h -> {
          h.groupFields.put("vg_name", "vg;rm -rf /");
          return rename(h.thick("a", 1), "b");
        });
    guard(
        "whatIsNotThereIsNotChanged",
        NotFound.class,
        "no volume nothing",
        h -> new Change.Trash("nothing", Duration.ZERO));
    guard(
        "aDeviceWithSomethingOnItIsNotAdded",
        Refused.class,
        "holds a ext4",
        h -> {
          var lv = h.thick("a", 1).with("ext4", "");
          return new Change.AddDevices(SimulatedHost.GROUP_UUID, List.of("/dev/vg/" + lv.name));
        });
    guard(
        "aDeviceThatIsNotThereIsNotAdded",
        NotFound.class,
        "/dev/sdz",
        h -> new Change.AddDevices(SimulatedHost.GROUP_UUID, List.of("/dev/sdz")));
    guard(
        "whatIsNoDeviceIsNotAdded",
        Refused.class,
        "not the path of a device",
        h -> new Change.AddDevices(SimulatedHost.GROUP_UUID, List.of("--uuid")));
    guard(
        "devicesAreNotAddedToAPool",
        Refused.class,
        "not to a pool inside",
        h -> new Change.AddDevices(h.pool("p", 10).uuid, List.of()));
    guard(
        "aPoolOnForeignDevicesIsNotMade",
        Refused.class,
        "is not a device of group vg",
        h -> pool("p", 100 * MIB, null, null, List.of("/dev/sdz")));
  }

  private void names() {
    for (var bad :
        List.of(
            "-rf",
            "a b",
            "a/b",
            "..",
            "$(id)",
            "a;b",
            "a\nb",
            "snapshot1",
            "pvmove0",
            "x_tmeta",
            "my_rimage_0",
            "",
            "n".repeat(120),
            "-".repeat(3) + "x",
            "d" + "-".repeat(60))) {
      guard(
          "aVolumeIsNotCalled '" + bad.replace("\n", "\\n") + "'",
          Refused.class,
          "name",
          h -> new Change.CreateVolume(SimulatedHost.GROUP_UUID, bad, 4 * MIB, none()));
    }
    guard(
        "aNameIsNotTakenTwice",
        Refused.class,
        "there is a volume vg/a already",
        h -> {
          h.thick("a", 1);
          return new Change.CreateVolume(SimulatedHost.GROUP_UUID, "a", 4 * MIB, none());
        });
    for (var bad : List.of("a b", "@a", "a;b", "t".repeat(1025), "a,b", "ä")) {
      guard(
          "aTagIsNot '" + bad.substring(0, Math.min(9, bad.length())) + "'",
          Refused.class,
          "cannot be a tag",
          h -> new Change.SetTags(h.thick("a", 1).uuid, set(bad), none()));
    }
    for (var own :
        List.of(
            OwnTags.MANAGED, "lumeo.run=x", "lumeo.trash=x", "lumeo.origin=x", OwnTags.VERIFY)) {
      guard(
          "noOneClaims " + own,
          Refused.class,
          "Lumeo's own record",
          h -> new Change.SetTags(h.thick("a", 1).uuid, set(own), none()));
      guard(
          "noOneTakesAway " + own,
          Refused.class,
          "Lumeo's own record",
          h -> new Change.SetTags(h.thick("a", 1).uuid, none(), set(own)));
    }
  }

  private void snapshots() {
    guard(
        "aThinVolumeGetsNoClassicSnapshot",
        Refused.class,
        "leave the store's size out",
        h -> {
          h.pool("p", 100);
          return snapshot(h.thin("a", "p", 10), new StoreSize.OfOrigin(20));
        });
    guard(
        "aThickVolumeGetsNoSnapshotWithoutStore",
        Refused.class,
        "needs a store",
        h -> snapshot(h.thick("a", 10), null));
    guard(
        "aClassicSnapshotGetsNoSnapshot",
        Refused.class,
        "makes no snapshots of those",
        h -> {
          h.thick("a", 10);
          return snapshot(h.classic("s", "a", 3), new StoreSize.OfOrigin(20));
        });
    guard(
        "aPoolGetsNoSnapshot",
        Refused.class,
        "is a thin pool",
        h -> snapshot(h.pool("p", 10), null));
    guard(
        "aHiddenVolumeGetsNoSnapshot",
        Refused.class,
        "part of another volume",
        h -> {
          var lv = h.thick("a", 10);
          lv.hidden = true;
          return snapshot(lv, new StoreSize.OfOrigin(20));
        });
    guard(
        "aMergingOriginGetsNoSnapshot",
        Refused.class,
        "has a merge to come",
        h -> {
          var lv = h.thick("a", 10);
          lv.merging = true;
          return snapshot(lv, new StoreSize.OfOrigin(20));
        });
    guard(
        "aStoreThatDoesNotFitIsNotMade",
        OutOfSpace.class,
        "stay in reserve",
        h -> snapshot(h.thick("a", 1900), new StoreSize.OfOrigin(50)));
    guard(
        "aThickVolumeIsNotCloned",
        Unsupported.class,
        "full copy",
        h -> new Change.CreateClone(h.thick("a", 10).uuid, "c", true, none()));
    guard(
        "anOverflowedSnapshotIsNotExtended",
        Refused.class,
        "content is lost",
        h -> {
          h.thick("a", 10);
          var lv = h.classic("s", "a", 3);
          lv.invalid = true;
          return new Change.ExtendSnapshotStore(lv.uuid, 40 * MIB);
        });
    guard(
        "aStoreIsNotMadeSmaller",
        Refused.class,
        "never makes anything smaller",
        h -> {
          h.thick("a", 10);
          return new Change.ExtendSnapshotStore(h.classic("s", "a", 3).uuid, 4 * MIB);
        });
    guard(
        "whatHasNoStoreHasNoneExtended",
        Refused.class,
        "has no store",
        h -> new Change.ExtendSnapshotStore(h.thick("a", 10).uuid, 400 * MIB));
    guard(
        "anOverflowedSnapshotIsNotMerged",
        Refused.class,
        "content is lost",
        h -> {
          var a = h.thick("a", 10);
          var lv = h.classic("s", "a", 3);
          lv.invalid = true;
          return new Change.RollBack(a.uuid, lv.uuid, false, null);
        });
    guard(
        "anOpenSnapshotIsNotMerged",
        Busy.class,
        "vg/s is in use",
        h -> {
          var a = h.thick("a", 10);
          var lv = h.classic("s", "a", 3);
          lv.open = true;
          return new Change.RollBack(a.uuid, lv.uuid, false, null);
        });
    guard(
        "aStrangersSnapshotIsNotMerged",
        Refused.class,
        "not known to be a snapshot",
        h -> {
          var a = h.thick("a", 10);
          h.thick("b", 10);
          return new Change.RollBack(a.uuid, h.classic("s", "b", 3).uuid, false, null);
        });
    guard(
        "aSnapshotThatLvmHasForgottenIsNotMerged",
        Refused.class,
        "LVM has forgotten",
        h -> {
          h.pool("p", 100);
          var a = h.thin("a", "p", 10);
          var s = h.thin("s", "p", 10).tagged(OwnTags.origin(a.uuid));
          return new Change.RollBack(a.uuid, s.uuid, false, null);
        });
    guard(
        "aClassicSnapshotIsNotKeptThroughAMerge",
        Refused.class,
        "cannot copy it first",
        h -> {
          var a = h.thick("a", 10);
          return new Change.RollBack(a.uuid, h.classic("s", "a", 3).uuid, true, null);
        });
    guard(
        "aSecondMergeIsNotBegun",
        Refused.class,
        "has a merge to come",
        h -> {
          var a = h.thick("a", 10);
          a.merging = true;
          return new Change.RollBack(a.uuid, h.classic("s", "a", 3).uuid, false, null);
        });
  }

  private void thinPools() {
    guard(
        "noSnapshotAboveTheDataThreshold",
        OutOfSpace.class,
        "threshold of 70 %",
        h -> {
          h.threshold = 70;
          h.pool("p", 100).data = "70.5";
          return snapshot(h.thin("a", "p", 10), null);
        });
    guard(
        "noSnapshotInAFullPool",
        OutOfSpace.class,
        "data of vg/p are full",
        h -> {
          h.pool("p", 100).data = "100.00";
          return snapshot(h.thin("a", "p", 10), null);
        });
    guard(
        "noSnapshotInAPoolOutOfData",
        OutOfSpace.class,
        "data of vg/p are full",
        h -> {
          h.pool("p", 100).health = "out_of_data";
          return snapshot(h.thin("a", "p", 10), null);
        });
    guard(
        "noSnapshotWithLessThanAQuarterOfTheMetadataFree",
        OutOfSpace.class,
        "metadata",
        h -> {
          h.pool("p", 100).metadata = "75.5";
          return snapshot(h.thin("a", "p", 10), null);
        });
    guard(
        "noVolumeInAPoolThatNeedsACheck",
        Refused.class,
        "must be checked",
        h -> {
          var p = h.pool("p", 100);
          p.checkNeeded = true;
          return new Change.CreateVolume(p.uuid, "v", 4 * MIB, none());
        });
    guard(
        "aFailedPoolIsNotExtended",
        Refused.class,
        "has failed",
        h -> {
          var p = h.pool("p", 100);
          p.health = "failed";
          return new Change.ExtendPoolData(p.uuid, 800 * MIB);
        });
    guard(
        "aPoolWithReadOnlyMetadataGetsNoMoreData",
        Refused.class,
        "are read-only",
        h -> {
          var p = h.pool("p", 100);
          p.health = "metadata_read_only";
          return new Change.ExtendPoolData(p.uuid, 800 * MIB);
        });
    guard(
        "anActivePoolIsNotRepaired",
        Refused.class,
        "vg/p is active",
        h -> new Change.RepairPoolMetadata(h.pool("p", 100).uuid));
    guard(
        "aPoolWithAnActiveVolumeIsNotRepaired",
        Refused.class,
        "vg/a is active",
        h -> {
          var p = h.pool("p", 100);
          p.active = false;
          h.thin("a", "p", 10);
          return new Change.RepairPoolMetadata(p.uuid);
        });
    guard(
        "aPoolIsNotRepairedTwice",
        Refused.class,
        "was repaired before",
        h -> {
          var p = h.pool("p", 100);
          p.active = false;
          h.thick("p_meta0", 4);
          return new Change.RepairPoolMetadata(p.uuid);
        });
    guard(
        "aPoolWithoutSpareIsNotRepaired",
        Refused.class,
        "no spare as large",
        h -> {
          var p = h.pool("p", 100);
          p.active = false;
          return new Change.RepairPoolMetadata(p.uuid);
        });
    guard(
        "aPoolIsNotMadeSmaller",
        Refused.class,
        "never makes anything smaller",
        h -> new Change.ExtendPoolData(h.pool("p", 100).uuid, 4 * MIB));
    guard(
        "metadataAreNotMadeSmaller",
        Refused.class,
        "never makes anything smaller",
        h -> new Change.ExtendPoolMetadata(h.pool("p", 100).uuid, 4 * MIB));
    guard(
        "metadataAreNotMadeLargerThanTheyCanBe",
        Refused.class,
        "15.81 GiB",
        h -> new Change.ExtendPoolMetadata(h.pool("p", 100).uuid, 17L << 30));
    guard(
        "aPoolIsNotExtendedIntoTheReserve",
        OutOfSpace.class,
        "stay in reserve",
        h -> new Change.ExtendPoolData(h.pool("p", 1850).uuid, 1950 * 4 * MIB));
    guard(
        "aVolumeIsNoPool",
        Refused.class,
        "is not a thin pool",
        h -> new Change.ExtendPoolData(h.thick("a", 10).uuid, 800 * MIB));
    guard(
        "aChunkIsNot100KiB",
        Refused.class,
        "multiple of 64 KiB",
        h -> pool("p", 100 * MIB, null, 100L << 10, List.of()));
    guard(
        "metadataAreNot1MiB",
        Refused.class,
        "2 MiB to 15.81 GiB",
        h -> pool("p", 100 * MIB, MIB, null, List.of()));
    guard(
        "discardsAreNotTurnedOffInAnActivePool",
        Refused.class,
        "only while a pool is inactive",
        h -> new Change.SetDiscards(h.pool("p", 100).uuid, "ignore"));
    guard(
        "discardsAreNotTreatedAsSomethingElse",
        Refused.class,
        "no way to treat discards",
        h -> new Change.SetDiscards(h.pool("p", 100).uuid, "--help"));
    guard(
        "aPoolDoesNotExtendItselfAt40Percent",
        Refused.class,
        "not at 40 %",
        h ->
            new Change.SetSelfExtension(
                h.pool("p", 100).uuid, new SelfExtension(40, 20, true, null)));
    guard(
        "aPoolIsNotDeactivatedAsAVolume",
        Refused.class,
        "is a thin pool",
        h -> new Change.Activate(h.pool("p", 100).uuid, false));
  }

  private void growth() {
    guard(
        "nothingIsMadeSmaller",
        Refused.class,
        "never makes anything smaller",
        h -> extend(h.thick("a", 10).with("ext4", "/a"), 4 * MIB));
    guard(
        "anActiveOriginOfAClassicSnapshotIsNotExtended",
        Refused.class,
        "only while it is inact",
        h -> {
          var a = h.thick("a", 10).with("ext4", "/a");
          h.classic("s", "a", 3);
          return extend(a, 80 * MIB);
        });
    for (var type : List.of("crypto_LUKS", "swap", "LVM2_member", "btrfs", "gpt", "ntfs")) {
      guard(
          "whatHolds " + type + " isNotGrown",
          Refused.class,
          "holds a " + type,
          h -> extend(h.thick("a", 10).with(type, ""), 80 * MIB));
    }
    guard(
        "whatHoldsNothingThatIsKnownIsNotGrown",
        Refused.class,
        "nothing that is recognised",
        h -> extend(h.thick("a", 10), 80 * MIB));
    guard(
        "anUnmountedXfsIsNotGrown",
        Refused.class,
        "XFS grows only while mounted",
        h -> extend(h.thick("a", 10).with("xfs", ""), 80 * MIB));
    guard(
        "aFileSystemThatIsMountedReadOnlyIsNotGrown",
        Refused.class,
        "read-only now",
        h -> {
          var a = h.thick("a", 10).with("ext4", "/a");
          a.mountedReadOnly = true;
          return extend(a, 80 * MIB);
        });
    guard(
        "whatIsInactiveIsNotGrownBlindly",
        Refused.class,
        "nobody can see",
        h -> {
          var a = h.thick("a", 10).with("ext4", "");
          a.active = false;
          return extend(a, 80 * MIB);
        });
    guard(
        "anXfsIsNotExtendedWithoutItsTool",
        Unsupported.class,
        "install xfsprogs first",
        h -> {
          h.missingTools.add("xfs_growfs");
          return extend(h.thick("a", 10).with("xfs", "/a"), 80 * MIB);
        });
    guard(
        "anExt4IsNotExtendedWithoutItsTool",
        Unsupported.class,
        "install e2fsprogs first",
        h -> {
          h.missingTools.add("resize2fs");
          return extend(h.thick("a", 10).with("ext4", "/a"), 80 * MIB);
        });
    guard(
        "aVolumeThatDoesNotFitIsNotExtended",
        OutOfSpace.class,
        "more is needed",
        h -> extend(h.thick("a", 10).with("ext4", "/a"), 8000 * MIB));
    guard(
        "aVolumeOfAnotherTypeIsNotExtended",
        Unsupported.class,
        "use lvextend",
        h -> {
          var a = h.thick("a", 10).with("ext4", "/a");
          a.kind = "raid6";
          return extend(a, 80 * MIB);
        });
    guard(
        "aPoolIsNotExtendedAsAVolume",
        Refused.class,
        "is a thin pool",
        h -> extend(h.pool("p", 10), 80 * MIB));
    guard(
        "aClassicSnapshotIsNotExtendedAsAVolume",
        Refused.class,
        "its store",
        h -> {
          h.thick("a", 10);
          return extend(h.classic("s", "a", 3), 80 * MIB);
        });
    guard(
        "whatIsNotMountedIsNotTrimmed",
        Refused.class,
        "is not mounted",
        h -> new Change.Trim(h.thick("a", 10).with("ext4", "").uuid));
    guard(
        "whatIsMountedReadOnlyIsNotTrimmed",
        Refused.class,
        "mounted read-only",
        h -> {
          var a = h.thick("a", 10).with("ext4", "/a");
          a.mountedReadOnly = true;
          return new Change.Trim(a.uuid);
        });
    guard(
        "nothingIsTrimmedForAPoolThatIgnoresIt",
        Refused.class,
        "ignores discards",
        h -> {
          h.pool("p", 100).discards = "ignore";
          return new Change.Trim(h.thin("a", "p", 10).with("ext4", "/a").uuid);
        });
  }

  private void removal() {
    guard(
        "whatLumeoDidNotMakeIsNotRemoved",
        Refused.class,
        "was not made by Lumeo",
        h -> new Change.Trash(h.thick("a", 10).uuid, Duration.ofDays(1)));
    guard(
        "whatIsInUseIsNotRemoved",
        Busy.class,
        "is in use",
        h -> {
          var a = h.thick("a", 10).tagged(OwnTags.MANAGED);
          a.open = true;
          return new Change.Trash(a.uuid, Duration.ofDays(1));
        });
    guard(
        "anOriginIsNotRemovedUnderItsSnapshots",
        Refused.class,
        "would go with it",
        h -> {
          var a = h.thick("a", 10).tagged(OwnTags.MANAGED);
          h.classic("s", "a", 3);
          return new Change.Trash(a.uuid, Duration.ofDays(1));
        });
    guard(
        "aPoolIsNotRemoved",
        Refused.class,
        "is a thin pool",
        h -> new Change.Trash(h.pool("p", 10).tagged(OwnTags.MANAGED).uuid, Duration.ofDays(1)));
    guard(
        "nothingIsPurgedThatIsNotInTheTrash",
        Refused.class,
        "is not in the trash",
        h -> new Change.Purge(h.thick("a", 10).tagged(OwnTags.MANAGED).uuid));
    guard(
        "nothingIsPurgedBeforeItsTime",
        Refused.class,
        "stays in the trash until 2026-03-01T12:00:01Z",
        h ->
            new Change.Purge(
                trashed(h, OwnTags.MANAGED, OwnTags.trashUntil(NOW.plusSeconds(1))).uuid));
    guard(
        "nothingIsPurgedWhoseTimeNobodyKnows",
        Refused.class,
        "nobody knows until when",
        h -> new Change.Purge(trashed(h, OwnTags.MANAGED, "lumeo.trash-until=soon").uuid));
    guard(
        "nothingOfOthersIsPurged",
        Refused.class,
        "was not made by Lumeo",
        h -> new Change.Purge(trashed(h, OwnTags.trashUntil(NOW)).uuid));
    guard(
        "whatIsNotInTheTrashIsNotRestored",
        Refused.class,
        "is not in the trash",
        h -> new Change.RestoreFromTrash(h.thick("a", 10).uuid));
    guard(
        "nothingIsRestoredOverAnother",
        Refused.class,
        "there is a volume vg/x already",
        h -> {
          h.thick("x", 1);
          return new Change.RestoreFromTrash(trashed(h, OwnTags.MANAGED).uuid);
        });
    guard(
        "aClassicSnapshotIsNotDeactivated",
        Refused.class,
        "take its origin down",
        h -> {
          h.thick("a", 10);
          return new Change.Activate(h.classic("s", "a", 3).uuid, false);
        });
    guard(
        "whatIsInUseIsNotDeactivated",
        Busy.class,
        "is in use",
        h -> new Change.Activate(h.thick("a", 10).with("ext4", "/a").uuid, false));
  }

  private void restores() {
    guard(
        "aGroupWithThinPoolsIsNotRestored",
        Refused.class,
        "would not start again",
        h -> {
          h.pool("p", 10);
          return restore(h, "b.vg", "");
        });
    guard(
        "aBackupThatIsNotThereIsNotRestored",
        NotFound.class,
        "no backup b.vg",
        h -> new Change.RestoreGroupMetadata(SimulatedHost.GROUP_UUID, "b.vg"));
    guard(
        "whatIsNoBackupIsNotRestored",
        Refused.class,
        "not a backup",
        h -> restore(h, "b.vg", "hello"));
    guard(
        "aBackupElsewhereIsNotRestored",
        Refused.class,
        "not the name of a file",
        h -> new Change.RestoreGroupMetadata(SimulatedHost.GROUP_UUID, "../../etc/lvm/b.vg"));
    guard(
        "aGroupWithActiveVolumesIsNotRestored",
        Refused.class,
        "is active",
        h -> {
          h.thick("a", 10);
          return restore(h, "b.vg", h.backupText());
        });
    guard(
        "aRestoreForgetsNoNewVolume",
        Refused.class,
        "was made after the backup",
        h -> {
          var text = h.backupText();
          h.thick("a", 10).active = false;
          return restore(h, "b.vg", text);
        });
    guard(
        "aRestoreCutsNothingOff",
        Refused.class,
        "has been extended since",
        h -> {
          var a = h.thick("a", 10);
          a.active = false;
          var text = h.backupText();
          a.extents = 20;
          return restore(h, "b.vg", text);
        });
    guard(
        "aBackupOfOtherDevicesIsNotRestored",
        Refused.class,
        "has other devices",
        h -> {
          var text = h.backupText();
          h.devices.put("/dev/sdx", 5L);
          return restore(h, "b.vg", text);
        });
    guard(
        "aBackupOfAnotherGroupIsNotRestored",
        Refused.class,
        "of another group",
        h -> restore(h, "b.vg", h.backupText().replace(SimulatedHost.GROUP_UUID, "other")));
    guard(
        "aBackupWithThinPoolsIsNotRestored",
        Refused.class,
        "had thin pools",
        h -> {
          var p = h.pool("p", 10);
          var text = h.backupText();
          h.volumes.remove(p.uuid);
          return restore(h, "b.vg", text);
        });
  }

  @Test
  void theTableIsLongAndNamesNothingTwice() {
    eachGuardRefusesWithItsSentence();
    assertThat(guards).hasSizeGreaterThan(90);
    assertThat(guards.stream().map(Guard::name)).doesNotHaveDuplicates();
  }

  @Test
  void twoGroupsOfOneNameAreNotChanged() {
    var host = new SimulatedHost();
    host.thick("a", 1);
    var report = host.report();
    var twin = report.replace(SimulatedHost.GROUP_UUID, "twin").replace("Volume-", "Twin-");
    var both =
        report.substring(0, report.length() - 2)
            + ","
            + twin.substring(twin.indexOf('[') + 1, twin.length() - 2)
            + "]}";
    assertThatThrownBy(
            () -> {
              var groups = ReportParser.parse(both).groups();
              var state =
                  new HostState(
                      NOW,
                      new LvmVersion(2, 3, 16),
                      new LvmSettings(
                          LvmSettings.Extension.OFF,
                          LvmSettings.Extension.OFF,
                          true,
                          true,
                          Map.of(),
                          "",
                          ""),
                      new LvmReport(groups, List.of(), List.of()),
                      Map.of(),
                      Map.of(),
                      List.of());
              Guards.writable(state, groups.getFirst());
            })
        .isInstanceOf(Refused.class)
        .hasMessageContaining("two groups are called vg");
  }

  private static Change rename(Lv lv, String name) {
    return new Change.Rename(lv.uuid, name);
  }

  private static Change snapshot(Lv lv, @Nullable StoreSize store) {
    return new Change.CreateSnapshot(lv.uuid, "new", store, true, true, none());
  }

  private static Change extend(Lv lv, long bytes) {
    return new Change.ExtendVolume(lv.uuid, bytes, WithFileSystem.GROW);
  }

  private static Change pool(
      String name,
      long bytes,
      @Nullable Long metadata,
      @Nullable Long chunk,
      List<String> devices) {
    return new Change.CreateThinPool(
        SimulatedHost.GROUP_UUID, name, bytes, metadata, chunk, devices, List.of(), null, none());
  }

  private static Lv trashed(SimulatedHost host, String... tags) {
    var lv = host.thick("lumeo-trash-x", 10).tagged(tags).tagged(OwnTags.trash("x"));
    lv.active = false;
    return lv;
  }

  private static Change restore(SimulatedHost host, String name, String text) {
    host.files.put("/var/lib/lumeo/vgcfg/" + name, text);
    return new Change.RestoreGroupMetadata(SimulatedHost.GROUP_UUID, name);
  }

  private static SortedSet<String> none() {
    return new TreeSet<>();
  }

  private static SortedSet<String> set(String... texts) {
    return new TreeSet<>(Set.copyOf(Arrays.asList(texts)));
  }
}
