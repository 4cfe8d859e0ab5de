package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.commands.Commands;
import io.lumeo.lvm.DriverRules;
import io.lumeo.lvm.LvmSystem;
import io.lumeo.storage.Change;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import io.lumeo.testing.KernelRig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/// A guest with one volume group `vg` on its first disk, looked after by an [LvmSystem] as a host
/// would be, and programs in it that go on writing meanwhile.
final class LvmGuest implements AutoCloseable {
  static final long MIB = 1 << 20;

  final KernelRig rig;
  private final Path folder;
  LvmSystem system;
  private int writers;

  private LvmGuest(KernelRig rig, Path folder, LvmSystem system) {
    this.rig = rig;
    this.folder = folder;
    this.system = system;
  }

  /// @param diskMib the sizes of the disks; only the first is in the group
  static LvmGuest boot(Path folder, long... diskMib) throws IOException {
    var disks = new ArrayList<Path>();
    for (var size : diskMib) {
      var disk = folder.resolve("disk" + disks.size());
      FileDevice.create(disk, size * MIB).close();
      disks.add(disk);
    }
    var rig = KernelRig.boot(disks);
    rig.shell("pvcreate -q %1$s; vgcreate -q vg %1$s".formatted(rig.disk(0))).expectSuccess();
    return new LvmGuest(rig, folder, system(rig.commands(), folder));
  }

  static LvmSystem system(Commands commands, Path folder) {
    return new LvmSystem(
        "guest",
        commands,
        folder.resolve("state"),
        new DriverRules(0, folder.resolve("vgcfg"), 50, 30, Path.of("/run/lumeo/inspect")),
        InstantSource.system(),
        new Random());
  }

  /// Another process that looks after the same host, with its commands changed so.
  LvmSystem another(UnaryOperator<Commands> changed) {
    return system(changed.apply(rig.commands()), folder);
  }

  @SuppressWarnings("AnnotateFormatMethod") // only tests give it scripts
  void shell(String script, Object... words) {
    rig.shell(script.formatted(words)).expectSuccess();
  }

  @SuppressWarnings("AnnotateFormatMethod") // only tests give it scripts
  String output(String script, Object... words) {
    return rig.shell(script.formatted(words)).expectSuccess().stdout().strip();
  }

  Outcome apply(Change change) throws StorageFailure {
    return system.apply(system.plan(change), Progress.none());
  }

  Volume volume(String name) throws StorageFailure {
    return system
        .inventory()
        .volume("vg/" + name)
        .orElseThrow(() -> new AssertionError("no volume vg/" + name));
  }

  String uuid(String name) {
    return output("lvs --noheadings -a -o lv_uuid vg/%s", name);
  }

  String group() {
    return output("vgs --noheadings -o vg_uuid vg");
  }

  long mib(String name) {
    return Long.parseLong(output("lvs --noheadings --units b --nosuffix -o lv_size vg/%s", name))
        / MIB;
  }

  /// Makes a file system on `/dev/vg/NAME` and mounts it at `/mnt/NAME`.
  void mountNew(String type, String name) {
    shell("mkfs.%1$s -q /dev/vg/%2$s; mkdir -p /mnt/%2$s", type, name);
    mount(name);
  }

  void mount(String name) {
    shell("mount /dev/vg/%1$s /mnt/%1$s", name);
  }

  /// Begins to write files at `/mnt/NAME` one after the other, each on the disk before its checksum
  /// is noted, until [#expectWritten].
  void startWriting(String name) {
    writers++;
    shell(
        """
        rm -f /run/stop-%1$s
        (
          i=0
          while [ ! -e /run/stop-%1$s ]; do
            i=$((i + 1))
            f=/mnt/%1$s/file$((i %% 12))
            dd if=/dev/urandom of=$f bs=64k count=2 conv=fsync || echo failed
            sha256sum $f >/run/sum-%1$s.new && mv /run/sum-%1$s.new /run/sum-%1$s-$((i %% 12))
            echo $i >/run/count-%1$s
          done
          touch /run/stopped-%1$s
        ) >/run/writer-%1$s 2>&1 &
        """,
        name);
  }

  /// Ends the writer, which must not have met any error, and reads all it wrote once more.
  void expectWritten(String name) {
    shell(
        """
        n=$(cat /run/count-%1$s 2>/dev/null || echo 0)
        until [ "$(cat /run/count-%1$s 2>/dev/null || echo 0)" -gt "$n" ]; do sleep 0.2; done
        touch /run/stop-%1$s
        until [ -e /run/stopped-%1$s ]; do sleep 0.2; done
        rm /run/stopped-%1$s
        if grep -i -e failed -e error /run/writer-%1$s; then exit 1; fi
        cat /run/sum-%1$s-* | sha256sum -c --quiet
        """,
        name);
    writers--;
  }

  static SortedSet<String> none() {
    return new TreeSet<>();
  }

  @Override
  public void close() {
    assertThat(writers).as("writers that nobody has asked").isGreaterThanOrEqualTo(0);
    rig.close();
  }
}
