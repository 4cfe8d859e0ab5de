package io.lumeo.compatibility;

import static io.lumeo.compatibility.LvmGuest.MIB;
import static io.lumeo.compatibility.LvmGuest.none;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.commands.Command;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.LvmTools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every kind of change is made by Debian 13's LVM too, whose options, messages and roundings are
/// not always those of Debian 12's. What is looked at by hand is looked at with the latter.
class LvmOfDebian13IT {
  @TempDir Path folder;

  private final Set<Class<?>> made = new HashSet<>();
  private LvmGuest guest;

  @Test
  void everyKindOfChangeIsMadeByItToo() throws Exception {
    try (var booted =
        LvmGuest.boot(folder, rig -> rig.commands(LvmTools.ofDebian13()), 2000, 200, 200)) {
      guest = booted;
      var version = guest.rig.commands(LvmTools.ofDebian13()).run(Command.of("lvm", "version"));
      assertThat(version.stdout()).contains("2.03.31");
      growAndMergeClassic();
      makePools();
      snapshotThin();
      removeAndBringBack();
      repairAndRestore();
      assertThat(made).containsExactlyInAnyOrder(Change.class.getPermittedSubclasses());
      assertThat(guest.system.unfinished()).isEmpty();
    }
  }

  private void make(Change change) throws StorageFailure {
    make(change, Result.DONE);
  }

  private void make(Change change, Result result) throws StorageFailure {
    assertThat(guest.apply(change).result()).as(change.toString()).isEqualTo(result);
    made.add(change.getClass());
  }

  private void growAndMergeClassic() throws StorageFailure {
    make(new Change.AddDevices(guest.group(), List.of(guest.rig.disk(1))));
    make(new Change.CreateVolume(guest.group(), "files", 304 * MIB, none()));
    guest.mountNew("xfs", "files");
    guest.startWriting("files");
    make(new Change.ExtendVolume(guest.uuid("files"), 321 * MIB, WithFileSystem.GROW));
    assertThat(guest.mib("files")).isEqualTo(324);
    make(new Change.CreateVolume(guest.group(), "data", 180 * MIB, none()));
    guest.mountNew("ext4", "data");
    guest.shell("lvextend -q -l +5 vg/data");
    make(new Change.GrowFileSystem(guest.uuid("data")));
    make(snapshot("data", "day", new StoreSize.OfOrigin(20)));
    assertThat(guest.mib("day")).isEqualTo(44);
    make(new Change.ExtendSnapshotStore(guest.uuid("day"), 9000 * MIB));
    assertThat(guest.mib("day")).isEqualTo(204);
    guest.shell("echo later >/mnt/data/later");
    var back = new Change.RollBack(guest.uuid("data"), guest.uuid("day"), false, null);
    make(back, Result.DELAYED);
    guest.shell("umount /mnt/data");
    make(new Change.Activate(guest.uuid("data"), true));
    guest.shell("e2fsck -fn /dev/vg/data; mount /dev/vg/data /mnt/data; test ! -e /mnt/data/later");
    guest.shell("umount /mnt/data");
  }

  private void makePools() throws StorageFailure {
    guest.shell("mkdir -p /run/lvm-system/profile");
    make(pool("whole", List.of()));
    assertThat(guest.output("lvs --noheadings -o chunk_size vg/whole")).isEqualTo("128.00k");
    make(pool("pool", List.of(guest.rig.disk(1))));
    assertThat(guest.output("lvs --noheadings -a -o devices vg/pool_tmeta"))
        .startsWith(guest.rig.disk(1));
    make(new Change.ExtendPoolData(guest.uuid("pool"), 401 * MIB));
    assertThat(guest.mib("pool")).isEqualTo(404);
    make(new Change.ExtendPoolMetadata(guest.uuid("pool"), 8 * MIB));
    assertThat(guest.mib("lvol0_pmspare")).isEqualTo(8);
    make(new Change.SetDiscards(guest.uuid("pool"), "nopassdown"));
    assertThat(guest.output("lvs --noheadings -o discards vg/pool")).isEqualTo("nopassdown");
    make(
        new Change.SetSelfExtension(
            guest.uuid("pool"), new SelfExtension(80, 20, true, 600 * MIB)));
    assertThat(guest.output("lvs --noheadings -o lv_profile,seg_monitor vg/pool").strip())
        .matches("lumeo-80-20 +monitored");
  }

