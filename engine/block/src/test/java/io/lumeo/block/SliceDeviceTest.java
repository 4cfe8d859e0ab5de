package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class SliceDeviceTest extends BlockDeviceContract {
  /// Closes the whole with the window, as the contract's tests want.
  @Override
  BlockDevice device() throws IOException {
    return new SliceDevice(new MemoryDevice(3 * SIZE), SIZE + 100, SIZE);
  }

  @Override
  @Test
  void aClosedDeviceRefusesEverything() throws IOException {
    try (var whole = new MemoryDevice(SIZE)) {
      new SliceDevice(whole, 0, 10).close();
      whole.write(0, MemorySegment.ofArray(new byte[10]));
    }
  }

  @Test
  void aWindowIsAPieceOfTheWhole() throws IOException {
    try (var whole = new MemoryDevice(SIZE)) {
      var window = new SliceDevice(whole, 1000, 50);
      window.write(10, MemorySegment.ofArray(new byte[] {1, 2, 3}));
      assertThat(read(whole, 1010, 3)).containsExactly(1, 2, 3);
      assertThat(window.preferredBlockBytes()).isEqualTo(whole.preferredBlockBytes());
      assertThat(window.isReadOnly()).isFalse();
      assertThatThrownBy(() -> new SliceDevice(whole, SIZE, 1))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThatThrownBy(() -> window.extend(100))
          .isInstanceOf(StorageException.Unsupported.class)
          .hasMessage("a SliceDevice cannot grow; make a larger device");
    }
  }
}
