package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.ZeroMode;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;

/// The client on the server beside a plain array, whatever way each request takes: done at once, by
/// a worker, or by a reader that is relieved.
@Timeout(120)
class NbdModelTest {
  private static final int SIZE = 3 << 20;
  private static final int OPERATIONS = 150;

  @SeededTest
  void aDeviceBehindTheWireBehavesAsAnArray(Random random) throws IOException {
    byte[] model = new byte[SIZE];
    try (var server = ServerFixture.of(new MoodyDevice(new MemoryDevice(SIZE), random.nextLong()));
        var client = NbdClient.connect(server.address(), "disk");
        var second = NbdClient.connect(server.address(), "disk")) {
      for (int i = 0; i < OPERATIONS; i++) {
        step(random.nextBoolean() ? client : second, model, random);
      }
      assertThat(read(client, 0, SIZE)).isEqualTo(model);
      assertExtentsFit(client, model);
    }
  }

  private static void step(BlockDevice device, byte[] model, Random random) throws IOException {
    int maxLength = 1 << (random.nextInt(21) + 1);
    int length = 1 + random.nextInt(maxLength);
    int offset = random.nextInt(SIZE - length + 1);
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        device.write(offset, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, model, offset, length);
      }
      case 2 -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        device.writeThrough(offset, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, model, offset, length);
      }
      case 3 -> {
        device.discard(offset, length);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 4 -> {
        var mode = random.nextBoolean() ? ZeroMode.KEEP_ALLOCATED : ZeroMode.MAY_PUNCH;
        device.writeZeroes(offset, length, mode);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 5 -> device.flush();
      default ->
          assertThat(read(device, offset, length))
              .isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
    }
  }

  private static void assertExtentsFit(BlockDevice device, byte[] model) throws IOException {
    long[] end = {0};
    device.extents(
        0,
        SIZE,
        (offset, bytes, state) -> {
          assertThat(offset).isEqualTo(end[0]);
          end[0] = offset + bytes;
          if (state.readsAsZeroes()) {
            byte[] zeroes = Arrays.copyOfRange(model, (int) offset, (int) end[0]);
            assertThat(zeroes).containsOnly(0);
          }
          return true;
        });
    assertThat(end[0]).isEqualTo(SIZE);
  }

  private static byte[] read(BlockDevice device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    device.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Sometimes does at once what it could, sometimes not, sometimes only a part of it, and now and
  /// then takes its time.
  private static final class MoodyDevice extends ForwardingDevice {
    private final Random moods;

    MoodyDevice(BlockDevice target, long seed) {
      super(target);
      this.moods = new Random(seed);
    }

    @Override
    public boolean tryRead(long offset, MemorySegment into) throws IOException {
      return moods.nextBoolean() && super.tryRead(offset, into);
    }

    @Override
    public boolean tryWrite(long offset, MemorySegment source) throws IOException {
      if (moods.nextBoolean()) {
        return super.tryWrite(offset, source);
      }
      super.write(offset, source.asSlice(0, source.byteSize() / 2));
      return false;
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      if (moods.nextInt(8) == 0) {
        LockSupport.parkNanos(2 * Transmission.PATIENCE_NANOS); // as a slow disk would
      }
      super.write(offset, source);
    }
  }
}
