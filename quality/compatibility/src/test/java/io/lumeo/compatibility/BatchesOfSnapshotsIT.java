package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.ThinTools;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolMode;
import io.lumeo.thin.ThinId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many snapshots on one tick of the snapshot clock, and a volume that was rolled back, are what
/// the kernel never makes itself. It breaks their sharing all the same: whatever it overwrites,
/// what shares blocks with it keeps its content.
class BatchesOfSnapshotsIT {
  private static final long MIB = 1 << 20;
  private static final long BLOCK = 64 << 10;
  private static final int SIZE = 4 << 20;
  private static final int SNAPSHOTS = 200;
  private static final int ORIGIN = 0;
  private static final int OTHER = 1;
  private static final int ROLLED_BACK = 500;
  private static final int ITS_SNAPSHOT = 501;

  @TempDir Path directory;

  @Test
  void theKernelOverwritesWhatIsSharedAndTheOthersStay() throws IOException {
    var metadata = directory.resolve("pool.meta");
    var data = directory.resolve("pool.data");
    OpenPool.format(metadata, 16 * MIB, data, 512 * MIB, BLOCK);
    Map<Integer, String> before;
    try (var open = OpenPool.on(metadata, data)) {
      make(open);
      before = digests(open);
    }
    ThinTools.expectClean(metadata);
    // Of the batch, the first, one in the middle and the last, half of them of either origin.
    var overwritten = List.of(ORIGIN, 2, 101, SNAPSHOTS + 1, ROLLED_BACK);

    var theirs = new TreeMap<Integer, String>();
    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      for (int id : overwritten) {
        kernel.open(id, SIZE);
        assertThat(kernel.sha256(id)).as("device %d there", id).isEqualTo(before.get(id));
      }
      for (int id : overwritten) {
        var bytes = Contents.random(new Random(id), SIZE / 2 + 4096);
        var source = Files.write(directory.resolve("payload-" + id), bytes);
        kernel.write(id, BLOCK / 2, source);
      }
      for (int id : overwritten) {
        theirs.put(id, kernel.sha256(id));
        kernel.close(id);
      }
      assertThat(kernel.statusLine()).contains(" " + PoolMode.WRITE.kernelName() + " ");
    }

    ThinTools.expectClean(metadata);
    var expected = new TreeMap<>(before);
    expected.putAll(theirs);
    assertThat(theirs.values()).doesNotContainAnyElementsOf(before.values());
    try (var open = OpenPool.on(metadata, data)) {
      assertThat(digests(open)).isEqualTo(expected);
    }
  }

  /// Two volumes, [#SNAPSHOTS] snapshots of them on one tick, both written to again, and a third
  /// that went back to its own snapshot.
  private static void make(OpenPool open) throws IOException {
    var pool = open.pool();
    for (int id : List.of(ORIGIN, OTHER, ROLLED_BACK)) {
      pool.createThin(new ThinId(id));
      write(open, id, 0, SIZE, id);
    }
    pool.createSnapshot(new ThinId(ITS_SNAPSHOT), new ThinId(ROLLED_BACK));
    write(open, ROLLED_BACK, SIZE / 4, SIZE / 2, 7);
    long ticks = pool.status().snapshotTime();
    var batch = new ArrayList<Pool.SnapshotPair>();
    for (int id = 2; id < SNAPSHOTS + 2; id++) {
      batch.add(new Pool.SnapshotPair(new ThinId(id), new ThinId(id % 2 == 0 ? ORIGIN : OTHER)));
    }
    pool.createSnapshots(batch);
    assertThat(pool.status().snapshotTime()).isEqualTo(ticks + 1);
    write(open, ORIGIN, SIZE / 2, SIZE / 4, 8);
    pool.rollBack(new ThinId(ROLLED_BACK), new ThinId(ITS_SNAPSHOT));
    pool.commit();
  }

  private static void write(OpenPool open, int id, int offset, int length, int seed)
      throws IOException {
    try (var device = open.device(id, SIZE)) {
      device.write(offset, MemorySegment.ofArray(Contents.random(new Random(seed), length)));
    }
  }

  private static Map<Integer, String> digests(OpenPool open) throws IOException {
    var digests = new TreeMap<Integer, String>();
    for (var details : open.pool().devices()) {
      int id = details.id().value();
      try (var device = open.device(id, SIZE)) {
        digests.put(id, Contents.sha256(device));
      }
    }
    assertThat(digests).hasSize(SNAPSHOTS + 4);
    return digests;
  }
}
