package io.lumeo.compatibility;

import static io.lumeo.compatibility.LvmGuest.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.storage.Change;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pool that LVM extends by itself, and one whose metadata are repaired.
class LvmWatchedPoolIT {
  @TempDir Path folder;

  @Test
  void lvmExtendsAPoolByTheProfileThatItWasGiven() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1000)) {
      guest.shell(
          """
          dmeventd -d >/dev/null 2>&1 &
          lvcreate -q -T -L 200M -V 600M -n data vg/pool
          """);
      guest.mountNew("ext4", "data");
      guest.apply(
          new Change.SetSelfExtension(
              guest.uuid("pool"), new SelfExtension(70, 20, true, 400 * MIB)));
      var rule = guest.system.inventory().pool(guest.uuid("pool")).orElseThrow().selfExtension();
      assertThat(rule).isNotNull();
      assertThat(rule.thresholdPercent()).isEqualTo(70);
      assertThat(rule.watched()).isTrue();
      guest.shell(
          """
          dd if=/dev/urandom of=/mnt/data/much bs=1M count=130 conv=fsync
          until dmsetup status vg-pool-tpool | grep -v '/3200 '; do sleep 0.5; done
          """);
      assertThat(guest.mib("pool")).as("20 % more, by dmeventd").isEqualTo(240);

      // What it runs, by hand: at 65 % there is nothing to do.
      guest.shell("lvextend -q --use-policies vg/pool");
      assertThat(guest.mib("pool")).isEqualTo(240);
      assertThat(guest.apply(new Change.ExtendPoolData(guest.uuid("pool"), 300 * MIB)).result())
          .isEqualTo(Result.DONE);
    }
  }

  @Test
  void aRepairKeepsTheMetadataOfBeforeAndIsNotDoneTwice()
      throws IOException, StorageFailure, CommandFailure, InterruptedException {
    try (var guest = LvmGuest.boot(folder, 600)) {
      guest.shell("lvcreate -q -T -L 100M --poolmetadatasize 8M -V 100M -n data vg/pool");
      guest.mountNew("ext4", "data");
      guest.shell("echo here > /mnt/data/file");
      var repair = new Change.RepairPoolMetadata(guest.uuid("pool"));
      assertThatThrownBy(() -> guest.apply(repair))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("is active");
      guest.shell("umount /mnt/data; vgchange -q -an vg");
      assertThat(guest.apply(repair).result()).isEqualTo(Result.DONE);
      assertThat(guest.output("lvs --noheadings -o lv_tags vg/pool_meta0"))
          .contains("lumeo.repaired");
      guest.shell(
          "lvchange -ay vg/data; mount /dev/vg/data /mnt/data; grep -q here /mnt/data/file");
      guest.shell("umount /mnt/data; vgchange -q -an vg");
      assertThatThrownBy(() -> guest.apply(repair))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("was repaired before");
      guest.shell("lvchange -ay vg/data");

      // A question that no plan foresaw is answered no, and nobody waits.
      var asked = guest.rig.commands().run(Command.of("lvm", "lvremove", "vg/data"));
      assertThat(asked.exit()).isEqualTo(5);
      assertThat(guest.output("lvs --noheadings -o lv_name vg/data")).isNotEmpty();
    }
  }
}
