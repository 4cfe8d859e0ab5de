package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Trees beside sorted maps: random changes of trees that share nodes, as snapshots do, with the
/// counts of all metadata blocks checked after every commit.
class BTreeModelTest {
  private static final int BLOCKS = 16384;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void treesBehaveAsSortedMapsAndCountEveryNode(long seed) throws IOException {
    new History(new Random(seed)).run(400);
  }

  /// One random history of a pool of trees.
  private static final class History {
    private final Random random;
    private final MemoryDevice device =
        new MemoryDevice((long) BLOCKS * TransactionManager.BLOCK_BYTES);
    private MiniPool pool;
    private final List<TreeMap<Long, Long>> models = new ArrayList<>();
    private final int keyRange;

    History(Random random) throws IOException {
      this.random = random;
      this.keyRange = 1 + random.nextInt(60_000);
      this.pool = MiniPool.create(device, BLOCKS, 1000);
      pool.roots.add(pool.tree.createEmpty());
      models.add(new TreeMap<>());
    }

    void run(int steps) throws IOException {
      for (int step = 0; step < steps; step++) {
        int tree = random.nextInt(models.size());
        switch (random.nextInt(12)) {
          case 0, 1, 2 -> insertRandomly(tree, random.nextInt(300));
          case 3, 4 -> insertRun(tree, random.nextInt(2000));
          case 5 -> insertBackwards(tree, random.nextInt(600));
          case 6 -> removeRandomly(tree, random.nextInt(300));
          case 7 -> removeRange(tree);
          case 8 -> snapshot(tree);
          case 9 -> delete(tree);
          case 10 -> compare(tree);
          default -> commit();
        }
      }
      for (int tree = 0; tree < models.size(); tree++) {
        compare(tree);
      }
      while (models.size() > 1) {
        delete(0);
      }
      pool.roots.set(0, pool.tree.removeRange(pool.roots.get(0), 0, Long.MAX_VALUE).root());
      models.get(0).clear();
      commit();
      compare(0);
    }

    private long randomKey() {
      return random.nextInt(keyRange);
    }

    private void insert(int tree, long key) throws IOException {
      long value = random.nextLong();
      pool.roots.set(tree, pool.tree.insert(pool.roots.get(tree), key, value));
      models.get(tree).put(key, value);
    }

    private void insertRandomly(int tree, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        insert(tree, randomKey());
      }
    }

    private void insertRun(int tree, int count) throws IOException {
      long first = randomKey();
      for (int i = 0; i < count; i++) {
        insert(tree, first + i);
      }
    }

    private void insertBackwards(int tree, int count) throws IOException {
      long last = randomKey() + count;
      for (int i = 0; i < count; i++) {
        insert(tree, last - i);
      }
    }

    private void removeRandomly(int tree, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        long key = randomKey();
        var removal = pool.tree.remove(pool.roots.get(tree), key);
        pool.roots.set(tree, removal.root());
        assertThat(removal.count()).isEqualTo(models.get(tree).remove(key) == null ? 0 : 1);
      }
    }

    private void removeRange(int tree) throws IOException {
      long begin = randomKey();
      long end = begin + (random.nextBoolean() ? random.nextInt(500) : randomKey());
      var removal = pool.tree.removeRange(pool.roots.get(tree), begin, end);
      pool.roots.set(tree, removal.root());
      var range = models.get(tree).subMap(begin, end);
      assertThat(removal.count()).isEqualTo(range.size());
      range.clear();
    }

    private void snapshot(int tree) throws IOException {
      if (models.size() < 8) {
        pool.transaction.increment(pool.roots.get(tree));
        pool.roots.add(pool.roots.get(tree));
        models.add(new TreeMap<>(models.get(tree)));
      }
    }

    private void delete(int tree) throws IOException {
      if (models.size() > 1) {
        pool.tree.delete(pool.roots.remove(tree));
        models.remove(tree);
      }
    }

    private void commit() throws IOException {
      var commit = pool.seal();
      pool.assertEveryBlockIsCounted();
      commit.write();
      commit.complete();
      if (random.nextInt(4) == 0) {
        pool = MiniPool.open(device);
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
        Long expected = model.get(key);
        assertThat(pool.tree.lookup(root, key, -1)).isEqualTo(expected == null ? -1 : expected);
      }
      long begin = randomKey();
      long end = begin + random.nextInt(1000);
      var range = new TreeMap<Long, Long>();
      pool.tree.forEach(
          root,
          begin,
          end,
          (key, value) -> {
            range.put(key, value);
            return true;
          });
      assertThat(range).isEqualTo(model.subMap(begin, end));
    }
  }
}
