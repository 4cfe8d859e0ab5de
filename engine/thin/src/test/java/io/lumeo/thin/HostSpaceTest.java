package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.ExtentState;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is told as data can be written although the file system under the pool is full: a block of
/// which only 512 bytes were ever written has the space of all of it. The file system is a tmpfs,
/// which only root can mount.
class HostSpaceTest {
  private static final int SECTOR = 512;
  private static final long MIB = 1 << 20;

  @TempDir private Path folder;

  @AfterEach
  void unmount() {
    Tool.named("umount").run(folder).expectSuccess();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 64, true",
    "1, 64, false",
    "4, 64, true",
    "4, 64, false",
    "4, 256, true",
    "4, 512, false"
  })
  void whatIsDataIsOverwrittenWholeOnAFullFileSystem(
      int mebibytes, int blockKibibytes, boolean zeroNewBlocks) throws IOException {
    Tool.named("mount")
        .run("-t", "tmpfs", "-o", "size=" + mebibytes + "m", "lumeo-test", folder)
        .expectSuccess();
    long block = (long) blockKibibytes << 10;
    var options = PoolOptions.DEFAULT.withZeroNewBlocks(zeroNewBlocks);
    var format = new Volumes.Format(block, 64 * MIB, 64 * 4096, options);
    try (var volumes = Volumes.create(PoolFiles.in(folder), format)) {
      volumes.createVolume("v", 32 * MIB, Set.of(), null, null);
      volumes.createVolume("churn", 32 * MIB, Set.of(), null, null);
      try (var device = volumes.open("v");
          var churn = volumes.open("churn")) {
        useAndGiveBack(churn, block);
        volumes.flush();
        long mapped = touchEveryBlockUntilFull(device, block);
        assertThat(mapped).isGreaterThan(2);

        var random = new Random(mebibytes);
        long[] overwritten = {0};
        device.extents(
            0,
            device.sizeBytes(),
            (offset, length, state) -> {
              if (!state.needsSpaceToWrite()) {
                assertThat(state).isEqualTo(ExtentState.DATA);
                overwrite(device, offset, length, random);
                overwritten[0] += length;
              }
              return true;
            });
        assertThat(overwritten[0]).isEqualTo(mapped * block);
        device.flush();
      }
    }
    assertThat(Volumes.check(PoolFiles.in(folder), Progress.NONE).problems()).isEmpty();
  }

  /// So that some of the blocks to come have been in use before, and were punched out.
  private static void useAndGiveBack(ThinDevice device, long block) throws IOException {
    device.write(0, MemorySegment.ofArray(new byte[(int) block]).fill((byte) 3));
    device.flush();
    device.discard(0, block);
    device.flush();
  }

  /// Writes, or zeroes, a sector somewhere in each block. Returns how many blocks there was space
  /// for.
  private static long touchEveryBlockUntilFull(ThinDevice device, long block) throws IOException {
    for (long number = 0; ; number++) {
      long offset = number * block + number % (block / SECTOR) * SECTOR;
      try {
        if (number % 3 == 2) {
          device.writeZeroes(offset, SECTOR, ZeroMode.KEEP_ALLOCATED);
        } else {
          device.write(offset, MemorySegment.ofArray(new byte[SECTOR]).fill((byte) 1));
        }
      } catch (StorageException.OutOfSpace full) {
        return number;
      }
    }
  }

  private static void overwrite(ThinDevice device, long offset, long length, Random random)
      throws IOException {
    byte[] bytes = new byte[(int) length];
    random.nextBytes(bytes);
    device.write(offset, MemorySegment.ofArray(bytes));
    byte[] found = new byte[bytes.length];
    device.read(offset, MemorySegment.ofArray(found));
    assertThat(found).isEqualTo(bytes);
  }
}
