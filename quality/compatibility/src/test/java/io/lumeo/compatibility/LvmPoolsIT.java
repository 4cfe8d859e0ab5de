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
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pools and groups on real LVM: made, filled, extended, trimmed, and gone back to.
@Order(4)
class LvmPoolsIT {
  @TempDir Path folder;

  @Test
  void poolsAreMadeFilledExtendedAndTrimmed() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 600, 400, 300)) {
      var devices =
          new Change.AddDevices(guest.group(), List.of(guest.rig.disk(1), guest.rig.disk(2)));
      guest.shell("mkfs.ext4 -q %s", guest.rig.disk(2));
      assertThatThrownBy(() -> guest.apply(devices))
          .isInstanceOf(Refused.class)
          .hasMessageContaining(guest.rig.disk(2) + " holds a ext4");
      guest.shell("wipefs -q -a %s", guest.rig.disk(2));
      guest.apply(devices);
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
      var full = guest.byHand("dd if=/dev/urandom of=/mnt/data/much bs=1M count=150 conv=fsync");
      assertThat(full.stderr()).containsAnyOf("Input/output error", "No space left on device");
      expectOutOfSpace(guest);
      guest.apply(new Change.ExtendPoolData(guest.uuid("pool"), 300 * MIB));
      assertThat(guest.mib("pool")).isEqualTo(300);
      guest.shell(
          "umount /mnt/data; e2fsck -fy /dev/vg/data || true; mount /dev/vg/data /mnt/data");

      guest.shell("lvcreate -q -V 304M -T vg/pool -n files");
      guest.mountNew("xfs", "files");
      guest.startWriting("data");
      guest.startWriting("files");
      long blocks = guest.metadataBlocks("pool");
      var extended = guest.apply(new Change.ExtendPoolMetadata(guest.uuid("pool"), 16 * MIB));
      assertThat(guest.mib("pool_tmeta")).isEqualTo(16);
      assertThat(guest.mib("lvol0_pmspare")).isEqualTo(16);
      // The index of 3,072 more blocks, which the plan has foretold; the writers take a few.
      assertThat(guest.metadataBlocks("pool") - blocks).isBetween(100L, 1000L);
      assertThat(extended.result()).isEqualTo(Result.DONE);
      goesOnWhenItIsExtendedAfterItWasFull(guest);

      guest.shell("rm -f /mnt/data/much /mnt/files/much; sync");
      for (var name : List.of("data", "files")) {
        long before = used(guest);
        var trimmed = guest.apply(new Change.Trim(guest.uuid(name)));
        assertThat(trimmed.effects()).anyMatch(line -> line.contains("trimmed"));
        assertThat(used(guest)).as(name).isLessThan(before - 9);
      }
      guest.apply(new Change.SetDiscards(guest.uuid("pool"), "nopassdown"));
      guest.expectWritten("data");
      guest.expectWritten("files");
      var ignore = new Change.SetDiscards(guest.uuid("pool"), "ignore");
      assertThatThrownBy(() -> guest.apply(ignore)).isInstanceOf(Refused.class);
      guest.shell("umount /mnt/data /mnt/files; vgchange -q -an vg");
      assertThat(guest.apply(ignore).result()).isEqualTo(Result.DONE);
      assertThat(guest.output("lvs --noheadings -o discards vg/pool")).isEqualTo("ignore");
      expectBackups(guest);
    }
  }

  private static void expectOutOfSpace(LvmGuest guest) throws StorageFailure {
    assertThat(guest.system.inventory().pool(guest.uuid("pool")).orElseThrow().health().state())
        .isEqualTo(Health.State.OUT_OF_SPACE);
  }

  /// Whoever writes to a pool that queues when it is full waits until it is extended, and sees no
  /// error.
  private static void goesOnWhenItIsExtendedAfterItWasFull(LvmGuest guest) throws StorageFailure {
    guest.shell(
        """
        lvchange --errorwhenfull n vg/pool
        echo 0 >/sys/module/dm_thin_pool/parameters/no_space_timeout
        (
          dd if=/dev/urandom of=/mnt/files/much bs=1M count=200 conv=fsync 2>/run/dd
          echo $? >/run/dd-exit
        ) &
        until dmsetup status --noflush vg-pool-tpool | grep out_of_data; do sleep 0.2; done
        """);
    expectOutOfSpace(guest);
    guest.apply(new Change.ExtendPoolData(guest.uuid("pool"), 500 * MIB));
    guest.shell(
        """
        until [ -s /run/dd-exit ]; do sleep 0.2; done
        cat /run/dd
        test "$(cat /run/dd-exit)" = 0
        """);
  }

  /// One for each change of the group's metadata, and LVM can read each.
  private void expectBackups(LvmGuest guest) throws IOException {
    assertThat(guest.backups())
        .extracting(name -> name.split("\\.", -1)[2])
        .containsExactly(
            "add-devices",
            "create-thin-pool",
            "create-volume",
            "extend-pool-data",
            "extend-pool-metadata",
            "extend-pool-data",
            "set-discards",
            "set-discards");
    var lvm = Tool.named("lvm");
    for (var name : guest.backups()) {
      var file = folder.resolve("vgcfg").resolve(name);
      assertThat(lvm.run("vgcfgrestore", "--list", "-f", file, "vg").expectSuccess().stdout())
          .containsPattern("VG name:\\s+vg\n");
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
      bringsATransactionIdThatDoesNotMatch(guest);
    }
  }

  /// What the refusal spares people, and the handbook's cure of it.
  private static void bringsATransactionIdThatDoesNotMatch(LvmGuest guest) {
    guest.shell(
        """
        lvcreate -q -V 40M -T vg/pool -n thin
        vgcfgbackup -q -f /run/old.vg vg
        lvcreate -q -s -n snap vg/thin
        vgchange -q -an vg
        """);
    guest.byHand("vgcfgrestore -q --force -f /run/old.vg vg").expectExit(0);
    assertThat(guest.byHand("lvchange -ay vg/thin").expectExit(5).stderr())
        .contains("transaction_id is 2, while expected 1");
    guest.shell(
        """
        sed 's/transaction_id = 1$/transaction_id = 2/' /run/old.vg >/run/new.vg
        vgcfgrestore -q --force -f /run/new.vg vg
        lvchange -ay vg/thin
        """);
  }
}
