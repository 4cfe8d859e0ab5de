package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.ThinTools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/// What power cuts leave of the metadata, in the eyes of a checker that others wrote: samples of
/// the crashes that [PoolCrashTest] has our own look at.
class CrashImagesTest {
  private static final long METADATA_BYTES = 1L << 20;
  private static final long BLOCK_BYTES = 64 << 10;
  private static final int STEPS = 200;

  /// One in so many operations of the metadata disk is looked at.
  private static final int SAMPLE = 4;

  @TempDir Path folder;

  @SeededTest(seeds = 3)
  void theChecksFindNothingWrongWithWhatAPowerCutLeaves(Random random) throws IOException {
    var metadata = new CrashingDisk(METADATA_BYTES);
    var data = new CrashingDisk(128 * BLOCK_BYTES);
    Pool.format(metadata, data, BLOCK_BYTES);
    var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new SimulatedPoolClock());
    var model = new ModelPool(random, pool);
    int[] seen = {0};
    int[] looked = {0};
    metadata.inject((operation, _, _) -> {
      if (operation != Fault.Operation.READ && seen[0]++ % SAMPLE == 0) {
        looked[0]++;
        expectClean(metadata.crash(new Random(random.nextLong())));
      }
    });
    for (int step = 0; step < STEPS; step++) {
      model.step();
    }
    metadata.inject(Fault.NONE);
    assertThat(looked[0]).as("images looked at").isGreaterThan(20);
    pool.close();
  }

  private void expectClean(CrashingDisk found) throws IOException {
    byte[] bytes = new byte[(int) found.sizeBytes()];
    found.read(0, MemorySegment.ofArray(bytes));
    ThinTools.expectClean(Files.write(folder.resolve("metadata"), bytes));
  }
}
