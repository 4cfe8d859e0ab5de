package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.ExtentState;
import io.lumeo.block.FileDevice;
import io.lumeo.block.FileDevice.Access;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// [FileDevice] where an ordinary file cannot take it: on block devices, on a full file system and
/// on a disk that fails. Needs root.
class FileDeviceOnRealDevicesIT {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  @Test
  void aBlockDeviceIsReadWrittenZeroedAndDiscarded() throws IOException {
    var backing = directory.resolve("backing");
    FileDevice.create(backing, 16 * MIB).close();
    var loop = losetup("--find", "--show", backing.toString());
    try (var device = FileDevice.open(Path.of(loop), Access.READ_WRITE)) {
      assertThat(device.sizeBytes()).isEqualTo(16 * MIB);
      byte[] model = Contents.random(new Random(1), 16 * MIB);
      device.write(0, MemorySegment.ofArray(model));
      for (var mode : ZeroMode.values()) {
        int start = mode == ZeroMode.MAY_PUNCH ? 1_000_001 : 5_000_001;
        device.writeZeroes(start, 777_777, mode);
        Arrays.fill(model, start, start + 777_777, (byte) 0);
        device.writeZeroes(start + MIB, 100, mode);
        Arrays.fill(model, start + MIB, start + MIB + 100, (byte) 0);
      }
      device.discard(8 * MIB, MIB);
      Arrays.fill(model, 8 * MIB, 9 * MIB, (byte) 0);
      device.flush();
      assertThat(Contents.read(device, 0, 16 * MIB)).isEqualTo(model);
      assertThat(device.isHole(8 * MIB, MIB)).isFalse();
      device.extents(
          0,
          16 * MIB,
          (offset, length, state) -> {
            assertThat(offset).isZero();
            assertThat(length).isEqualTo(16 * MIB);
            assertThat(state).isEqualTo(ExtentState.DATA);
            return true;
          });
      assertThatThrownBy(() -> device.extend(32 * MIB))
          .isInstanceOf(StorageException.Unsupported.class);
      try (var file = FileDevice.open(backing, Access.READ_WRITE)) {
        file.extend(32 * MIB);
      }
      losetup("--set-capacity", loop);
      device.extend(32 * MIB);
      assertThat(Contents.read(device, 31 * MIB, MIB)).containsOnly(0);
    } finally {
      losetup("--detach", loop);
    }
  }

  @Test
  void aBlockDeviceThatIsMountedIsNotTaken() throws IOException {
    var backing = directory.resolve("backing");
    FileDevice.create(backing, 16 * MIB).close();
    var loop = losetup("--find", "--show", backing.toString());
    var point = Files.createDirectory(directory.resolve("mounted"));
    try {
      Tool.named("mkfs.ext4").run("-q", loop).expectSuccess();
      Tool.named("mount").run(loop, point).expectSuccess();
      try {
        assertThatThrownBy(() -> FileDevice.open(Path.of(loop), Access.READ_WRITE))
            .isInstanceOf(StorageException.Busy.class)
            .hasMessage("%s is in use: it is mounted at %s; unmount it", loop, point);
      } finally {
        Tool.named("umount").run(point).expectSuccess();
      }
    } finally {
      losetup("--detach", loop);
    }
  }

  @Test
  void whoHasABlockDeviceIsNamed() throws IOException {
    var backing = directory.resolve("backing");
    FileDevice.create(backing, 16 * MIB).close();
    var loop = losetup("--find", "--show", backing.toString());
    try (var device = FileDevice.open(Path.of(loop), Access.READ_WRITE)) {
      var self = "this process (%d)".formatted(ProcessHandle.current().pid());
      assertThatThrownBy(() -> FileDevice.open(Path.of(loop), Access.READ_WRITE))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageStartingWith(loop + " is in use by " + self);
      device.lockExclusively();
      assertThatThrownBy(() -> lock(Path.of(loop)))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageStartingWith(Path.of(loop).getFileName() + " is in use by " + self);
    } finally {
      losetup("--detach", loop);
    }
  }

