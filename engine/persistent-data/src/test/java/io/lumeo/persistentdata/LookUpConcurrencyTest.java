package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/// Readers of snapshots, without a lock, while the origin is changed and commits are written beside
/// both: with a cache so small that blocks come and go all the time, every answer is right.
class LookUpConcurrencyTest {
  private static final MiniPool.Shape SHAPE = new MiniPool.Shape(8192, 100_000, 24, 1 << 17);
  private static final int SNAPSHOTS = 3;

  @SeededTest(seeds = 4)
  void snapshotsAreReadWithoutALockWhileTheirOriginChanges(Random random)
      throws IOException, InterruptedException, ExecutionException {
    var device = new MemoryDevice(SHAPE.metadataBlocks() * TransactionManager.BLOCK_BYTES);
    var pool = MiniPool.create(device, SHAPE);
    pool.addTree();
    var expected = new ArrayList<SortedMap<Long, Long>>();
    for (int i = 0; i < SNAPSHOTS; i++) {
      change(pool, random, 2000);
      pool.addSnapshot(0);
      expected.add(pool.entries(0));
    }
    pool.commit();
    var snapshots = List.copyOf(pool.roots.subList(1, 1 + SNAPSHOTS));
    var done = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(3)) {
      var readers = new ArrayList<Callable<Long>>();
      for (int i = 0; i < 2; i++) {
        long seed = random.nextLong();
        readers.add(() -> readUntil(done, pool.tree, snapshots, expected, new Random(seed)));
      }
      var results = readers.stream().map(threads::submit).toList();
      try {
        for (int round = 0; round < 40; round++) {
          change(pool, random, 300);
          var commit = pool.seal();
          var written =
              threads.submit(() -> {
                commit.write();
                return commit;
              });
          change(pool, random, 300);
          written.get().complete();
        }
      } finally {
        done.set(true);
      }
      for (var result : results) {
        assertThat(result.get()).isPositive();
      }
    }
    pool.seal();
    pool.assertEveryBlockIsCounted();
  }

  private static void change(MiniPool pool, Random random, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      pool.put(0, random.nextInt(5000));
    }
    long begin = random.nextInt(5000);
    pool.removeRange(0, begin, begin + random.nextInt(200));
  }

  private static long readUntil(
      AtomicBoolean done,
      BTree tree,
      List<Long> snapshots,
      List<SortedMap<Long, Long>> expected,
      Random random)
      throws IOException {
    var value = MemorySegment.ofArray(new byte[SHAPE.valueBytes()]);
    long reads = 0;
    do {
      int snapshot = random.nextInt(snapshots.size());
      long key = random.nextInt(5000);
      boolean found = tree.get(snapshots.get(snapshot), key, value);
      long block = found ? value.get(LittleEndian.U64, 0) : -1;
      assertThat(block).isEqualTo(expected.get(snapshot).getOrDefault(key, -1L));
      reads++;
    } while (!done.get());
    return reads;
  }
}
