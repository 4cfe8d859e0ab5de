package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;

/// Many threads on several connections, on a device whose every call takes about as long as the
/// watch's patience: readers are relieved at any moment, with many requests behind the slow one.
@Timeout(120)
class NbdStressTest {
  private static final int CONNECTIONS = 3;
  private static final int THREADS = 12;
  private static final int REGION_BYTES = 256 << 10;
  private static final int STEPS = 25;
  private static final int SIZE = CONNECTIONS * THREADS * REGION_BYTES;

  @SeededTest(seeds = 6)
  void everyThreadFindsWhatItWrote(Random random) throws Exception {
    try (var server = ServerFixture.of(new HesitantDevice(new MemoryDevice(SIZE)));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<NbdClient> clients = new ArrayList<>();
      List<Callable<Void>> all = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        var client = NbdClient.connect(server.address(), "disk");
        clients.add(client);
        for (int j = 0; j < THREADS; j++) {
          long start = (long) (i * THREADS + j) * REGION_BYTES;
          var own = new Random(random.nextLong());
          all.add(() -> work(client, start, own));
        }
      }
      for (var one : threads.invokeAll(all)) {
        assertThat(one.get()).isNull();
      }
      for (var client : clients) {
        client.close();
      }
      server.await(statistics -> statistics.connections() == 0);
      assertThat(server.server.statistics().bytesInFlight()).isZero();
    }
  }

  private static Void work(BlockDevice device, long start, Random random) throws IOException {
    byte[] model = new byte[REGION_BYTES];
    for (int i = 0; i < STEPS; i++) {
      int length = 1 + random.nextInt(1 << (6 + random.nextInt(12)));
      int at = random.nextInt(REGION_BYTES - length + 1);
      if (random.nextInt(3) > 0) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        device.write(start + at, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, model, at, length);
      } else {
        byte[] bytes = new byte[length];
        device.read(start + at, MemorySegment.ofArray(bytes));
        assertThat(bytes).isEqualTo(Arrays.copyOfRange(model, at, at + length));
      }
    }
    byte[] bytes = new byte[REGION_BYTES];
    device.read(start, MemorySegment.ofArray(bytes));
    assertThat(bytes).isEqualTo(model);
    return null;
  }

  private static final class HesitantDevice extends ForwardingDevice {
    HesitantDevice(BlockDevice target) {
      super(target);
    }

    @Override
    public boolean tryRead(long offset, MemorySegment into) throws IOException {
      return offset % 3 == 0 && super.tryRead(offset, into);
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      hesitate(offset);
      super.write(offset, source);
    }

    @Override
    public void read(long offset, MemorySegment into) throws IOException {
      hesitate(offset);
      super.read(offset, into);
    }

    /// As a slow disk would: up to three times the patience.
    private static void hesitate(long offset) {
      LockSupport.parkNanos(offset % 7 * Transmission.PATIENCE_NANOS / 2);
    }
  }
}