  /// The same bytes by two names: through a loop device, and through the file it shows.
  @Test
  void aLoopDeviceAndItsFileAreNotLockedBoth() throws IOException {
    var backing = directory.resolve("backing");
    FileDevice.create(backing, 16 * MIB).close();
    var loop = losetup("--find", "--show", backing.toString());
    var second = losetup("--find", "--show", backing.toString());
    try {
      try (var device = FileDevice.open(Path.of(loop), Access.READ_WRITE)) {
        device.lockExclusively();
        assertThatThrownBy(() -> lock(backing))
            .isInstanceOf(StorageException.Busy.class)
            .hasMessageStartingWith("backing is in use by this process");
        assertThatThrownBy(() -> lock(Path.of(second)))
            .isInstanceOf(StorageException.Busy.class)
            .hasMessageStartingWith(second + " shows a file: backing is in use by this process");
      }
      try (var file = FileDevice.open(backing, Access.READ_WRITE)) {
        file.lockExclusively();
        assertThatThrownBy(() -> lock(Path.of(loop)))
            .isInstanceOf(StorageException.Busy.class)
            .hasMessageStartingWith(loop + " shows a file: backing is in use by this process");
      }
      lock(Path.of(loop));
    } finally {
      losetup("--detach", loop);
      losetup("--detach", second);
    }
  }

  private static void lock(Path path) throws IOException {
    try (var device = FileDevice.open(path, Access.READ_ONLY)) {
      device.lockExclusively();
    }
  }

  @Test
  void whatWasAllocatedCanBeWrittenOnAFullFileSystem() throws IOException {
    var small = Files.createDirectory(directory.resolve("small"));
    Tool.named("mount").run("-t", "tmpfs", "-o", "size=1m", "tmpfs", small).expectSuccess();
    try (var device = FileDevice.create(small.resolve("data"), 8 * MIB)) {
      device.allocate(0, MIB / 2);
      assertThatThrownBy(() -> device.write(MIB, MemorySegment.ofArray(new byte[2 * MIB])))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThat(Contents.read(device, 0, MIB / 2)).containsOnly(0);
      byte[] content = Contents.random(new Random(2), MIB / 2);
      device.write(0, MemorySegment.ofArray(content));
      assertThat(Contents.read(device, 0, MIB / 2)).isEqualTo(content);
    } finally {
      Tool.named("umount").run(small).expectSuccess();
    }
  }

  @Test
  void aFullFileSystemIsOutOfSpaceAndUsableAfterwards() throws IOException {
    var small = Files.createDirectory(directory.resolve("small"));
    Tool.named("mount").run("-t", "tmpfs", "-o", "size=1m", "tmpfs", small).expectSuccess();
    try (var device = FileDevice.create(small.resolve("data"), 8 * MIB)) {
      assertThatThrownBy(() -> device.write(0, MemorySegment.ofArray(new byte[2 * MIB])))
          .isInstanceOf(StorageException.OutOfSpace.class)
          .hasMessageContaining("no space left (ENOSPC); free or add space on its file system");
      device.discard(0, 8 * MIB);
      device.write(4 * MIB, MemorySegment.ofArray(Contents.random(new Random(2), MIB / 2)));
      device.flush();
      assertThat(Contents.read(device, 4 * MIB, MIB / 2))
          .isEqualTo(Contents.random(new Random(2), MIB / 2));
    } finally {
      Tool.named("umount").run(small).expectSuccess();
    }
  }

  @Test
  void aDiskThatFailsIsAnErrorThatNamesItAndThePlace() throws IOException {
    var point = Files.createDirectory(directory.resolve("failing"));
    var trigger = directory.resolve("fail-now");
    var socket = directory.resolve("failing.sock");
    try (var server =
        Tool.named("nbdkit")
            .start(
                "--foreground",
                "--unix",
                socket,
                "--filter=error",
                "memory",
                "16M",
                "error=EIO",
                "error-rate=100%",
                "error-file=" + trigger)) {
      server.await(() -> Files.exists(socket));
      try (var fuse = Tool.named("nbdfuse").start(point, "nbd+unix://?socket=" + socket)) {
        var file = point.resolve("nbd");
        fuse.await(() -> Files.exists(file));
        try (var device = FileDevice.open(file, Access.READ_WRITE)) {
          device.write(0, MemorySegment.ofArray(new byte[8192]));
          device.flush();
          Files.createFile(trigger);
          assertThatThrownBy(() -> Contents.read(device, MIB, 4096))
              .isInstanceOf(IOException.class)
              .hasMessage("cannot read " + file + " at 1048576+4096: input/output error (EIO)");
          assertThatThrownBy(() -> device.write(0, MemorySegment.ofArray(new byte[4096])))
              .hasMessage("cannot write " + file + " at 0+4096: input/output error (EIO)");
          Files.delete(trigger);
          assertThat(Contents.read(device, MIB, 4096)).containsOnly(0);
        } finally {
          Tool.named("fusermount3").run("-u", point).expectSuccess();
          fuse.awaitEnd();
        }
      }
    }
  }

  private static String losetup(String... arguments) {
    return Tool.named("losetup").run((Object[]) arguments).expectSuccess().stdout().strip();
  }
}
