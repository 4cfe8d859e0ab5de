package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What is said of the cost of a change before it, beside what the change takes.
class TreeCostTest {
  private static final int BLOCKS = 16_384;
  private static final TreeCost COST = TreeCost.ofValues(Long.BYTES);
  private static final int FULL = 252;
  private static final int MIN = 84;

  private final MemoryDevice device =
      new MemoryDevice((long) BLOCKS * TransactionManager.BLOCK_BYTES);

  @Test
  void aTreeHasSoManyLevelsAsItsEntriesCanFillToOneThird() {
    assertThat(COST.levels(0)).isEqualTo(1);
    assertThat(COST.levels(2 * MIN - 1)).isEqualTo(1);
    assertThat(COST.levels(2 * MIN)).isEqualTo(2);
    assertThat(COST.levels(2 * MIN * MIN - 1)).isEqualTo(2);
    assertThat(COST.levels(2 * MIN * MIN)).isEqualTo(3);
  }

  @Test
  void aFullLeafThatIsTheRootBecomesThreeNodes() throws IOException {
    var transaction = TransactionManager.create(device, BLOCKS, 1 << 20);
    var tree = new BTree(transaction, ValueType.plain(Long.BYTES));
    long root = fill(tree, FULL);
    root = newTransaction(transaction, root);
    long before = transaction.allocatableBlockCount();

    tree.insert(root, 1000, 0);

    assertThat(before - transaction.allocatableBlockCount()).isEqualTo(3);
    assertThat(COST.toAdd(FULL, FULL + 1, 1, 1)).isGreaterThanOrEqualTo(3);
  }

  private static long fill(BTree tree, int entries) throws IOException {
    long root = tree.createEmpty();
    for (int key = 0; key < entries; key++) {
      root = tree.insert(root, key, key);
    }
    return root;
  }

  /// Commits to a superblock that nobody reads, so that all that follows has to copy.
  private static long newTransaction(TransactionManager transaction, long root) throws IOException {
    var sealed = transaction.seal();
    sealed.write(MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]));
    sealed.complete();
    return root;
  }

  /// Trees that were made by appending, backwards, at random and with holes, which are full, half
  /// full and a third full; each change is the first of a transaction.
  @SeededTest(seeds = 40)
  void noChangeTakesMoreBlocksThanWasSaid(Random random) throws IOException {
    var transaction = TransactionManager.create(device, BLOCKS, 16 << 20);
    var tree = new BTree(transaction, ValueType.plain(Long.BYTES));
    var keys = new TreeSet<Long>();
    int range = 1 << (7 + random.nextInt(12));
    int way = random.nextInt(3);
    long root = tree.createEmpty();
    for (int i = 0; i < range / 2; i++) {
      long key =
          switch (way) {
            case 0 -> i;
            case 1 -> range - i;
            default -> random.nextInt(range);
          };
      keys.add(key);
      root = tree.insert(root, key, key);
    }
    for (int round = 0; round < 60 && !keys.isEmpty(); round++) {
      root = newTransaction(transaction, root);
      int changes = 1 + random.nextInt(round % 3 == 0 ? 1 : 300);
      long before = transaction.allocatableBlockCount();
      long said;
      if (random.nextInt(3) == 0) {
        said = COST.toRemove(keys.size(), changes);
        root = removeSome(random, tree, root, keys, changes);
      } else {
        said = COST.toAdd(keys.size(), keys.size() + changes, changes, changes);
        root = addSome(random, tree, root, keys, changes, range);
      }
      assertThat(before - transaction.allocatableBlockCount())
          .as("blocks that %d changes took, of %d entries", changes, keys.size())
          .isLessThanOrEqualTo(said);
      assertThat(nodes(tree, root)).isBetween(1L, COST.nodes(keys.size()));
    }
  }

  private static long nodes(BTree tree, long root) throws IOException {
    long[] count = {0};
    tree.walk(
        root,
        new NodeVisitor() {
          @Override
          public boolean visit(NodeView node, int depth) {
            count[0]++;
            return true;
          }

          @Override
          public void damaged(long block, long keyBegin, long keyEnd, IOException why)
              throws IOException {
            throw why;
          }
        });
    return count[0];
  }

  private static long removeSome(
      Random random, BTree tree, long root, NavigableSet<Long> keys, int changes)
      throws IOException {
    long current = root;
    for (int i = 0; i < changes && !keys.isEmpty(); i++) {
      var key = keys.ceiling((long) random.nextInt((int) (keys.last() + 1)));
      if (key != null && keys.remove(key)) {
        current = tree.remove(current, key).root();
      }
    }
    return current;
  }

  private static long addSome(
      Random random, BTree tree, long root, NavigableSet<Long> keys, int changes, int range)
      throws IOException {
    long current = root;
    boolean together = random.nextBoolean();
    long first = random.nextInt(range);
    for (int i = 0; i < changes; i++) {
      long key = together ? first + i : random.nextInt(2 * range);
      keys.add(key);
      current = tree.insert(current, key, key);
    }
    return current;
  }
}
