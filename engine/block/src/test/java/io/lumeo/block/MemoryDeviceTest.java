package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MemoryDeviceTest extends BlockDeviceContract {
  @Override
  BlockDevice device() {
    return new MemoryDevice(SIZE);
  }

  @Test
  void itsPagesAreItsExtents() throws IOException {
    try (var device = device()) {
      device.write(10_000, MemorySegment.ofArray(new byte[5000]));
      device.writeZeroes(100_000, 1, ZeroMode.KEEP_ALLOCATED);
      device.discard(12_288, 4096);
      assertThat(extents(device, 0, 200_000))
          .containsExactly(
              new Extent(0, 8192, ExtentState.HOLE),
              new Extent(8192, 4096, ExtentState.DATA),
              new Extent(12_288, 98_304 - 12_288, ExtentState.HOLE),
              new Extent(98_304, 4096, ExtentState.DATA),
              new Extent(102_400, 200_000 - 102_400, ExtentState.HOLE));
    }
  }

  @Test
  void itGrowsButDoesNotShrink() throws IOException {
    try (var device = device()) {
      device.extend(2 * SIZE);
      assertThat(read(device, SIZE, SIZE)).containsOnly(0);
      assertThatThrownBy(() -> device.extend(SIZE))
          .isInstanceOf(StorageException.InvalidArgument.class);
    }
    assertThatThrownBy(() -> new MemoryDevice(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
