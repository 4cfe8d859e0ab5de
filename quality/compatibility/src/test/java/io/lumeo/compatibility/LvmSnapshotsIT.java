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
    try (var guest = LvmGuest.boot(folder, 1600)) {
      guest.shell("lvcreate -q -y -L 200M -n data vg");
      guest.mountNew("ext4", "data");
      guest.startWriting("data");
      assertThatThrownBy(() -> guest.shell("lvcreate -s -L 20%%ORIGIN -n no vg/data"))
          .isInstanceOf(AssertionError.class);
      var taken = guest.apply(snapshot(guest, "data", "day", new StoreSize.OfOrigin(20)));
      assertThat(taken.effects()).contains("vg: 11 extents (44 MiB) less free than before");
      assertThat(guest.mib("day")).isEqualTo(44);
      guest.apply(new Change.ExtendSnapshotStore(guest.uuid("day"), 100 * MIB));
      assertThat(guest.mib("day")).isEqualTo(100);
      guest.apply(new Change.ExtendSnapshotStore(guest.uuid("day"), 9000 * MIB));
      assertThat(guest.mib("day")).isEqualTo(204); // all of the origin, with its tables
      guest.expectWritten("data");

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
      remove(guest, "small");

      // The origin is mounted, so the merge waits; nothing is lost by that.
      guest.shell("echo later > /mnt/data/later");
      var rolled =
          guest.apply(new Change.RollBack(guest.uuid("data"), guest.uuid("day"), false, "before"));
      assertThat(rolled.result()).isEqualTo(Result.DELAYED);
      assertThat(rolled.pending()).hasSize(1);
      guest.shell(
          "test -e /mnt/data/later; umount /mnt/data; lvchange -an vg/data; lvchange -ay vg/data");
      guest.shell("until ! lvs -a vg | grep -q day; do sleep 1; done");
      guest.mount("data");
      guest.shell("test ! -e /mnt/data/later");
      guest.shell(
          "umount /mnt/data; mount -o ro,noload /dev/vg/before /mnt/data; test -e /mnt/data/later");
    }
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
      guest.expectWritten("data");
      guest.shell(
          """
          mkdir -p /mnt/clone
          mount -o nouuid /dev/vg/clone /mnt/clone
          echo mine > /mnt/clone/mine
          umount /mnt/clone
          echo later > /mnt/data/later
          """);

      var rolled =
          guest.apply(new Change.RollBack(guest.uuid("data"), guest.uuid("one"), true, "before"));
      assertThat(rolled.result()).isEqualTo(Result.DELAYED);
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
      assertThat(guest.output("lvs --noheadings -o lv_tags vg/two")).contains("lumeo.origin=");
      remove(guest, "two");
      remove(guest, "clone");
    }
  }

  @Test
  void aPoolThatWouldRefuseASnapshotIsForeseen() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1200)) {
      guest.shell(
          """
          lvcreate -q -T -L 100M -V 200M -n data vg/pool
          mkdir -p /run/lvm-system/profile
          """);
      guest.mountNew("ext4", "data");
      guest.shell("dd if=/dev/urandom of=/mnt/data/much bs=1M count=75 conv=fsync; sync");
      guest.apply(
          new Change.SetSelfExtension(
              guest.uuid("pool"), null)); // at no fill, whatever the host's settings say
      guest.apply(snapshot(guest, "data", "allowed", null));
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
      assertThatThrownBy(() -> guest.apply(snapshot(guest, "data", "refused", null)))
          .isInstanceOf(OutOfSpace.class)
          .hasMessageContaining("threshold of 70 %");
      assertThat(guest.output("lvs --noheadings -o lv_name vg")).doesNotContain("refused");
      guest.apply(new Change.ExtendPoolData(guest.uuid("pool"), 200 * MIB));
      guest.apply(snapshot(guest, "data", "again", null));
    }
  }
}
