package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice.Access;
import io.lumeo.block.linux.Errno;
import io.lumeo.block.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a file device makes of the kernel's less welcome answers.
class FileDeviceErrorsTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;
  private final Arena arena = Arena.ofAuto();
  private Path path = Path.of("");
  private ContraryKernel kernel;
  private FileDevice device;

  @BeforeEach
  void openAFile() throws IOException {
    path = directory.resolve("pool.data");
    FileDevice.create(path, SIZE).close();
    kernel = new ContraryKernel(path);
    device = FileDevice.of(kernel, Access.READ_WRITE);
  }

  @Test
  void aFullFileSystemIsOutOfSpace() {
    kernel.writeAnswer = -Errno.ENOSPC;
    assertThatThrownBy(() -> device.write(4096, bytes(10)))
        .isInstanceOf(StorageException.OutOfSpace.class)
        .hasMessage(
            "cannot write %s at 4096+10: no space left (ENOSPC); free or add space on its file system",
            path);
    kernel.allocateAnswer = -Errno.EDQUOT;
    assertThatThrownBy(() -> device.writeZeroes(0, 10, ZeroMode.KEEP_ALLOCATED))
        .isInstanceOf(StorageException.OutOfSpace.class);
  }

  @Test
  void anErrorNamesThePathTheRangeAndTheErrno() {
    kernel.readAnswer = -Errno.EIO;
    assertThatThrownBy(() -> device.read(8192, bytes(512)))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(StorageException.class)
        .hasMessage("cannot read %s at 8192+512: input/output error (EIO)", path);
    kernel.seekAnswer = -Errno.EIO;
    assertThatThrownBy(() -> device.isHole(0, 10)).hasMessageContaining("cannot seek in");
    kernel.truncateAnswer = -Errno.EFBIG;
    assertThatThrownBy(() -> device.extend(2 * SIZE)).hasMessageContaining("cannot extend");
    assertThat(device.sizeBytes()).isEqualTo(SIZE);
  }

  @Test
  void aFailedFlushIsNeverForgotten() throws IOException {
    kernel.syncAnswer = -Errno.EIO;
    assertThatThrownBy(device::flush)
        .hasMessageContaining("cannot flush")
        .hasMessageContaining("EIO");
    kernel.syncAnswer = 0;
    assertThatThrownBy(device::flush)
        .isInstanceOf(StorageException.Failed.class)
        .hasMessageContaining("lost writes when a flush failed earlier")
        .hasRootCauseMessage("cannot flush %s at 0+%d: input/output error (EIO)", path, SIZE);
    assertThatThrownBy(() -> device.writeThrough(0, bytes(10)))
        .isInstanceOf(StorageException.Failed.class);
    device.read(0, bytes(10));
  }

  @Test
  void aFailedWriteThroughIsNeverForgotten() {
    kernel.writeDurablyAnswer = -Errno.EIO;
    assertThatThrownBy(() -> device.writeThrough(0, bytes(10))).hasMessageContaining("EIO");
    assertThatThrownBy(device::flush).isInstanceOf(StorageException.Failed.class);
  }

  @Test
  void shortReadsAndWritesGoOnWhereTheyStopped() throws IOException {
    kernel.atMostBytes = 1000;
    var source =
        arena.allocateFrom(ValueLayout.JAVA_BYTE, BlockDeviceContract.randomBytes(1, 7500));
    device.write(77, source);
    var target = bytes(7500);
    device.read(77, target);
    assertThat(target.mismatch(source)).isEqualTo(-1);
    device.writeThrough(100_000, source);
    device.read(100_000, target);
    assertThat(target.mismatch(source)).isEqualTo(-1);
    assertThat(device.tryRead(77, target)).isFalse();
  }

  @Test
  void whatTheHostCannotIsDoneAnotherWayAndNotAskedForAgain() throws IOException {
    kernel.allocateAnswer = -Errno.EOPNOTSUPP;
    kernel.writeDurablyAnswer = -Errno.EOPNOTSUPP;
    kernel.readNoWaitAnswer = -Errno.EOPNOTSUPP;
    for (var mode : ZeroMode.values()) {
      device.write(0, ones(700_000));
      device.writeZeroes(100, 600_000, mode);
      byte[] found = BlockDeviceContract.read(device, 0, 700_000);
      assertThat(found[99]).isEqualTo((byte) 1);
      assertThat(Arrays.copyOfRange(found, 100, 600_100)).containsOnly(0);
      assertThat(found[600_100]).isEqualTo((byte) 1);
    }
    device.discard(600_100, 10);
    assertThat(BlockDeviceContract.read(device, 600_100, 10)).containsOnly(1);
    assertThat(device.tryRead(0, bytes(10))).isFalse();
    device.writeThrough(0, ones(10));

    kernel.allocateAnswer = 0;
    kernel.calls = 0;
    device.discard(0, 10);
    assertThat(device.tryRead(0, bytes(10))).isFalse();
    device.writeThrough(0, ones(10));
    assertThat(kernel.calls).isZero();
  }

  @Test
  void aLockThatCannotBeTakenIsAnError() {
    kernel.lockAnswer = -Errno.EINVAL;
    assertThatThrownBy(device::lockExclusively)
        .hasMessage("cannot lock %s: invalid argument (EINVAL)", path);
  }

  @Test
  void everyRefusalToOpenSaysWhatToDo() throws IOException {
    assertThat(Descriptor.refusal(path, Errno.EROFS))
        .isInstanceOf(StorageException.ReadOnly.class)
        .hasMessageContaining("open it read-only");
    assertThat(Descriptor.refusal(path, Errno.ENOSPC))
        .isInstanceOf(StorageException.OutOfSpace.class)
        .hasMessageContaining("free space");
    assertThat(Descriptor.refusal(path, Errno.EACCES)).hasMessageContaining("run as its owner");
    assertThat(Files.exists(path)).isTrue();
  }

  @Test
  void everyErrnoThatIsLikelyHasAName() {
    int[] known = {
      1, 2, 4, 5, 6, 9, 11, 12, 13, 16, 17, 19, 20, 21, 22, 23, 26, 27, 28, 30, 38, 40
    };
    for (int errno : known) {
      assertThat(Errno.describe(errno)).matches("[a-z/ -]+ \\(E[A-Z]+\\)");
    }
    assertThat(Errno.describe(95)).contains("EOPNOTSUPP");
    assertThat(Errno.describe(116)).contains("ESTALE");
    assertThat(Errno.describe(121)).contains("EREMOTEIO");
    assertThat(Errno.describe(122)).contains("EDQUOT");
    assertThat(Errno.describe(9999)).isEqualTo("errno 9999");
  }

  private MemorySegment bytes(int length) {
    return arena.allocate(length);
  }

  private MemorySegment ones(int length) {
    return arena.allocate(length).fill((byte) 1);
  }

  /// Answers what the test says instead of asking the kernel; 1 stands for asking.
  private static final class ContraryKernel extends Descriptor {
    long readAnswer = 1;
    long readNoWaitAnswer = 1;
    long writeAnswer = 1;
    long writeDurablyAnswer = 1;
    int syncAnswer = 1;
    int truncateAnswer = 1;
    int allocateAnswer = 1;
    long seekAnswer = 1;
    int lockAnswer = 1;
    long atMostBytes = Long.MAX_VALUE;

    /// How often something was asked that was refused as not supported before.
    int calls;

    ContraryKernel(Path path) throws IOException {
      super(path, Linux.O_RDWR);
    }

    private MemorySegment cut(MemorySegment segment) {
      return segment.asSlice(0, Math.min(atMostBytes, segment.byteSize()));
    }

    @Override
    long read(MemorySegment target, long offset) {
      return readAnswer < 1 ? readAnswer : super.read(cut(target), offset);
    }

    @Override
    long readNoWait(MemorySegment target, long offset) {
      calls++;
      return readNoWaitAnswer < 1 ? readNoWaitAnswer : super.readNoWait(cut(target), offset);
    }

    @Override
    long write(MemorySegment source, long offset) {
      return writeAnswer < 1 ? writeAnswer : super.write(cut(source), offset);
    }

    @Override
    long writeDurably(MemorySegment source, long offset) {
      calls++;
      return writeDurablyAnswer < 1 ? writeDurablyAnswer : super.writeDurably(cut(source), offset);
    }

    @Override
    int sync() {
      return syncAnswer < 1 ? syncAnswer : super.sync();
    }

    @Override
    int truncate(long sizeBytes) {
      return truncateAnswer < 1 ? truncateAnswer : super.truncate(sizeBytes);
    }

    @Override
    int allocate(int mode, long offset, long lengthBytes) {
      calls++;
      return allocateAnswer < 1 ? allocateAnswer : super.allocate(mode, offset, lengthBytes);
    }

    @Override
    long seek(long offset, int whence) {
      return seekAnswer < 1 ? seekAnswer : super.seek(offset, whence);
    }

    @Override
    int lock(int operation) {
      return lockAnswer < 1 ? lockAnswer : super.lock(operation);
    }
  }
}
