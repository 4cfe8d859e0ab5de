package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice.Access;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDeviceTest extends BlockDeviceContract {
  @TempDir Path directory;

  @Override
  BlockDevice device() throws IOException {
    return FileDevice.create(directory.resolve(UUID.randomUUID().toString()), SIZE);
  }

  @Test
  void aNewFileIsSparseAndPrivate() throws IOException {
    var path = directory.resolve("new");
    try (var device = FileDevice.create(path, 1L << 40)) {
      assertThat(device.sizeBytes()).isEqualTo(1L << 40);
      assertThat(device.isHole(0, 1L << 40)).isTrue();
      assertThat(device.path()).isEqualTo(path);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void allocatedSpaceStillReadsAsZeroes() throws IOException {
    try (var device = FileDevice.create(directory.resolve("new"), 1 << 20)) {
      device.allocate(0, 1 << 16);
      assertThat(device.isHole(0, 1 << 20)).isTrue();
      new SliceDevice(device, 1 << 16, 1 << 16).allocate(0, 1 << 16);
      assertThat(device.isHole(0, 1 << 20)).isTrue();
    }
  }

  @Test
  void whatIsThereIsNotCreatedAgain() throws IOException {
    var path = Files.writeString(directory.resolve("there"), "keep me");
    assertThatThrownBy(() -> FileDevice.create(path, 10))
        .isInstanceOf(StorageException.AlreadyExists.class)
        .hasMessageContaining(path.toString());
    assertThat(path).hasContent("keep me");
  }

  @Test
  void aSizeThatNoFileHasIsRefusedAndNothingIsLeft() {
    var path = directory.resolve("huge");
    assertThatThrownBy(() -> FileDevice.create(path, -1))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> FileDevice.create(path, Long.MAX_VALUE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("EFBIG");
    assertThat(path).doesNotExist();
  }

  @Test
  void whatIsNoDeviceIsRefusedByName() {
    var missing = directory.resolve("missing");
    assertThatThrownBy(() -> FileDevice.open(missing, Access.READ_WRITE))
        .isInstanceOf(StorageException.NotFound.class)
        .hasMessage("cannot open " + missing + ": no such file; check the path");
    for (var access : Access.values()) {
      assertThatThrownBy(() -> FileDevice.open(directory, access))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("is a directory");
    }
    assertThatThrownBy(() -> FileDevice.open(Path.of("/dev/null"), Access.READ_ONLY))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("neither a regular file nor a block device");
    assertThatThrownBy(
            () -> FileDevice.open(directory.resolve("missing").resolve("x"), Access.READ_ONLY))
        .isInstanceOf(StorageException.NotFound.class);
    var loop = directory.resolve("loop");
    assertThatThrownBy(
            () -> FileDevice.open(Files.createSymbolicLink(loop, loop), Access.READ_ONLY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ELOOP");
  }

  @Test
  void aReadOnlyDeviceRefusesEveryChange() throws IOException {
    var path = Files.writeString(directory.resolve("fixed"), "0123456789");
    try (var device = FileDevice.open(path, Access.READ_ONLY)) {
      var one = MemorySegment.ofArray(new byte[1]);
      assertThat(device.isReadOnly()).isTrue();
      assertThatThrownBy(() -> device.write(0, one)).isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> device.tryWrite(0, one))
          .isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> device.writeThrough(0, one))
          .isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> device.discard(0, 1)).isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> device.writeZeroes(0, 1, ZeroMode.MAY_PUNCH))
          .isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> device.extend(20)).isInstanceOf(StorageException.ReadOnly.class);
      device.flush();
      assertThat(read(device, 3, 4)).isEqualTo("3456".getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void aDiscardGivesTheSpaceBack() throws IOException {
    try (var device = (FileDevice) device()) {
      device.write(0, MemorySegment.ofArray(randomBytes(1, SIZE)));
      device.flush();
      assertThat(device.isHole(65536, 65536)).isFalse();
      device.discard(65536, 65536);
      assertThat(device.isHole(65536, 65536)).isTrue();
      assertThat(device.isHole(65536, 65537)).isFalse();
      assertThat(extents(device, 0, SIZE))
          .containsExactly(
              new Extent(0, 65536, ExtentState.DATA),
              new Extent(65536, 65536, ExtentState.HOLE),
              new Extent(131072, SIZE - 131072, ExtentState.DATA));
    }
  }

  @Test
  void zeroesThatKeepTheirSpaceLeaveNoHole() throws IOException {
    var path = directory.resolve("kept");
    try (var device = FileDevice.create(path, SIZE)) {
      device.writeZeroes(0, SIZE, ZeroMode.KEEP_ALLOCATED);
      device.flush();
      assertThat((Long) Files.getAttribute(path, "unix:size")).isEqualTo(SIZE);
      assertThat(read(device, 0, SIZE)).containsOnly(0);
    }
  }

  @Test
  void aFileGrowsButDoesNotShrink() throws IOException {
    var path = directory.resolve("growing");
    try (var device = FileDevice.create(path, SIZE)) {
      device.extend(2 * SIZE);
      device.extend(2 * SIZE);
      assertThat(device.sizeBytes()).isEqualTo(2 * SIZE);
      assertThat(Files.size(path)).isEqualTo(2 * SIZE);
      assertThat(read(device, SIZE, SIZE)).containsOnly(0);
      assertThatThrownBy(() -> device.extend(SIZE))
          .isInstanceOf(StorageException.InvalidArgument.class);
    }
  }

  @Test
  void aFileCutShortByAnotherIsAnError() throws IOException {
    var path = directory.resolve("short");
    try (var device = FileDevice.create(path, SIZE);
        var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(100);
      assertThatThrownBy(() -> read(device, 50, 100))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ends at 100");
    }
  }

  @Test
  void aReadThatIsInThePageCacheIsDoneAtOnce() throws IOException {
    try (var device = device();
        var arena = Arena.ofConfined()) {
      device.write(0, MemorySegment.ofArray(randomBytes(1, 8192)));
      var target = arena.allocate(8192);
      assertThat(device.tryRead(0, target)).isTrue();
      assertThat(target.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(randomBytes(1, 8192));
      assertThat(device.tryRead(0, MemorySegment.ofArray(new byte[10]))).isFalse();
      assertThat(device.tryWrite(0, arena.allocate(1 << 20))).isTrue();
    }
  }

  @Test
  void aLargeWriteIsNotTriedAtOnce() throws IOException {
    try (var device = FileDevice.create(directory.resolve("large"), 4 * SIZE);
        var arena = Arena.ofConfined()) {
      assertThat(device.tryWrite(0, arena.allocate(SIZE + 1))).isFalse();
    }
  }

  @Test
  void manyClosedDevicesLeaveNoFileOpen() throws IOException {
    var path = directory.resolve("many");
    FileDevice.create(path, 10).close();
    for (int i = 0; i < 100; i++) {
      FileDevice.open(path, Access.READ_WRITE).close();
    }
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(
              descriptors
                  .map(descriptor -> {
                    try {
                      return Files.readSymbolicLink(descriptor).toString();
                    } catch (IOException gone) {
                      return "";
                    }
                  })
                  .filter(path.toString()::equals))
          .isEmpty();
    }
  }
}
