package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ReadOnlyDeviceTest {
  @Test
  void itReadsAsTheOtherAndTakesNoWrites() throws IOException {
    var other = new MemoryDevice(100_000);
    other.write(5, MemorySegment.ofArray(new byte[] {1, 2, 3}));
    var one = MemorySegment.ofArray(new byte[1]);
    try (var view = new ReadOnlyDevice(other, "snapshot s1")) {
      assertThat(view.isReadOnly()).isTrue();
      assertThat(view.sizeBytes()).isEqualTo(100_000);
      assertThat(view.preferredBlockBytes()).isEqualTo(other.preferredBlockBytes());
      assertThat(BlockDeviceContract.read(view, 5, 3)).containsExactly(1, 2, 3);
      assertThat(view.tryRead(6, one)).isTrue();
      assertThat(BlockDeviceContract.extents(view, 0, 100_000)).hasSize(2);
      view.flush();

      assertThatThrownBy(() -> view.write(0, one))
          .isInstanceOf(StorageException.ReadOnly.class)
          .hasMessage("snapshot s1 is read-only; write to a volume or to a clone of it");
      assertThatThrownBy(() -> view.tryWrite(0, one)).isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> view.writeThrough(0, one))
          .isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> view.discard(0, 1)).isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> view.extend(200_000)).isInstanceOf(StorageException.ReadOnly.class);
      assertThatThrownBy(() -> view.writeZeroes(0, 1, ZeroMode.MAY_PUNCH))
          .isInstanceOf(StorageException.ReadOnly.class);
    }
    assertThatThrownBy(other::flush).isInstanceOf(StorageException.Failed.class);
  }

  @Test
  void theDefaultsOfTheContractAreTheCautiousOnes() throws IOException {
    var bare = new BareDevice();
    var one = MemorySegment.ofArray(new byte[1]);
    assertThat(bare.isReadOnly()).isFalse();
    assertThat(bare.preferredBlockBytes()).isEqualTo(4096);
    assertThat(bare.tryRead(0, one)).isFalse();
    assertThat(bare.tryWrite(0, one)).isFalse();
    bare.writeThrough(0, one);
    assertThat(bare.calls).hasToString("write flush ");
    assertThat(ExtentState.SHARED.needsSpaceToWrite()).isTrue();
    assertThat(ExtentState.ZERO.needsSpaceToWrite()).isFalse();
  }

  private static final class BareDevice implements BlockDevice {
    final StringBuilder calls = new StringBuilder();

    @Override
    public long sizeBytes() {
      return 1;
    }

    @Override
    public void read(long offset, MemorySegment target) {}

    @Override
    public void write(long offset, MemorySegment source) {
      calls.append("write ");
    }

    @Override
    public void flush() {
      calls.append("flush ");
    }

    @Override
    public void discard(long offset, long lengthBytes) {}

    @Override
    public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) {}

    @Override
    public void extents(long offset, long lengthBytes, ExtentVisitor visitor) {}

    @Override
    public void close() {}
  }
}
