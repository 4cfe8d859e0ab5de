package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/// Random histories beside a plain model: the same content after every step, sound metadata after
/// every commit.
class PoolModelTest {
  private static final long METADATA_BYTES = 4L << 20;
  private static final long BLOCK_BYTES = 64 << 10;

  @SeededTest(seeds = 30)
  void thePoolSaysWhatTheModelSays(Random random) throws IOException {
    try (var metadata = new MemoryDevice(METADATA_BYTES);
        var data = new MemoryDevice(512 * BLOCK_BYTES)) {
      Pool.format(metadata, data, BLOCK_BYTES);
      var clock = new SimulatedPoolClock();
      var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, clock);
      var model = new ModelPool(random, pool);
      try {
        for (int step = 0; step < 400; step++) {
          model.step();
          if (random.nextInt(50) == 0) {
            clock.advance(Duration.ofSeconds(1));
            model.checkAll();
          }
          if (random.nextInt(100) == 0) {
            pool.close();
            assertSound(metadata);
            pool = Pool.open(metadata, data, PoolOptions.DEFAULT, clock);
            model.reopened(pool);
            model.checkAll();
          }
        }
        pool.close();
        assertSound(metadata);
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(String.join("\n", model.log), e);
      }
    }
  }

  static void assertSound(io.lumeo.block.BlockDevice metadata) throws IOException {
    assertThat(new MetadataCheck(metadata, Progress.NONE).run().problems()).isEmpty();
  }
}
