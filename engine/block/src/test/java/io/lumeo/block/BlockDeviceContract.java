package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every writable [BlockDevice] must do, whatever is behind it.
abstract class BlockDeviceContract {
  static final int SIZE = 1 << 20;

  /// A device of [#SIZE] bytes that reads as zeroes.
  abstract BlockDevice device() throws IOException;

  @Test
  void whatWasWrittenIsRead() throws IOException {
    try (var device = device()) {
      byte[] bytes = randomBytes(1, 10_000);
      device.write(777, MemorySegment.ofArray(bytes));

      assertThat(read(device, 777, 10_000)).isEqualTo(bytes);
      assertThat(read(device, 0, 777)).containsOnly(0);
    }
  }

  @Test
  void nativeAndHeapSegmentsAreTheSame() throws IOException {
    try (var device = device();
        var arena = Arena.ofConfined()) {
      byte[] bytes = randomBytes(2, 600_000);
      var source = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      device.write(123, source);
      var target = arena.allocate(600_000);
      device.read(123, target);

      assertThat(target.mismatch(source)).isEqualTo(-1);
      assertThat(read(device, 123, 600_000)).isEqualTo(bytes);
    }
  }

  @Test
  void aLongHistoryMatchesAnArray() throws IOException {
    try (var device = device();
        var arena = Arena.ofConfined()) {
      var random = new Random(7);
      byte[] model = new byte[SIZE];
      for (int step = 0; step < 500; step++) {
        int length = random.nextInt(random.nextBoolean() ? 700 : 40_000);
        int offset = random.nextInt(SIZE - length);
        switch (random.nextInt(6)) {
          case 0, 1 -> {
            byte[] bytes = randomBytes(step, length);
            device.write(offset, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
            System.arraycopy(bytes, 0, model, offset, length);
          }
          case 2 -> {
            byte[] bytes = randomBytes(step, length);
            device.writeThrough(offset, MemorySegment.ofArray(bytes));
            System.arraycopy(bytes, 0, model, offset, length);
          }
          case 3 -> {
            var mode = random.nextBoolean() ? ZeroMode.MAY_PUNCH : ZeroMode.KEEP_ALLOCATED;
            device.writeZeroes(offset, length, mode);
            Arrays.fill(model, offset, offset + length, (byte) 0);
          }
          case 4 -> {
            device.discard(offset, length);
            Arrays.fill(model, offset, offset + length, (byte) 0);
          }
          default ->
              assertThat(read(device, offset, length))
                  .isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
        }
      }
      device.flush();
      assertThat(read(device, 0, SIZE)).isEqualTo(model);
    }
  }

  @Test
  void extentsCoverTheRangeAndHolesReadAsZeroes() throws IOException {
    try (var device = device()) {
      device.write(300_000, MemorySegment.ofArray(randomBytes(3, 100_000)));
      long expected = 100;
      for (var extent : extents(device, 100, SIZE - 200)) {
        assertThat(extent.offset()).isEqualTo(expected);
        if (extent.state().readsAsZeroes()) {
          assertThat(read(device, extent.offset(), (int) extent.length())).containsOnly(0);
        }
        expected += extent.length();
      }
      assertThat(expected).isEqualTo(SIZE - 100);
    }
  }

  @Test
  void aVisitorCanStop() throws IOException {
    try (var device = device()) {
      device.write(500_000, MemorySegment.ofArray(randomBytes(4, 10)));
      var seen = new ArrayList<Long>();
      device.extents(
          0,
          SIZE,
          (offset, _, _) -> {
            seen.add(offset);
            return false;
          });
      device.extents(
          500_000,
          10,
          (offset, _, _) -> {
            seen.add(offset);
            return false;
          });
      assertThat(seen).containsExactly(0L, 500_000L);
    }
  }

  @Test
  void aRangeOutsideIsRefusedAndChangesNothing() throws IOException {
    try (var device = device()) {
      var ten = MemorySegment.ofArray(randomBytes(5, 10));
      assertThatThrownBy(() -> device.write(SIZE - 9, ten))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThatThrownBy(() -> device.tryWrite(SIZE - 9, ten))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThatThrownBy(() -> device.read(SIZE - 9, ten))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThatThrownBy(() -> device.tryRead(-1, ten))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThatThrownBy(() -> device.discard(Long.MAX_VALUE, 10))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThatThrownBy(() -> device.writeZeroes(0, -1, ZeroMode.MAY_PUNCH))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThatThrownBy(() -> device.extents(0, SIZE + 1, (_, _, _) -> true))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThat(device.sizeBytes()).isEqualTo(SIZE);
      assertThat(read(device, 0, SIZE)).containsOnly(0);
    }
  }

  @Test
  void nothingIsDoneForALengthOfZero() throws IOException {
    try (var device = device()) {
      device.write(SIZE, MemorySegment.ofArray(new byte[0]));
      device.read(SIZE, MemorySegment.ofArray(new byte[0]));
      device.discard(SIZE, 0);
      device.writeZeroes(SIZE, 0, ZeroMode.KEEP_ALLOCATED);
      assertThat(extents(device, SIZE, 0)).isEmpty();
    }
  }

  @Test
  void whatIsDoneAtOnceIsDone() throws IOException {
    try (var device = device();
        var arena = Arena.ofConfined()) {
      byte[] bytes = randomBytes(6, 5000);
      var source = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      if (device.tryWrite(5, source)) {
        assertThat(read(device, 5, 5000)).isEqualTo(bytes);
      }
      device.write(5, source);
      var target = arena.allocate(5000);
      if (device.tryRead(5, target)) {
        assertThat(target.mismatch(source)).isEqualTo(-1);
      }
    }
  }

  @Test
  void aClosedDeviceRefusesEverything() throws IOException {
    var device = device();
    device.close();
    device.close();
    var one = Arena.ofAuto().allocate(1);
    assertThatThrownBy(() -> device.read(0, one)).isInstanceOf(StorageException.Failed.class);
    assertThatThrownBy(() -> device.write(0, one)).isInstanceOf(StorageException.Failed.class);
    assertThatThrownBy(device::flush).isInstanceOf(StorageException.Failed.class);
    assertThatThrownBy(() -> device.discard(0, 1)).isInstanceOf(StorageException.Failed.class);
  }

  record Extent(long offset, long length, ExtentState state) {}

  static List<Extent> extents(BlockDevice device, long offset, long length) throws IOException {
    var found = new ArrayList<Extent>();
    device.extents(
        offset,
        length,
        (at, bytes, state) -> {
          found.add(new Extent(at, bytes, state));
          return true;
        });
    return found;
  }

  static byte[] read(BlockDevice device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    device.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static byte[] randomBytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