  private Change pool(String name, List<String> metadataDevices) {
    return new Change.CreateThinPool(
        guest.group(), name, 100 * MIB, null, 128L << 10, List.of(), metadataDevices, null, none());
  }

  private void snapshotThin() throws StorageFailure {
    make(new Change.CreateVolume(guest.uuid("pool"), "thin", 304 * MIB, none()));
    guest.mountNew("xfs", "thin");
    guest.startWriting("thin");
    guest.shell("echo here >/mnt/thin/file; sync");
    make(snapshot("thin", "one", null));
    make(new Change.CreateClone(guest.uuid("one"), "clone", true, none()));
    var found =
        guest.system.inspect(
            new InspectionRequest(
                guest.uuid("one"), true, List.of("file"), Map.of(), List.of(), null),
            Progress.none());
    assertThat(found.findings()).allMatch(Inspection.Finding::passed).hasSize(2);
    guest.shell(
        "dd if=/dev/urandom of=/mnt/thin/much bs=1M count=40 conv=fsync; rm /mnt/thin/much");
    long used = guest.volume("thin").data().usedBytes();
    make(new Change.Trim(guest.uuid("thin")));
    assertThat(guest.volume("thin").data().usedBytes()).isLessThan(used - 30 * MIB);
    guest.expectWritten("thin");
    guest.shell("echo later >/mnt/thin/later; umount /mnt/thin");
    make(new Change.RollBack(guest.uuid("thin"), guest.uuid("one"), true, "before"));
    guest.mount("thin");
    guest.shell("grep here /mnt/thin/file; test ! -e /mnt/thin/later; umount /mnt/thin");
  }

  private void removeAndBringBack() throws StorageFailure {
    var clone = guest.uuid("clone");
    make(new Change.Rename(clone, "renamed"));
    make(new Change.SetTags(clone, new TreeSet<>(List.of("a=b")), none()));
    make(new Change.Trash(clone, Duration.ZERO));
    make(new Change.RestoreFromTrash(clone));
    assertThat(guest.output("lvs --noheadings -o lv_tags vg/renamed"))
        .contains("a=b")
        .doesNotContain("trash");
    make(new Change.Trash(clone, Duration.ZERO));
    make(new Change.Purge(clone));
    assertThat(guest.output("lvs --noheadings -o lv_uuid vg")).doesNotContain(clone);
  }

  private void repairAndRestore() throws Exception {
    guest.expectWritten("files");
    guest.shell("umount /mnt/files; vgchange -q -an vg");
    make(new Change.RepairPoolMetadata(guest.uuid("pool")));
    guest.shell("lvchange -ay vg/thin; mount /dev/vg/thin /mnt/thin; grep here /mnt/thin/file");

    guest.shell("vgcreate -q other %s", guest.rig.disk(2));
    var group = guest.output("vgs --noheadings -o vg_uuid other");
    make(new Change.CreateVolume(group, "lost", 40 * MIB, none()));
    guest.shell(
        """
        lvchange -q -an other/lost
        vgcfgbackup -q -f %s/vgcfg/by-hand other
        lvremove -q -y other/lost
        """,
        folder);
    make(new Change.RestoreGroupMetadata(group, "by-hand"));
    assertThat(guest.output("lvs --noheadings -o lv_name other")).isEqualTo("lost");
  }

  private Change snapshot(String origin, String name, @Nullable StoreSize size) {
    return new Change.CreateSnapshot(guest.uuid(origin), name, size, true, false, none());
  }
}
