package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.storage.Capability;
import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import io.lumeo.testing.KernelRig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A host with one of each: what is made on it, and what an inventory must say of it. The same is
/// asked of the living host in the rig and of what was recorded there.
final class ExampleHost {
  private static final long MIB = 1 << 20;
  private static final long[] DISK_BYTES = {
    900 * MIB, 300 * MIB, 300 * MIB, 100 * MIB, 100 * MIB, 64 * MIB
  };

  private ExampleHost() {}

  static KernelRig boot(Path folder) throws IOException {
    var disks = new ArrayList<Path>();
    for (int i = 0; i < DISK_BYTES.length; i++) {
      var disk = folder.resolve("disk" + i);
      try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
        file.setLength(DISK_BYTES[i]);
      }
      disks.add(disk);
    }
    var guest = KernelRig.boot(disks);
    guest.loadRaid();
    guest.shell(SETUP).expectSuccess();
    return guest;
  }

  private static final String SETUP =
      """
      mkdir -p /mnt/data /mnt/files
      pvcreate -q /dev/ubda /dev/ubdb /dev/ubdc /dev/ubdd /dev/ubde /dev/ubdf

      vgcreate -q main /dev/ubda
      lvcreate -q -L 48M -n my-data --addtag lumeo.managed --addtag team=a+b main
      mkfs.ext4 -q /dev/main/my-data
      mount /dev/main/my-data /mnt/data
      lvcreate -q -s -L 12M -n before-upgrade main/my-data
      lvcreate -q -L 32M -n over main
      lvcreate -q -s -l 2 -n over-snap main/over
      dd if=/dev/urandom of=/dev/main/over bs=1M count=24 oflag=direct status=none

      lvcreate -q -T -L 200M -c 64k --poolmetadatasize 4M main/pool
      lvcreate -q -V 400M -T main/pool -n files
      mkfs.xfs -q /dev/main/files
      mount /dev/main/files /mnt/files
      dd if=/dev/urandom of=/mnt/files/f bs=1M count=20 status=none
      sync
      lvcreate -q -s -n files-night --addtag lumeo.managed main/files
      lvcreate -q -s -kn -n files-clone --addtag lumeo.clone main/files

      lvcreate -q -L 20M -n grown main
      mkfs.ext4 -q /dev/main/grown
      lvcreate -q -L 20M -n asleep -an main
      lvextend -q -l +2 main/grown

      vgcreate -q wide /dev/ubdb /dev/ubdc
      lvcreate -q -i 2 -L 64M -n striped wide
      lvcreate -q --type raid1 -m 1 -L 40M -n twice wide
      lvcreate -q --type mirror --mirrorlog core -m 1 -L 16M -n mirrored wide

      vgcreate -q half /dev/ubdd /dev/ubde
      lvcreate -q -l 100%FREE -n across half
      vgchange -q -an half
      wipefs -q -a /dev/ubde
      vgchange -q -ay --activationmode partial half
      """;

  static void check(HostState state) {
    var inventory = InventoryMapping.of("example", state);
    checkPools(inventory);
    checkThick(inventory, state);
    checkThin(inventory);
    checkClassicSnapshots(inventory);
    checkMissingDevice(inventory);
    assertThat(inventory.volumes())
        .as("without what LVM hides")
        .extracting(Volume::name)
        .containsExactlyInAnyOrder(
            "my-data",
            "before-upgrade",
            "over",
            "over-snap",
            "files",
            "files-night",
            "files-clone",
            "grown",
            "asleep",
            "striped",
            "twice",
            "mirrored",
            "across");
    assertThat(inventory.devices()).hasSize(6);
  }

  private static void checkPools(Inventory inventory) {
    assertThat(inventory.pools())
        .extracting(Pool::name)
        .containsExactlyInAnyOrder("main", "wide", "half", "pool");
    var main = inventory.pool("main").orElseThrow();
    assertThat(main.kind()).isEqualTo(Pool.Kind.VOLUME_GROUP);
    assertThat(main.unitBytes()).isEqualTo(4 * MIB);
    assertThat(main.data().sizeBytes()).isEqualTo(896 * MIB);
    assertThat(main.sequence()).isGreaterThan(10);
    assertThat(main.metadata().ratio()).isLessThan(0.05);
    assertThat(main.can(Capability.ADD_DEVICES)).isTrue();

    var pool = inventory.pool("pool").orElseThrow();
    assertThat(pool.kind()).isEqualTo(Pool.Kind.THIN_POOL);
    assertThat(pool.parent()).isEqualTo(main.uuid());
    assertThat(pool.unitBytes()).isEqualTo(64 << 10);
    assertThat(pool.data().sizeBytes()).isEqualTo(200 * MIB);
    assertThat(pool.data().usedBytes()).isBetween(20 * MIB, 120 * MIB);
    assertThat(pool.metadata().sizeBytes()).isEqualTo(4 * MIB);
    assertThat(pool.metadata().usedBytes()).isBetween(100_000L, MIB);
    assertThat(pool.health().isOk()).isTrue();
    assertThat(pool.selfExtension()).as("LVM's default is off").isNull();
  }

  private static void checkThick(Inventory inventory, HostState state) {
    var data = inventory.volume("main/my-data").orElseThrow();
    assertThat(data.kind()).isEqualTo(Volume.Kind.THICK);
    assertThat(data.sizeBytes()).isEqualTo(48 * MIB);
    assertThat(data.path()).isEqualTo("/dev/main/my-data");
    assertThat(data.tags()).containsExactly("lumeo.managed", "team=a+b");
    assertThat(data.open()).isTrue();
    assertThat(data.createdAt()).isNotNull();
    assertThat(data.fileSystem())
        .returns("ext4", FileSystem::type)
        .returns("/mnt/data", FileSystem::mountPoint);
    assertThat(data.can(Capability.EXTEND_ONLINE)).as("it has a classic snapshot").isFalse();
    assertThat(data.can(Capability.TRASH)).isTrue();

    var grown = inventory.volume("main/grown").orElseThrow();
    assertThat(grown.can(Capability.EXTEND_ONLINE)).isTrue();
    assertThat(state.content(grown.uuid()).orElseThrow().sizeBytes()).isEqualTo(20 * MIB);
    assertThat(grown.sizeBytes()).as("larger than its file system").isEqualTo(28 * MIB);
    assertThat(state.report().volume(grown.uuid()).orElseThrow().segments())
        .as("before and behind another volume")
        .hasSize(2);
    assertThat(state.content(data.uuid()).orElseThrow().sizeBytes()).isEqualTo(48 * MIB);

    assertThat(inventory.volume("main/asleep").orElseThrow().active()).isFalse();
    for (var name : List.of("wide/striped", "wide/twice", "wide/mirrored")) {
      var volume = inventory.volume(name).orElseThrow();
      assertThat(volume.kind()).as(name).isEqualTo(Volume.Kind.THICK);
      assertThat(volume.health().isOk()).as(name).isTrue();
    }
  }

  private static void checkThin(Inventory inventory) {
    var files = inventory.volume("main/files").orElseThrow();
    assertThat(files.kind()).isEqualTo(Volume.Kind.THIN);
    assertThat(files.sizeBytes()).isEqualTo(400 * MIB);
    assertThat(files.pool()).isEqualTo(inventory.pool("pool").orElseThrow().uuid());
    assertThat(files.data().usedBytes()).isBetween(20 * MIB, 120 * MIB);
    assertThat(files.fileSystem().type()).isEqualTo("xfs");
    assertThat(files.fileSystem().usage().usedBytes()).isGreaterThan(20 * MIB);
    assertThat(files.can(Capability.TRIM)).isTrue();

    var night = inventory.volume("main/files-night").orElseThrow();
    assertThat(night.kind()).isEqualTo(Volume.Kind.THIN_SNAPSHOT);
    assertThat(night.origin()).isEqualTo(files.uuid());
    assertThat(night.active()).isFalse();
    assertThat(night.can(Capability.ROLL_BACK)).isTrue();

    var clone = inventory.volume("main/files-clone").orElseThrow();
    assertThat(clone.kind()).as("its tag tells").isEqualTo(Volume.Kind.THIN);
    assertThat(clone.origin()).isEqualTo(files.uuid());
    assertThat(clone.can(Capability.TRIM)).as("it is not mounted").isFalse();
    assertThat(inventory.snapshotsOf(files.uuid())).containsExactly(night);
  }

  private static void checkClassicSnapshots(Inventory inventory) {
    var good = inventory.volume("main/before-upgrade").orElseThrow();
    assertThat(good.kind()).isEqualTo(Volume.Kind.CLASSIC_SNAPSHOT);
    assertThat(good.sizeBytes()).as("its origin's").isEqualTo(48 * MIB);
    assertThat(good.data().sizeBytes()).as("its store's").isEqualTo(12 * MIB);
    assertThat(good.data().usedBytes()).isBetween(10_000L, 12 * MIB);
    assertThat(good.can(Capability.ROLL_BACK)).isTrue();

    var dead = inventory.volume("main/over-snap").orElseThrow();
    assertThat(dead.origin()).isEqualTo(inventory.volume("main/over").orElseThrow().uuid());
    assertThat(dead.health().state()).isEqualTo(Health.State.INVALID);
    assertThat(dead.health().reason()).contains("main/over-snap").contains("lvremove");
    assertThat(dead.can(Capability.ROLL_BACK)).isFalse();
    assertThat(dead.data().ratio()).isEqualTo(1);
  }

  private static void checkMissingDevice(Inventory inventory) {
    var half = inventory.pool("half").orElseThrow();
    assertThat(half.health().state()).isEqualTo(Health.State.DEGRADED);
    assertThat(half.capabilities()).as("read-only until the device is back").isEmpty();
    assertThat(inventory.volume("half/across").orElseThrow().health().state())
        .isEqualTo(Health.State.FAILED);
    assertThat(inventory.devices()).filteredOn(Inventory.Device::missing).hasSize(1);
    assertThat(inventory.warnings()).anyMatch(line -> line.contains("missing PV"));
    assertThat(inventory.devices())
        .filteredOn(device -> device.pool().isEmpty())
        .extracting(Inventory.Device::path)
        .containsExactly("/dev/ubdf");
  }

  static void checkSamples(HostState state, List<UsageSample> samples) {
    var inventory = InventoryMapping.of("example", state);
    var pool = inventory.pool("pool").orElseThrow();
    assertThat(samples).filteredOn(sample -> sample.uuid().equals(pool.uuid())).hasSize(1);
    var sample = samples.stream().filter(s -> s.uuid().equals(pool.uuid())).findFirst();
    assertThat(sample.orElseThrow().data().sizeBytes()).isEqualTo(pool.data().sizeBytes());
    assertThat(sample.orElseThrow().metadata().sizeBytes()).isEqualTo(4 * MIB);
    var dead = inventory.volume("main/over-snap").orElseThrow();
    assertThat(samples)
        .filteredOn(s -> s.uuid().equals(dead.uuid()))
        .extracting(s -> s.health().state())
        .containsExactly(Health.State.INVALID);
    assertThat(samples).as("thick volumes are as full as ever").hasSize(5);
  }
}
