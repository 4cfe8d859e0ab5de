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
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A guest with one volume group `vg` on its first disk, looked after by an [LvmSystem] as a host
/// would be, and programs in it that go on writing meanwhile.
final class LvmGuest implements AutoCloseable {
  static final long MIB = 1 << 20;

  final KernelRig rig;
  private final Path folder;
  private final Commands commands;
  LvmSystem system;
  private int writers;

  private LvmGuest(KernelRig rig, Path folder, Commands commands) {
    this.rig = rig;
    this.folder = folder;
    this.commands = commands;
    this.system = system(commands, folder, 0);
  }

  /// @param diskMib the sizes of the disks; only the first is in the group
  static LvmGuest boot(Path folder, long... diskMib) throws IOException {
    return boot(folder, KernelRig::commands, diskMib);
  }

  /// A guest that is looked after with other programs than its own.
  static LvmGuest boot(Path folder, Function<KernelRig, Commands> commands, long... diskMib)
      throws IOException {
    var disks = new ArrayList<Path>();
    for (var size : diskMib) {
      var disk = folder.resolve("disk" + disks.size());
      FileDevice.create(disk, size * MIB).close();
      disks.add(disk);
    }
    var rig = KernelRig.boot(disks);
    rig.shell("pvcreate -q %1$s; vgcreate -q vg %1$s".formatted(rig.disk(0))).expectSuccess();
    return new LvmGuest(rig, folder, commands.apply(rig));
  }

  private static LvmSystem system(Commands commands, Path folder, int reservePercent) {
    return new LvmSystem(
        "guest",
        commands,
        folder.resolve("state"),
        new DriverRules(reservePercent, backups(folder), 50, 30, Path.of("/run/lumeo/inspect")),
        InstantSource.system(),
        new Random());
  }

  /// Another process that looks after the same host, with its commands changed so.
  LvmSystem another(UnaryOperator<Commands> changed) {
    return system(changed.apply(commands), folder, 0);
  }

  /// Another process that looks after the same host and keeps so much of each group free.
  LvmSystem keeping(int reservePercent) {
    return system(commands, folder, reservePercent);
  }

  private static Path backups(Path folder) {
    return folder.resolve("vgcfg");
  }

  /// The names of the backups of the group's metadata, the oldest first.
  List<String> backups() throws IOException {
    try (var files = Files.list(backups(folder))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // only tests give it scripts
  void shell(String script, Object... words) {
    rig.shell(script.formatted(words)).expectSuccess();
  }

  @SuppressWarnings("AnnotateFormatMethod") // only tests give it scripts
  String output(String script, Object... words) {
    return rig.shell(script.formatted(words)).expectSuccess().stdout().strip();
  }

  /// Runs a script that may fail, as somebody would by hand.
  @SuppressWarnings("AnnotateFormatMethod") // only tests give it scripts
  Tool.Result byHand(String script, Object... words) {
    return rig.shell(script.formatted(words));
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

  /// Blocks of a pool's metadata that are in use.
  long metadataBlocks(String pool) {
    var status = output("dmsetup status vg-%s-tpool", pool).split(" ", -1);
    return Long.parseLong(status[4].split("/", -1)[0]);
  }

  /// Makes thin devices that LVM does not know of until so many blocks of the pool's metadata are
  /// in use. `dmsetup` would do it too, in a minute.
  void fillMetadata(String pool, long blocks) {
    for (long used = metadataBlocks(pool); used < blocks; used = metadataBlocks(pool)) {
      rig.run(
              "perl",
              "-e",
              """
              my ($pool, $from, $to) = @ARGV;
              open(my $control, "+<", "/dev/mapper/control") or die $!;
              for my $id ($from .. $to) {
                my $message = pack("x312 x8 a*", "create_thin $id\\0");
                # struct dm_ioctl of linux/dm-ioctl.h and its number DM_TARGET_MSG
                substr($message, 0, 176) =
                  pack("L3 L2 L l L3 Q a128", 4, 0, 0, length($message), 312, (0) x 5, 0, $pool);
                ioctl($control, 0xC138FD0E, $message) or die "create_thin $id: $!";
              }
              """,
              "vg-" + pool + "-tpool",
              10_000 + used,
              10_000 + blocks - 1)
          .expectSuccess();
    }
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
