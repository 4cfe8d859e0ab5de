package io.lumeo.compatibility;

import static io.lumeo.compatibility.LvmGuest.MIB;
import static io.lumeo.compatibility.LvmGuest.none;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Health;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots on real LVM: taken while their origins are written to, sized, filled, merged and
/// thrown away.
@Order(5)
class LvmSnapshotsIT {
  @TempDir Path folder;

  @Test
  void classicSnapshotsAreSizedExtendedOverflowAndAreMerged() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1800)) {
      guest.shell(
          """
          lvcreate -q -y -L 200M -n data vg
          lvcreate -q -y -L 304M -n files vg
          """);
      guest.mountNew("ext4", "data");
      guest.mountNew("xfs", "files");
      for (var name : List.of("data", "files")) {
        guest.shell("echo earlier > /mnt/%s/earlier", name);
        guest.startWriting(name);
      }
      var percent = guest.byHand("lvcreate -s -L 20%%ORIGIN -n no vg/data").expectExit(3);
      assertThat(percent.stderr()).contains("Can't parse size");
      expectNoneOfWhatIsFrozen(guest);
      var taken = guest.apply(snapshot(guest, "data", "day", new StoreSize.OfOrigin(20)));
      assertThat(taken.effects()).contains("vg: 11 extents (44 MiB) less free than before");
      assertThat(guest.mib("day")).isEqualTo(44);
      guest.apply(snapshot(guest, "files", "week", new StoreSize.OfOrigin(40)));
      guest.apply(new Change.ExtendSnapshotStore(guest.uuid("day"), 100 * MIB));
      assertThat(guest.mib("day")).isEqualTo(100);
      guest.apply(new Change.ExtendSnapshotStore(guest.uuid("day"), 9000 * MIB));
      assertThat(guest.mib("day")).isEqualTo(204); // all of the origin, with its tables
      guest.byHand("lvextend -q -L +9000M vg/day").expectExit(0);
      assertThat(guest.mib("day")).as("LVM's own limit").isEqualTo(204);

      // One that is too small for what is written meanwhile.
      guest.apply(snapshot(guest, "data", "small", new StoreSize.Bytes(4 * MIB)));
      guest.shell("dd if=/dev/urandom of=/mnt/data/much bs=1M count=12 conv=fsync");
      assertThat(guest.volume("small").health().state()).isEqualTo(Health.State.INVALID);
      assertThatThrownBy(
              () -> guest.apply(new Change.ExtendSnapshotStore(guest.uuid("small"), 20 * MIB)))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("content is lost");
      assertThatThrownBy(() ->
              guest.apply(
                  new Change.RollBack(guest.uuid("data"), guest.uuid("small"), false, null)))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("content is lost");
      // LVM itself would say that it has succeeded.
      guest.byHand("lvextend -q -L 20M vg/small").expectExit(0);
      assertThat(guest.volume("small").health().state()).isEqualTo(Health.State.INVALID);
      remove(guest, "small");

      // The origins are written to, so the merges wait, and nothing is lost by that.
      for (var name : List.of("data", "files")) {
        guest.shell("echo later > /mnt/%s/later", name);
      }
      expectDelayed(
          guest, new Change.RollBack(guest.uuid("data"), guest.uuid("day"), false, "before"));
      expectDelayed(
          guest, new Change.RollBack(guest.uuid("files"), guest.uuid("week"), false, null));
      assertThatThrownBy(() -> guest.apply(new Change.Activate(guest.uuid("data"), true)))
          .isInstanceOf(StorageFailure.Busy.class);
      // As slow as those of large volumes are.
      guest.shell("echo 10 >/sys/module/dm_snapshot/parameters/snapshot_copy_throttle");
      for (var name : List.of("data", "files")) {
        guest.expectWritten(name);
        guest.shell("test -e /mnt/%1$s/later; umount /mnt/%1$s", name);
        assertThat(guest.apply(new Change.Activate(guest.uuid(name), true)).result())
            .isEqualTo(Result.DONE);
      }
      assertThat(guest.output("lvs --noheadings -a -o lv_name vg")).doesNotContain("day", "week");
      guest.shell("e2fsck -fn /dev/vg/data");
      for (var name : List.of("data", "files")) {
        guest.mount(name);
        guest.shell("test ! -e /mnt/%1$s/later; grep -q earlier /mnt/%1$s/earlier", name);
        guest.shell("umount /mnt/%s", name);
      }
      guest.shell("xfs_repair -n /dev/vg/files");
      guest.shell("mount -o ro,noload /dev/vg/before /mnt/data; test -e /mnt/data/later");
    }
  }

  /// LVM freezes file systems itself, and fails half way when somebody has done so before it.
  private static void expectNoneOfWhatIsFrozen(LvmGuest guest) throws StorageFailure {
    guest.shell("fsfreeze --freeze /mnt/data");
    assertThatThrownBy(
            () -> guest.apply(snapshot(guest, "data", "frozen", new StoreSize.OfOrigin(20))))
        .isInstanceOf(StorageFailure.Busy.class)
        .hasMessageContaining("fsfreeze --unfreeze");
    guest.shell("fsfreeze --unfreeze /mnt/data");
    assertThat(guest.system.unfinished()).isEmpty();
    assertThat(guest.output("dmsetup ls")).doesNotContain("frozen");
    assertThat(guest.output("lvs --noheadings -o lv_name vg")).doesNotContain("frozen");
  }

  private static void expectDelayed(LvmGuest guest, Change.RollBack change) throws StorageFailure {
    var rolled = guest.apply(change);
    assertThat(rolled.result()).isEqualTo(Result.DELAYED);
    assertThat(rolled.pending()).hasSize(1);
  }

  private static Change snapshot(
      LvmGuest guest, String origin, String name, @Nullable StoreSize size) {
    return new Change.CreateSnapshot(guest.uuid(origin), name, size, true, false, none());
  }

  private static void remove(LvmGuest guest, String name) throws StorageFailure {
    var uuid = guest.uuid(name);
    guest.apply(new Change.Trash(uuid, Duration.ZERO));
    guest.apply(new Change.Purge(uuid));
    assertThat(guest.output("lvs --noheadings -o lv_uuid vg")).doesNotContain(uuid);
  }

  @Test
  void thinSnapshotsAreTakenClonedMergedAndKept() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1600)) {
      guest.shell(
          """
          lvcreate -q -T -L 600M --poolmetadatasize 8M -V 304M -n data vg/pool
          """);
      guest.mountNew("xfs", "data");
      guest.startWriting("data");
      assertThatThrownBy(
              () -> guest.apply(snapshot(guest, "data", "thick", new StoreSize.OfOrigin(20))))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("leave the store's size out");

      // Left inactive: LVM's own activation says it succeeded and does nothing.
      guest.apply(new Change.CreateSnapshot(guest.uuid("data"), "one", null, false, true, none()));
      guest.shell("lvchange -ay vg/one");
      assertThat(guest.volume("one").active()).isFalse();
      guest.apply(new Change.Activate(guest.uuid("one"), true));
      assertThat(guest.volume("one").active()).isTrue();
      guest.apply(snapshot(guest, "data", "two", null));
      guest.apply(new Change.CreateClone(guest.uuid("one"), "clone", true, none()));
      guest.shell(
          """
          mkdir -p /mnt/clone
          mount -o nouuid /dev/vg/clone /mnt/clone
          echo mine > /mnt/clone/mine
          umount /mnt/clone
          echo later > /mnt/data/later
          """);

      var data = guest.uuid("data");
      expectDelayed(guest, new Change.RollBack(data, guest.uuid("one"), true, "before"));
      guest.expectWritten("data");
      assertThatThrownBy(() -> guest.apply(new Change.Activate(guest.uuid("data"), true)))
          .isInstanceOf(StorageFailure.Busy.class);
      guest.shell("umount /mnt/data");
      assertThat(guest.apply(new Change.Activate(guest.uuid("data"), true)).result())
          .isEqualTo(Result.DONE);
      guest.mount("data");
      guest.shell("test ! -e /mnt/data/later; umount /mnt/data");
      assertThat(guest.volume("one").isSnapshot()).isTrue();
      guest.apply(new Change.Activate(guest.uuid("before"), true));
      guest.shell(
          "mkdir -p /mnt/b; mount -o nouuid /dev/vg/before /mnt/b; test -e /mnt/b/later; umount /mnt/b");

      // LVM has forgotten whose snapshots these are; the tags have not.
      assertThat(guest.output("lvs --noheadings -o origin vg/two")).isEmpty();
      assertThat(guest.volume("two").origin()).isEqualTo(data);
      assertThatThrownBy(
              () -> guest.apply(new Change.RollBack(data, guest.uuid("two"), true, null)))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("LVM has forgotten");
      remove(guest, "two");
      remove(guest, "clone");
    }
  }

  @Test
  void aPoolThatWouldRefuseASnapshotIsForeseen() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1200)) {
      guest.shell(
          """
          echo 'activation { monitoring=0 }' >/run/lvm-system/lvmlocal.conf # no dmeventd
          lvcreate -q -T -L 100M -V 200M -n data vg/pool
          mkdir -p /run/lvm-system/profile
          """);
      guest.mountNew("ext4", "data");
      guest.shell("dd if=/dev/urandom of=/mnt/data/much bs=1M count=75 conv=fsync; sync");
      guest.apply(
          new Change.SetSelfExtension(
              guest.uuid("pool"), null)); // at no fill, whatever the host's settings say
      guest.apply(snapshot(guest, "data", "allowed", null));
      guest.shell("lvcreate -q -s -n allowed-too vg/data");
      guest.shell(
          """
          cat >/run/lvm-system/profile/low.profile <<'END'
          activation {
            thin_pool_autoextend_threshold=70
            thin_pool_autoextend_percent=20
          }
          END
          lvchange --metadataprofile low vg/pool
          """);
      expectNoSnapshot(guest, "threshold of 70 %");
      guest.apply(new Change.ExtendPoolData(guest.uuid("pool"), 200 * MIB));
      guest.apply(snapshot(guest, "data", "again", null));

      // However little of the data is used, a quarter of the metadata stays free.
      guest.shell("lvchange --detachprofile vg/pool");
      guest.fillMetadata("pool", 750);
      guest.shell("lvcreate -q -s -n again-too vg/data");
      var nearly = guest.system.plan(snapshot(guest, "data", "nearly", null));
      assertThat(nearly.steps()).isNotEmpty();
      guest.fillMetadata("pool", 770);
      expectNoSnapshot(guest, "the metadata of vg/pool are 75.");

      keepsItsReserve(guest);
      isLeftAloneWhileItIsSuspended(guest);
      isLeftAsItWasWhileItIsFrozen(guest);
    }
  }

  /// Neither Lumeo nor LVM takes a snapshot.
  private static void expectNoSnapshot(LvmGuest guest, String why) {
    assertThatThrownBy(() -> guest.apply(snapshot(guest, "data", "refused", null)))
        .isInstanceOf(OutOfSpace.class)
        .hasMessageContaining(why);
    assertThat(guest.byHand("lvcreate -s -n refused vg/data").expectExit(5).stderr())
        .contains("free space in thin pool vg/pool reached threshold");
    assertThat(guest.output("lvs --noheadings -o lv_name vg")).doesNotContain("refused");
  }

  private static void keepsItsReserve(LvmGuest guest) throws StorageFailure {
    var careful = guest.keeping(10);
    var pool = guest.uuid("pool");
    long free = Long.parseLong(guest.output("vgs --noheadings -o vg_free_count vg"));
    long extents = guest.mib("pool") / 4 + free - 30; // 30 of the group's 299 are its reserve
    assertThat(careful.plan(new Change.ExtendPoolData(pool, 4 * extents * MIB)).steps())
        .isNotEmpty();
    assertThatThrownBy(() -> careful.plan(new Change.ExtendPoolData(pool, 4 * (extents + 1) * MIB)))
        .isInstanceOf(OutOfSpace.class)
        .hasMessageContaining("of which 120 MiB stay in reserve")
        .hasMessageContaining("4 MiB more is needed");
  }

  private static void isLeftAloneWhileItIsSuspended(LvmGuest guest) throws StorageFailure {
    guest.shell("dmsetup suspend vg-data");
    assertThat(guest.volume("data").sizeBytes()).isEqualTo(200 * MIB);
    assertThatThrownBy(() -> guest.apply(snapshot(guest, "data", "refused", null)))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("is suspended");
    guest.shell("dmsetup resume vg-data");
  }

  private static void isLeftAsItWasWhileItIsFrozen(LvmGuest guest) throws StorageFailure {
    guest.apply(new Change.ExtendPoolMetadata(guest.uuid("pool"), 8 * MIB));
    guest.shell("fsfreeze --freeze /mnt/data");
    assertThatThrownBy(() -> guest.apply(snapshot(guest, "data", "frozen", null)))
        .isInstanceOf(StorageFailure.Busy.class)
        .hasMessageContaining("fsfreeze --unfreeze");
    guest.shell("fsfreeze --unfreeze /mnt/data");
    assertThat(guest.system.unfinished()).isEmpty();
    guest.apply(snapshot(guest, "data", "thawed", null));
  }
}
