package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

/// Trees beside sorted maps: random changes of trees that share nodes, as snapshots do, with the
/// count of every metadata block and every data block checked at each commit.
class BTreeModelTest {
  private static final int BLOCKS = 20_000;

  @SeededTest(seeds = 24)
  void treesBehaveAsSortedMapsAndEveryBlockIsCounted(Random random) throws IOException {
    new History(random).run(300);
  }

  /// One random history of a pool of trees.
  private static final class History {
    private static final int[] VALUE_BYTES = {8, 24, 500, 1000};

    private final Random random;
    private final MemoryDevice device =
        new MemoryDevice((long) BLOCKS * TransactionManager.BLOCK_BYTES);
    private final MiniPool.Shape shape;
    private final int keyRange;
    private final List<TreeMap<Long, Long>> models = new ArrayList<>();
    private MiniPool pool;

    History(Random random) throws IOException {
      this.random = random;
      int valueBytes = VALUE_BYTES[random.nextInt(VALUE_BYTES.length)];
      this.shape = new MiniPool.Shape(BLOCKS, 1 << 20, valueBytes, 1 << 20);
      this.keyRange = 1 + random.nextInt(120 * BTreeNode.maxEntries(valueBytes));
      this.pool = MiniPool.create(device, shape);
      pool.addTree();
      models.add(new TreeMap<>());
    }

    void run(int steps) throws IOException {
      for (int step = 0; step < steps; step++) {
        int tree = random.nextInt(models.size());
        switch (random.nextInt(14)) {
          case 0, 1, 2 -> putRandomly(tree, random.nextInt(200));
          case 3, 4 -> putRun(tree, random.nextInt(1000));
          case 5 -> putBackwards(tree, random.nextInt(400));
          case 6, 7 -> removeRandomly(tree, random.nextInt(300));
          case 8 -> removeRange(tree);
          case 9 -> snapshot(tree);
          case 10 -> delete(tree);
          case 11 -> compare(tree);
          default -> commit();
        }
      }
      for (int tree = 0; tree < models.size(); tree++) {
        compare(tree);
      }
      while (models.size() > 1) {
        delete(0);
      }
      pool.removeRange(0, 0, Long.MAX_VALUE);
      models.get(0).clear();
      compare(0);
      pool.commit();
      pool.assertEveryBlockIsCounted();
      assertThat(pool.data.allocatedCount()).isZero();
    }

    private long randomKey() {
      return random.nextInt(keyRange);
    }

    private void put(int tree, long key) throws IOException {
      models.get(tree).put(key, pool.put(tree, key));
    }

    private void putRandomly(int tree, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        put(tree, randomKey());
      }
    }

    private void putRun(int tree, int count) throws IOException {
      long first = randomKey();
      for (int i = 0; i < count; i++) {
        put(tree, first + i);
      }
    }

    private void putBackwards(int tree, int count) throws IOException {
      long last = randomKey() + count;
      for (int i = 0; i < count; i++) {
        put(tree, last - i);
      }
    }

    private void removeRandomly(int tree, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        long key = randomKey();
        long expected = models.get(tree).remove(key) == null ? 0 : 1;
        assertThat(pool.remove(tree, key)).isEqualTo(expected);
      }
    }

    private void removeRange(int tree) throws IOException {
      long begin = randomKey();
      long end = begin + (random.nextBoolean() ? random.nextInt(500) : randomKey());
      var range = models.get(tree).subMap(begin, end);
      assertThat(pool.removeRange(tree, begin, end)).isEqualTo(range.size());
      range.clear();
    }

    private void snapshot(int tree) throws IOException {
      if (models.size() < 8) {
        pool.addSnapshot(tree);
        models.add(new TreeMap<>(models.get(tree)));
      }
    }

    private void delete(int tree) throws IOException {
      if (models.size() > 1) {
        pool.deleteTree(tree);
        models.remove(tree);
      }
    }

    private void commit() throws IOException {
      var commit = pool.seal();
      pool.assertEveryBlockIsCounted();
      if (random.nextBoolean()) {
        // The next transaction begins before this one is written.
        putRandomly(random.nextInt(models.size()), 50);
      }
      commit.write();
      commit.complete();
      if (random.nextInt(3) == 0) {
        pool.commit();
        pool = MiniPool.open(device, shape);
        pool.assertEveryBlockIsCounted();
      }
    }

    private void compare(int tree) throws IOException {
      long root = pool.roots.get(tree);
      var model = models.get(tree);
      assertThat(pool.entries(tree)).isEqualTo(model);
      assertThat(pool.tree.highestKey(root))
          .isEqualTo(model.isEmpty() ? OptionalLong.empty() : OptionalLong.of(model.lastKey()));
      for (int i = 0; i < 200; i++) {
        long key = randomKey();
        long expected = model.getOrDefault(key, -1L);
        assertThat(pool.get(tree, key)).isEqualTo(expected);
        if (shape.valueBytes() == Long.BYTES) {
          assertThat(pool.tree.lookup(root, key, -1)).isEqualTo(expected);
        }
      }
      long begin = randomKey();
      long end = begin + random.nextInt(1000);
      assertThat(pool.entries(tree, begin, end)).isEqualTo(model.subMap(begin, end));
    }
  }
}
