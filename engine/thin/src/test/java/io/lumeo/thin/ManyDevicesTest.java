package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// A pool holds very many small devices as gladly as a few large ones.
class ManyDevicesTest {
  private static final int DEVICES = 100_000;

  @Test
  void aHundredThousandIdleDevicesAreInNoMemory() throws IOException {
    try (var metadata = new MemoryDevice(64L << 20);
        var data = new MemoryDevice(64L * BLOCK)) {
      Pool.format(metadata, data, BLOCK);
      var clock = new SimulatedPoolClock();
      try (var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, clock)) {
        pool.createThin(new ThinId(0));
        var pairs = new ArrayList<Pool.SnapshotPair>();
        for (int id = 1; id < DEVICES; id++) {
          pairs.add(new Pool.SnapshotPair(new ThinId(id), new ThinId(0)));
        }
        pool.createSnapshots(pairs);
      }
      try (var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, clock)) {
        assertThat(pool.status().deviceCount()).isEqualTo(DEVICES);
        assertThat(pool.metadata().knownDeviceCount()).isZero();
        var device = pool.openDevice(new ThinId(77_777), 4 * BLOCK, false, null);
        device.write(0, bytes(1, 10));
        assertThat(pool.metadata().knownDeviceCount()).isEqualTo(1);
        pool.createSnapshot(new ThinId(DEVICES), new ThinId(5));
        device.close();
        pool.commit();
        assertThat(pool.metadata().knownDeviceCount()).isZero();
      }
      ScenarioPool.checkSound(metadata);
    }
  }
}
