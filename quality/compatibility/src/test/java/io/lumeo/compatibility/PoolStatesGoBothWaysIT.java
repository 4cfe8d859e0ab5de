package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolClock;
import io.lumeo.thin.PoolMode;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.ThinId;
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
}
