package io.lumeo.compatibility;

import static io.lumeo.compatibility.LvmGuest.MIB;
import static io.lumeo.compatibility.LvmGuest.none;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.Change;
import io.lumeo.storage.Health;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pools and groups on real LVM: made, filled, extended, trimmed, and gone back to.
class LvmPoolsIT {
  @TempDir Path folder;

  @Test
  void poolsAreMadeFilledExtendedAndTrimmed() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 600, 400, 300)) {
      guest.apply(
          new Change.AddDevices(guest.group(), List.of(guest.rig.disk(1), guest.rig.disk(2))));
      guest.apply(
          new Change.CreateThinPool(
              guest.group(),
              "pool",
              100 * MIB,
              4 * MIB,
              64L << 10,
              List.of(guest.rig.disk(0)),
              List.of(guest.rig.disk(1)),
              null,
              none()));
      assertThat(guest.output("lvs --noheadings -a -o devices vg/pool_tmeta"))
          .startsWith(guest.rig.disk(1));
      assertThat(guest.output("lvs --noheadings -o lv_tags vg/pool")).contains("lumeo.managed");
      guest.apply(new Change.CreateVolume(guest.uuid("pool"), "data", 201 * MIB, none()));
      assertThat(guest.mib("data")).isEqualTo(204);
      guest.mountNew("ext4", "data");

      guest.shell("lvchange --errorwhenfull y vg/pool");
      assertThatThrownBy(
              () -> guest.shell("dd if=/dev/urandom of=/mnt/data/much bs=1M count=150 conv=fsync"))
          .isInstanceOf(AssertionError.class);
      assertThat(guest.system.inventory().pool(guest.uuid("pool")).orElseThrow().health().state())
          .isEqualTo(Health.State.OUT_OF_SPACE);
      guest.apply(new Change.ExtendPoolData(guest.uuid("pool"), 300 * MIB));
      assertThat(guest.mib("pool")).isEqualTo(300);
      guest.apply(new Change.ExtendPoolMetadata(guest.uuid("pool"), 16 * MIB));
      assertThat(guest.mib("pool_tmeta")).isEqualTo(16);
      assertThat(guest.mib("lvol0_pmspare")).isEqualTo(16);

      guest.shell(
          "umount /mnt/data; e2fsck -fy /dev/vg/data || true; mount /dev/vg/data /mnt/data");
      guest.shell("dd if=/dev/urandom of=/mnt/data/more bs=1M count=20 conv=fsync");
      long full = used(guest);
      guest.shell("rm -f /mnt/data/much /mnt/data/more; sync");
      var trimmed = guest.apply(new Change.Trim(guest.uuid("data")));
      assertThat(trimmed.effects()).anyMatch(line -> line.contains("trimmed"));
      assertThat(used(guest)).isLessThan(full - 30);

      guest.apply(new Change.SetDiscards(guest.uuid("pool"), "nopassdown"));
      assertThatThrownBy(() -> guest.apply(new Change.SetDiscards(guest.uuid("pool"), "ignore")))
          .isInstanceOf(Refused.class);
    }
  }

  /// In percent of the pool.
  private static long used(LvmGuest guest) {
    return (long) Double.parseDouble(guest.output("lvs --noheadings -o data_percent vg/pool"));
  }

  @Test
  void whatIsRemovedComesBackAndOnlyWhatLumeoMadeGoes() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 600)) {
      guest.shell("lvcreate -q -y -L 20M -n foreign vg");
      guest.apply(
          new Change.CreateVolume(
              guest.group(), "mine", 40 * MIB, new TreeSet<>(List.of("owner=me"))));
      guest.mountNew("ext4", "mine");
      guest.shell("echo here > /mnt/mine/file");
      var uuid = guest.uuid("mine");
      assertThatThrownBy(() -> guest.apply(new Change.Trash(guest.uuid("foreign"), Duration.ZERO)))
          .isInstanceOf(Refused.class);
      assertThatThrownBy(() -> guest.apply(new Change.Trash(uuid, Duration.ZERO)))
          .isInstanceOf(StorageFailure.Busy.class);
      guest.shell("umount /mnt/mine");
      guest.apply(new Change.Trash(uuid, Duration.ofDays(7)));
      assertThat(guest.output("lvs --noheadings -o lv_name vg")).contains("lumeo-trash-");
      assertThatThrownBy(() -> guest.apply(new Change.Purge(uuid))).isInstanceOf(Refused.class);
      guest.apply(new Change.RestoreFromTrash(uuid));
      guest.mount("mine");
      guest.shell("grep -q here /mnt/mine/file; umount /mnt/mine");
      assertThat(guest.output("lvs --noheadings -o lv_tags vg/mine"))
          .contains("owner=me", "lumeo.managed")
          .doesNotContain("trash");
      guest.apply(new Change.Rename(uuid, "ours"));
      guest.apply(new Change.Trash(uuid, Duration.ZERO));
      assertThat(guest.apply(new Change.Purge(uuid)).result()).isEqualTo(Result.DONE);
      assertThat(guest.output("lvs --noheadings -o lv_name vg")).isEqualTo("foreign");

      // Even that can be undone, as long as nothing has been made there since.
      guest.shell("lvchange -an vg/foreign");
      var backup = guest.output("ls -t %s | grep purge | head -1", folder.resolve("vgcfg"));
      var restored = guest.apply(new Change.RestoreGroupMetadata(guest.group(), backup));
      assertThat(restored.result()).isEqualTo(Result.DONE);
      var name = guest.output("lvs --noheadings -o lv_name -S lv_uuid=%s vg", uuid);
      guest.apply(new Change.RestoreFromTrash(uuid));
      assertThat(name).startsWith("lumeo-trash-");
      guest.shell("mount /dev/vg/ours /mnt/mine; grep -q here /mnt/mine/file; umount /mnt/mine");

      guest.shell("lvchange -an vg/ours; lvcreate -q -y -T -L 40M vg/pool");
      assertThatThrownBy(() -> guest.apply(new Change.RestoreGroupMetadata(guest.group(), backup)))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("would not start again");
    }
  }
}
