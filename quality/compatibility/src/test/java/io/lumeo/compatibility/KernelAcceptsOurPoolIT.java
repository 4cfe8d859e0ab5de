package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.SliceDevice;
import io.lumeo.testing.KernelRig;
import io.lumeo.testing.Repository;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Progress;
import io.lumeo.thin.ThinId;
import io.lumeo.thin.Volume;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pools that we made, activated by the kernel's dm-thin, changed there, and opened by us again.
class KernelAcceptsOurPoolIT {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;
  private static final long BLOCK = 64 * KIB;

  @TempDir Path directory;

  @Test
  void aFileSystemIsMountedChangedAndSnapshottedThereAndComesBack() throws IOException {
    var files = PoolFiles.in(directory);
    long size = 256 * MIB;
    var content = Files.createDirectory(directory.resolve("content"));
    FileSystemImage.fill(content, new Random(1), 100);
    var image = FileSystemImage.make(directory.resolve("ext4"), size, content);

    ThinId volume;
    ThinId snapshot;
    var format = new Volumes.Format(BLOCK, 512 * MIB, 8 * MIB, PoolOptions.DEFAULT);
    try (var volumes = Volumes.create(files, format)) {
      volume = volumes.createVolume("data", size, Set.of(), null, null).id();
      try (var device = volumes.open("data")) {
        Contents.load(image, device);
        device.flush();
      }
      snapshot = volumes.createSnapshot("data.before", "data", Set.of()).id();
    }
    ThinTools.expectClean(files.metadata());

    int id = volume.value();
    int theirs = 1000;
    String atTheirSnapshot;
    String atTheEnd;
    try (var kernel = KernelPool.activate(files.metadata(), files.data(), BLOCK)) {
      kernel.open(id, size);
      kernel.open(snapshot.value(), size);
      assertThat(kernel.sha256(id)).isEqualTo(kernel.sha256(snapshot.value()));
      kernel
          .guest()
          .shell(
              """
              mount /dev/mapper/v%d /mnt
              diff -r -x lost+found /mnt %s
              cp -r /mnt/d0 /mnt/copied
              rm -r /mnt/d1
              umount /mnt
              """
                  .formatted(id, content))
          .expectSuccess();
      kernel.snapshot(theirs, id);
      kernel
          .guest()
          .shell("mount /dev/mapper/v%d /mnt; rm -r /mnt/d2; umount /mnt".formatted(id))
          .expectSuccess();
      kernel.open(theirs, size);
      atTheirSnapshot = kernel.sha256(theirs);
      atTheEnd = kernel.sha256(id);
      kernel.close(theirs);
      kernel.close(snapshot.value());
      kernel.close(id);
    }

    ThinTools.expectClean(files.metadata());
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.list().stream().map(Volume::name))
          .containsExactlyInAnyOrder("data", "data.before", "thin-" + theirs);
      try (var device = volumes.open("data");
          var before = volumes.open("data.before")) {
        assertThat(Contents.sha256(device)).isEqualTo(atTheEnd);
        FileSystemImage.expectFiles(
            Contents.save(before, directory.resolve("before")),
            content,
            directory.resolve("files-before"));
        change(content);
        FileSystemImage.expectFiles(
            Contents.save(device, directory.resolve("after")),
            content,
            directory.resolve("files-after"));
      }
    }
    try (var pool = OpenPool.on(files.metadata(), files.data());
        var device = pool.device(theirs, size)) {
      assertThat(Contents.sha256(device)).isEqualTo(atTheirSnapshot);
    }
    assertThat(Volumes.check(files, Progress.NONE).isSound()).isTrue();
  }

  /// As the guest changed the file system.
  private static void change(Path content) throws IOException {
    var copied = Files.createDirectory(content.resolve("copied"));
    try (var files = Files.list(content.resolve("d0"))) {
      for (var file : files.toList()) {
        Files.copy(file, copied.resolve(file.getFileName()));
      }
    }
    for (var removed : List.of("d1", "d2")) {
      try (var files = Files.list(content.resolve(removed))) {
        for (var file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(content.resolve(removed));
    }
  }

  @Test
  void theKernelSaysTheSameStatusAsWe() throws IOException {
    var metadata = directory.resolve("pool.meta");
    var data = directory.resolve("pool.data");
    OpenPool.format(metadata, 16 * MIB, data, 100 * MIB, 128 * KIB);
    String ours;
    String ourThin;
    try (var open = OpenPool.on(metadata, data)) {
      var pool = open.pool();
      // The guest's disks take no discard as large as a block, and its kernel says so.
      pool.setOptions(pool.options().withDiscard(DiscardMode.NO_PASSDOWN));
      pool.message("create_thin 3");
      pool.message("set_transaction_id 0 7");
      try (var device = open.device(3, 10 * MIB)) {
        device.write(5 * MIB, MemorySegment.ofArray(new byte[(int) MIB]));
      }
      pool.message("reserve_metadata_snap");
      pool.message("create_snap 4 3");
      pool.commit();
      ours = pool.statusLine();
      ourThin = pool.thinStatusLine(new ThinId(3));
    }
    var walk = PoolFiles.in(Files.createDirectory(directory.resolve("walk")));
    var walked = makeThePoolOfTheWalkthrough(walk);
    var disks = List.of(metadata, data, walk.metadata(), walk.data());
    try (var kernel = KernelPool.activate(disks, 128 * KIB, 100 * MIB)) {
      assertThat(kernel.statusLine()).isEqualTo(ours);
      assertThat(activatedByItsTable(kernel.guest())).isEqualTo(walked);
      kernel.open(3, 10 * MIB);
      assertThat(kernel.guest().run("dmsetup", "status", "v3").stdout().strip())
          .isEqualTo("0 20480 thin " + ourThin);
      kernel.close(3);
      kernel.message("release_metadata_snap");
    }
    ThinTools.expectClean(metadata);
  }

  /// With two sectors more than its last block, a low-water mark and a feature. Returns its line.
  private static String makeThePoolOfTheWalkthrough(PoolFiles files) throws IOException {
    var options =
        PoolOptions.DEFAULT
            .withLowWaterBlocks(65_536)
            .withZeroNewBlocks(false)
            .withDiscard(DiscardMode.NO_PASSDOWN);
    FileDevice.create(files.metadata(), 64 * MIB).close();
    FileDevice.create(files.data(), 20_971_522L * 512).close();
    try (var volumes =
        Volumes.create(files, new Volumes.Format(BLOCK, 20_971_522L * 512, 64 * MIB, options))) {
      volumes.message("create_thin 0");
      volumes.message("create_snap 1 0");
      return volumes.statusLine();
    }
  }

  /// What the page tells the kernel, word for word but for the names of the disks.
  private static String activatedByItsTable(KernelRig guest) throws IOException {
    var page = Repository.path(Path.of("docs/walkthrough-dmsetup.md"));
    var table =
        Files.readString(page)
            .lines()
            .filter(line -> line.contains(" thin-pool /dev/loop0 "))
            .map(line -> line.strip().replace("\"", ""))
            .findFirst()
            .orElseThrow()
            .replace("/dev/loop0", guest.disk(2))
            .replace("/dev/loop1", guest.disk(3));
    guest.run("dmsetup", "create", "walk", "--table", table).expectSuccess();
    for (int id : new int[] {0, 1}) {
      var thin = "0 2097152 thin /dev/mapper/walk " + id;
      guest.run("dmsetup", "create", "walked" + id, "--table", thin).expectSuccess();
      guest.run("dmsetup", "remove", "walked" + id).expectSuccess();
    }
    var status = guest.run("dmsetup", "status", "walk").expectSuccess().stdout().strip();
    guest.run("dmsetup", "remove", "walk").expectSuccess();
    return status.replaceFirst("^0 20971522 thin-pool ", "");
  }

  @Test
  void deepTreesAndManySnapshotsAreChangedThereAndComeBack() throws IOException {
    var metadata = directory.resolve("pool.meta");
    var data = directory.resolve("pool.data");
    long size = 2048 * MIB;
    int blocks = (int) (size / BLOCK);
    int snapshots = 400;
    OpenPool.format(metadata, 64 * MIB, data, 4096 * MIB, BLOCK);
    try (var open = OpenPool.on(metadata, data)) {
      var pool = open.pool();
      pool.createThin(new ThinId(0));
      var random = new Random(5);
      try (var device = open.device(0, size)) {
        for (int i = 0; i < 12_000; i++) {
          device.write(random.nextInt(blocks) * BLOCK, stamp(i));
        }
        device.flush();
        for (int id = 1; id <= snapshots; id++) {
          pool.createSnapshot(new ThinId(id), new ThinId(id / 2));
          device.write(random.nextInt(blocks) * BLOCK, stamp(-id));
        }
      }
    }
    ThinTools.expectClean(metadata);

    var payload = Files.write(directory.resolve("payload"), Contents.random(new Random(6), 4096));
    Map<Integer, String> theirs = new TreeMap<>();
    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      kernel.open(0, size);
      kernel.open(77, size);
      for (int i = 0; i < 40; i++) {
        kernel.write(i % 2 == 0 ? 0 : 77, i * (37 * BLOCK), payload);
      }
      kernel.discard(77, 300 * MIB, 300 * MIB);
      kernel.snapshot(5000, 77);
      theirs.put(0, sampled(kernel, 0));
      theirs.put(77, sampled(kernel, 77));
      kernel.close(0);
      kernel.close(77);
      for (int id = 100; id < 140; id++) {
        kernel.message("delete " + id);
      }
    }
    ThinTools.expectClean(metadata);
    try (var open = OpenPool.on(metadata, data)) {
      assertThat(open.pool().devices()).hasSize(snapshots + 2 - 40);
      for (var entry : theirs.entrySet()) {
        try (var device = open.device(entry.getKey(), size)) {
          assertThat(sampled(device)).isEqualTo(entry.getValue());
        }
      }
      for (int id = 200; id < 300; id++) {
        open.pool().delete(new ThinId(id));
      }
    }
    ThinTools.expectClean(metadata);
  }

  /// A sector that no other write has.
  private static MemorySegment stamp(int number) {
    return MemorySegment.ofArray(Contents.random(new Random(number), 512));
  }

  /// The first 64 MiB in short.
  private static String sampled(KernelPool kernel, int id) {
    return kernel
        .guest()
        .shell("head -c %d /dev/mapper/v%d | sha256sum".formatted(64 * MIB, id))
        .expectSuccess()
        .stdout()
        .split(" ", 2)[0];
  }

  private static String sampled(BlockDevice device) throws IOException {
    return Contents.sha256(new SliceDevice(device, 0, 64 * MIB));
  }

  /// Ours, the kernel's, ours, the kernel's, ours: each changes what the other left, and a plain
  /// model says what must be there.
  @SeededTest(seeds = 3)
  void historiesGoBackAndForth(Random random) throws IOException {
    var metadata = directory.resolve("pool.meta");
    var data = directory.resolve("pool.data");
    OpenPool.format(metadata, 8 * MIB, data, 512 * MIB, BLOCK);
    var model = new Model(random);
    for (int round = 0; round < 3; round++) {
      try (var open = OpenPool.on(metadata, data)) {
        model.expectIn(open);
        model.changeWithUs(open.pool(), open);
      }
      ThinTools.expectClean(metadata);
      try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
        model.changeWithKernel(kernel);
      }
      ThinTools.expectClean(metadata);
    }
    try (var open = OpenPool.on(metadata, data)) {
      model.expectIn(open);
    }
  }

  /// What every device must hold, and what happens to them.
  private final class Model {
    private static final int SIZE = 8 << 20;

    private final Random random;
    private final Map<Integer, byte[]> devices = new TreeMap<>();
    private int nextId;

    Model(Random random) {
      this.random = random;
    }

    void expectIn(OpenPool open) throws IOException {
      assertThat(open.pool().devices().stream().map(details -> details.id().value()))
          .containsExactlyElementsOf(devices.keySet());
      for (var entry : devices.entrySet()) {
        try (var device = open.device(entry.getKey(), SIZE)) {
          assertThat(Arrays.mismatch(Contents.read(device, 0, SIZE), entry.getValue()))
              .as("the first byte of device %d that differs", entry.getKey())
              .isEqualTo(-1);
        }
      }
    }

    void changeWithUs(Pool pool, OpenPool open) throws IOException {
      for (int step = 0; step < 60; step++) {
        int dice = random.nextInt(12);
        if (devices.isEmpty() || (dice == 0 && devices.size() < 6)) {
          pool.createThin(new ThinId(nextId));
          devices.put(nextId++, new byte[SIZE]);
        } else if (dice == 1 && devices.size() < 6) {
          int origin = any();
          pool.createSnapshot(new ThinId(nextId), new ThinId(origin));
          devices.put(nextId++, devices.get(origin).clone());
        } else if (dice == 2 && devices.size() > 3) {
          int id = any();
          pool.delete(new ThinId(id));
          devices.remove(id);
        } else {
          int id = any();
          try (var device = open.device(id, SIZE)) {
            int length = 1 + random.nextInt(300_000);
            int offset = random.nextInt(SIZE - length);
            if (dice < 5) {
              device.discard(offset, length);
              Arrays.fill(devices.get(id), offset, offset + length, (byte) 0);
            } else {
              byte[] bytes = Contents.random(random, length);
              device.write(offset, MemorySegment.ofArray(bytes));
              System.arraycopy(bytes, 0, devices.get(id), offset, length);
            }
          }
        }
      }
    }

    void changeWithKernel(KernelPool kernel) throws IOException {
      for (int id : devices.keySet()) {
        kernel.open(id, SIZE);
      }
      for (int step = 0; step < 15; step++) {
        int dice = random.nextInt(10);
        int id = any();
        if (dice == 0 && devices.size() < 8) {
          kernel.snapshot(nextId, id);
          kernel.open(nextId, SIZE);
          devices.put(nextId++, devices.get(id).clone());
        } else if (dice == 1 && devices.size() > 3) {
          kernel.close(id);
          kernel.message("delete " + id);
          devices.remove(id);
        } else if (dice < 4) {
          int begin = random.nextInt(SIZE / (int) BLOCK) * (int) BLOCK;
          int length = Math.min(4 * (int) BLOCK, SIZE - begin);
          kernel.discard(id, begin, length);
          Arrays.fill(devices.get(id), begin, begin + length, (byte) 0);
        } else {
          int length = 512 * (1 + random.nextInt(400));
          int offset = 512 * random.nextInt((SIZE - length) / 512);
          byte[] bytes = Contents.random(random, length);
          var source = Files.write(Files.createTempFile(directory, "write", ""), bytes);
          kernel.write(id, offset, source);
          System.arraycopy(bytes, 0, devices.get(id), offset, length);
        }
      }
      for (int id : new ArrayList<>(devices.keySet())) {
        assertThat(kernel.sha256(id))
            .as("the kernel's content of device %d", id)
            .isEqualTo(sha256(devices.get(id)));
        kernel.close(id);
      }
    }

    private static String sha256(byte[] bytes) throws IOException {
      try (var memory = new MemoryDevice(bytes.length)) {
        memory.write(0, MemorySegment.ofArray(bytes));
        return Contents.sha256(memory);
      }
    }

    private int any() {
      var ids = List.copyOf(devices.keySet());
      return ids.get(random.nextInt(ids.size()));
    }
  }
}
