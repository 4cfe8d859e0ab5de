package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Who waits for data while another finds that there is no metadata either.
class SpaceQueueTest {

  @Test
  void aWaitForDataTimesOutWhenThePoolHasRunOutOfMetadataMeanwhile() throws IOException {
    try (var metadataDevice = new MemoryDevice(ScenarioPool.METADATA_BYTES);
        var data = new MemoryDevice(8 * BLOCK)) {
      Pool.format(metadataDevice, data, BLOCK);
      var options = PoolOptions.DEFAULT;
      var metadata = PoolMetadata.open(metadataDevice, options.metadataCacheBytes(), true);
      var pool = new PoolState(metadata, metadataDevice, data, options);
      var clock = new SimulatedPoolClock();
      var queue =
          new SpaceQueue(
              pool,
              clock,
              _ -> {
                throw new IOException("this pool does not grow by itself");
              });
      for (int block = 0; block < 8; block++) {
        pool.guarded(metadata::reserveDataBlock);
      }
      try (var waiting = Background.run(() -> queue.await(() -> {}, () -> {}))) {
        while (pool.mode() != PoolMode.OUT_OF_DATA_SPACE) {
          Thread.onSpinWait();
        }
        pool.lock();
        try {
          pool.setMode(PoolMode.OUT_OF_METADATA_SPACE, "no metadata block is free");
        } finally {
          pool.unlock();
        }

        clock.advance(options.noSpaceTimeout());

        assertThatThrownBy(waiting::join).isInstanceOf(StorageException.OutOfSpace.class);
      }
    }
  }
}
