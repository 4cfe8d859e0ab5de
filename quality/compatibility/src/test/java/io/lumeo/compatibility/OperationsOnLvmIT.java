package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.Change;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.Volume;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/// The operations suite on real LVM, ext4 in its volumes and a writer in one of them.
@Order(1)
class OperationsOnLvmIT extends OperationsSuite {

  private LvmGuest guest;

  @Override
  Place open(Path folder) throws Exception {
    guest = LvmGuest.boot(folder, 1600, 100);
    guest.shell(
        """
        lvcreate -q -T -L 600M --poolmetadatasize 8M -V 120M -n busy vg/pool
        lvcreate -q -V 120M -T vg/pool -n quiet
        lvcreate -q -V 40M -T vg/pool -n foreign
        mkfs.ext4 -q /dev/vg/quiet
        mkdir -p /mnt/quiet /mnt/look
        """);
    guest.mountNew("ext4", "busy");
    guest.startWriting("busy");
    return new Host(guest);
  }

  @Test
  void aGroupGetsDevicesAndAPoolTreatsDiscardsAsItIsTold() throws StorageFailure {
    var device = guest.rig.disk(1);
    guest.apply(new Change.AddDevices(guest.group(), List.of(device)));
    assertThat(guest.output("pvs --noheadings -o vg_name %s", device)).isEqualTo("vg");
    for (var mode : List.of("nopassdown", "passdown")) {
      guest.apply(new Change.SetDiscards(guest.uuid("pool"), mode));
      assertThat(guest.output("lvs --noheadings -o discards vg/pool")).isEqualTo(mode);
    }
  }

  private record Host(LvmGuest guest) implements Place {
    @Override
    public StorageSystem system() {
      return guest.system;
    }

    @Override
    public StorageSystem dyingHalfway() {
      return guest.another(DiesBeforeRenaming::new);
    }

    @Override
    public String pool() {
      return "pool";
    }

    @Override
    public void write(String name) {
      guest.mount("quiet");
      guest.shell("echo %1$s >/mnt/quiet/%1$s; umount /mnt/quiet", name);
    }

    @Override
    public boolean holds(String uuid, String name) throws Exception {
      var volume = volume(uuid);
      if (!volume.active()) {
        guest.apply(new Change.Activate(uuid, true));
      }
      return guest
          .output(
              """
              mount -o ro,noload %s /mnt/look
              test -e /mnt/look/%s && echo yes || echo no
              umount /mnt/look
              """,
              volume(uuid).path(), name)
          .equals("yes");
    }

    private Volume volume(String uuid) throws Exception {
      return guest.system.inventory().volume(uuid).orElseThrow();
    }

    @Override
    public void writeAndDelete(long bytes) {
      guest.mount("quiet");
      guest.shell(
          """
          dd if=/dev/urandom of=/mnt/quiet/much bs=1M count=%d conv=fsync
          rm /mnt/quiet/much
          sync
          """,
          bytes / LvmGuest.MIB);
    }

    @Override
    public void rest() {
      guest.shell("umount /mnt/quiet");
    }

    @Override
    public boolean isLookedInto() {
      return true;
    }

    @Override
    public void expectWritten() {
      guest.expectWritten("busy");
    }

    @Override
    public void close() {
      guest.close();
    }
  }

  /// Commands of a process that dies when it is about to rename a volume.
  private record DiesBeforeRenaming(Commands commands) implements Commands {
    @Override
    public String host() {
      return commands.host();
    }

    @Override
    public CommandResult run(Command command) throws CommandFailure, InterruptedException {
      if (command.arguments().contains("lvrename")) {
        throw new Died();
      }
      return commands.run(command);
    }
  }
}
