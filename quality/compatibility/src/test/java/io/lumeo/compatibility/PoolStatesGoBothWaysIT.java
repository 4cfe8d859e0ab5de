package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.KernelRig;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolClock;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolMode;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Progress;
import io.lumeo.thin.ThinDevice;
import io.lumeo.thin.ThinId;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a pool can be, beyond its mappings: grown, in need of a check, over an external origin.
/// Each state that one of us makes, the other finds.
class PoolStatesGoBothWaysIT {
  private static final long MIB = 1 << 20;
  private static final long BLOCK = 64 << 10;
  private static final long SIZE = 64 * MIB;

  /// What half a leaf maps.
  private static final long LEAF_DISTANCE = 126 * BLOCK;

  private static final long METADATA_TO_USE_UP = MIB;
  private static final long USED_UP_SIZE = 80 * MIB;
  private static final long MAPPED = 10 * LEAF_DISTANCE;

  @TempDir Path directory;
  private Path metadata = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void name() {
    metadata = directory.resolve("pool.meta");
    data = directory.resolve("pool.data");
  }

  @Test
  void aPoolThatWeGrewIsGrownThere() throws IOException {
    OpenPool.format(metadata, 8 * MIB, data, 32 * MIB, BLOCK);
    String written;
    try (var open = OpenPool.on(metadata, data)) {
      open.pool().createThin(new ThinId(0));
      open.pool().extendData(128 * MIB);
      open.pool().extendMetadata(32 * MIB);
      try (var device = open.device(0, SIZE)) {
        device.write(0, MemorySegment.ofArray(Contents.random(new Random(1), (int) SIZE)));
        device.flush();
        written = Contents.sha256(device);
      }
    }
    ThinTools.expectClean(metadata);
    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      assertThat(kernel.statusLine()).contains("/8192 1024/2048 ");
      kernel.open(0, SIZE);
      assertThat(kernel.sha256(0)).isEqualTo(written);
      kernel.close(0);
    }
    ThinTools.expectClean(metadata);
  }

  @Test
  void aPoolThatTheKernelGrewIsGrownHere() throws IOException {
    FileDevice.create(metadata, 8 * MIB).close();
    FileDevice.create(data, 128 * MIB).close();
    try (var kernel = KernelPool.activate(List.of(metadata, data), BLOCK, 32 * MIB)) {
      kernel.message("create_thin 0");
      kernel.open(0, SIZE);
      kernel.extendData(128 * MIB);
      kernel
          .guest()
          .shell("dd if=/dev/zero of=/dev/mapper/v0 bs=1M count=64 oflag=direct status=none")
          .expectSuccess();
      kernel.close(0);
    }
    try (var channel = FileChannel.open(metadata, StandardOpenOption.WRITE)) {
      channel.position(32 * MIB - 1);
      channel.write(ByteBuffer.allocate(1));
    }
    KernelPool.activate(metadata, data, BLOCK).close();
    ThinTools.expectClean(metadata);
    try (var open = OpenPool.on(metadata, data)) {
      assertThat(open.pool().statusLine()).contains("/8192 1024/2048 ");
      open.pool().delete(new ThinId(0));
      open.pool().createThin(new ThinId(1));
      try (var device = open.device(1, 128 * MIB)) {
        device.write(0, MemorySegment.ofArray(new byte[(int) (127 * MIB)]));
      }
    }
    ThinTools.expectClean(metadata);
  }

  @Test
  void aPoolThatNeedsACheckSaysSoThereAndIsWritableAfterIt() throws IOException {
    var failing = new CrashingDisk(8 * MIB);
    var blocks = new MemoryDevice(32 * MIB);
    Pool.format(failing, blocks, BLOCK);
    var pool = Pool.open(failing, blocks, PoolOptions.DEFAULT, PoolClock.system());
    pool.createThin(new ThinId(0));
    pool.commit();
    pool.createThin(new ThinId(1));
    failing.inject(Fault.atNth(Fault.Operation.WRITE, 1));
    assertThatThrownBy(pool::commit).isInstanceOf(IOException.class);
    failing.inject(Fault.NONE);
    assertThatThrownBy(pool::close).hasMessageContaining("went back to its last commit");
    Contents.save(failing.copy(), metadata);
    FileDevice.create(data, 32 * MIB).close();

    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      assertThat(kernel.statusLine()).contains(" ro ").contains(" needs_check ");
      assertThat(kernel.guest().run("dmsetup", "message", "pool", "0", "create_thin 5").exit())
          .isNotZero();
    }
    try (var open = OpenPool.on(metadata, data)) {
      assertThat(open.pool().status().mode()).isEqualTo(PoolMode.READ_ONLY);
      assertThat(open.pool().statusLine()).contains(" ro ").contains(" needs_check ");
      assertThatThrownBy(() -> open.pool().createThin(new ThinId(5)))
          .isInstanceOf(StorageException.class);
      assertThat(open.pool().devices()).hasSize(1);
    }
    ThinTools.tool("thin_check").run("--clear-needs-check-flag", metadata).expectSuccess();
    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      assertThat(kernel.statusLine()).contains(" rw ").doesNotContain("needs_check");
      kernel.message("create_thin 5");
    }
    try (var open = OpenPool.on(metadata, data)) {
      open.pool().createThin(new ThinId(6));
      assertThat(open.pool().devices()).hasSize(3);
    }
    ThinTools.expectClean(metadata);
  }

  @Test
  void aPoolWhoseMetadataOneUsedUpIsReadByTheOtherAndUsableWhenItHasMore() throws IOException {
    var ours = PoolFiles.in(Files.createDirectory(directory.resolve("ours")));
    var content = useUpMetadata(ours);
    FileDevice.create(metadata, METADATA_TO_USE_UP).close();
    FileDevice.create(data, 512 * MIB).close();

    String theirs;
    var disks = List.of(metadata, data, ours.metadata(), ours.data());
    try (var kernel = KernelPool.activate(disks, BLOCK, 512 * MIB)) {
      kernel.message("create_thin 0");
      kernel.open(0, USED_UP_SIZE);
      kernel.guest().run("/usr/bin/python3", "-c", useUpTheMetadata()).expectSuccess();
      assertThat(kernel.statusLine()).contains(" ro ");
      theirs = kernel.sha256(0);
      kernel.close(0);
      growAndUse(kernel.guest(), content);
    }

    var left = PoolFiles.of(metadata, data);
    // The kernel may have taken a data block for a write that it then could not map.
    var leak = Volumes.check(left, Progress.NONE).problems();
    assertThat(leak.isEmpty()).isEqualTo(ThinTools.check(metadata).exit() == 0);
    assertThat(leak).allMatch(problem -> problem.contains("referred to 0 times and counted 1"));
    try (var open = OpenPool.on(metadata, data);
        var device = open.device(0, USED_UP_SIZE)) {
      assertThat(Contents.sha256(device)).isEqualTo(theirs);
    }
    if (Volumes.check(left, Progress.NONE).needsCheck()) {
      Volumes.clearNeedsCheck(left);
    }
    try (var open = OpenPool.on(metadata, data);
        var device = open.device(0, USED_UP_SIZE)) {
      open.pool().extendMetadata(16 * MIB);
      open.pool().createSnapshot(new ThinId(2000), new ThinId(0));
      device.write(0, MemorySegment.ofArray(Contents.random(new Random(8), (int) MIB)));
      device.flush();
      assertThat(open.pool().status().mode()).isEqualTo(PoolMode.WRITE);
    }
    assertThat(Volumes.check(left, Progress.NONE).problems()).isEqualTo(leak);
    ThinTools.expectClean(ours.metadata());
    try (var open = OpenPool.on(ours.metadata(), ours.data());
        var device = open.device(0, USED_UP_SIZE)) {
      assertThat(Contents.read(device, 0, 512)).containsOnly((byte) 9);
      assertThat(open.pool().status().metadataTotalBytes()).isEqualTo(16 * MIB);
    }
  }

  /// Fills the metadata of a pool of ours, and gives its file more room than the pool knows of.
  /// Returns the hash of what device 0 holds.
  private static String useUpMetadata(PoolFiles files) throws IOException {
    OpenPool.format(files.metadata(), METADATA_TO_USE_UP, files.data(), 512 * MIB, BLOCK);
    String content;
    try (var open = OpenPool.on(files.metadata(), files.data())) {
      var pool = open.pool();
      pool.setOptions(pool.options().withErrorIfNoSpace(true));
      pool.createThin(new ThinId(0));
      try (var device = open.device(0, USED_UP_SIZE)) {
        for (long at = 0; at < MAPPED; at += BLOCK) {
          device.write(at, MemorySegment.ofArray(new byte[512]).fill((byte) 7));
        }
        assertThatThrownBy(() -> snapshotAndWriteForEver(pool, device))
            .isInstanceOfAny(StorageException.OutOfSpace.class, StorageException.Unsupported.class);
        assertThat(pool.status().mode()).isEqualTo(PoolMode.OUT_OF_METADATA_SPACE);
        content = Contents.sha256(device);
      }
    }
    ThinTools.expectClean(files.metadata());
    try (var file = FileChannel.open(files.metadata(), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(1), 16 * MIB - 1);
    }
    return content;
  }

  private static void snapshotAndWriteForEver(Pool pool, ThinDevice device) throws IOException {
    for (int snapshot = 1; ; snapshot++) {
      pool.createSnapshot(new ThinId(snapshot), new ThinId(0));
      for (long leaf = 0; leaf < MAPPED; leaf += LEAF_DISTANCE) {
        device.write(leaf, MemorySegment.ofArray(new byte[512]).fill((byte) snapshot));
      }
      pool.commit();
    }
  }

  /// Our pool on the guest's third and fourth disk: the kernel takes all of the metadata, and the
  /// pool takes what it refused.
  private static void growAndUse(KernelRig guest, String content) {
    guest
        .shell(
            """
            set -e
            dmsetup create ours --table "0 %1$d thin-pool %2$s %3$s 128 0"
            dmsetup create ours0 --table "0 %4$d thin /dev/mapper/ours 0"
            [ "$(sha256sum </dev/mapper/ours0 | cut -d ' ' -f 1)" = %5$s ]
            dmsetup status ours | grep '/4096 .* rw '
            dmsetup message ours 0 "create_thin 3000"
            head -c 4096 /dev/zero | tr '\\0' '\\011' |
              dd of=/dev/mapper/ours0 bs=4096 conv=fsync status=none
            dmsetup remove ours0
            dmsetup remove ours
            """
                .formatted(
                    512 * MIB / 512, guest.disk(2), guest.disk(3), USED_UP_SIZE / 512, content))
        .expectSuccess();
  }

  @Test
  void aDeviceOverAnExternalOriginReadsTheSameHereAndThere() throws IOException {
    long originBytes = 10 * MIB + 40 * 1024;
    var origin = directory.resolve("origin");
    Files.write(origin, Contents.random(new Random(3), (int) originBytes));
    var payload = Files.write(directory.resolve("payload"), Contents.random(new Random(4), 5120));
    OpenPool.format(metadata, 8 * MIB, data, 128 * MIB, BLOCK);
    long size = 20 * MIB;
    var disks = List.of(metadata, data, origin);

    String theirs;
    try (var kernel = KernelPool.activate(disks, BLOCK, 128 * MIB)) {
      kernel.message("create_thin 0");
      kernel.openOverOrigin(0, size, 2);
      kernel.write(0, 100 * 1024, payload);
      kernel.write(0, 10 * MIB + 512, payload);
      kernel.write(0, 15 * MIB, payload);
      theirs = kernel.sha256(0);
      kernel.close(0);
    }
    ThinTools.expectClean(metadata);

    String ours;
    try (var open = OpenPool.on(metadata, data);
        var behind = FileDevice.open(origin, FileDevice.Access.READ_ONLY);
        var device = open.pool().openDevice(new ThinId(0), size, false, behind)) {
      assertThat(Contents.sha256(device)).isEqualTo(theirs);
      var piece = MemorySegment.ofArray(Contents.random(new Random(5), 3000));
      device.write(5 * MIB + 77, piece);
      device.write(originBytes - 1000, piece);
      device.write(12 * MIB + 99, piece);
      device.flush();
      ours = Contents.sha256(device);
    }
    ThinTools.expectClean(metadata);

    try (var kernel = KernelPool.activate(disks, BLOCK, 128 * MIB)) {
      kernel.openOverOrigin(0, size, 2);
      assertThat(kernel.sha256(0)).isEqualTo(ours);
      kernel.close(0);
    }
  }

  /// Snapshots, and a write to each leaf of the mappings after each, which copies it.
  private static String useUpTheMetadata() {
    return """
    import mmap, os, subprocess
    def dmsetup(*words):
        subprocess.run(("dmsetup",) + words, check=True, stderr=subprocess.DEVNULL)
    data = mmap.mmap(-1, 1 << 20)
    data.write(b"\\7" * (1 << 20))
    disk = os.open("/dev/mapper/v0", os.O_RDWR | os.O_DIRECT)
    for at in range(0, %2$d, 1 << 20):
        os.pwrite(disk, data, at)
    try:
        for snapshot in range(1, 1000):
            dmsetup("suspend", "v0")
            try:
                dmsetup("message", "pool", "0", "create_snap %%d 0" %% snapshot)
            finally:
                dmsetup("resume", "v0")
            for leaf in range(0, %2$d, %1$d):
                os.pwrite(disk, memoryview(data)[:65536], leaf)
    except (OSError, subprocess.CalledProcessError) as full:
        print(full)
        raise SystemExit
    raise SystemExit("the metadata is not used up")
    """
        .formatted(LEAF_DISTANCE, MAPPED);
  }
}
