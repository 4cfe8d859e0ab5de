package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Timeout;

/// Flips bits in metadata. With a checksum that tells, every answer is right or an exception; with
/// a forged one an answer may be wrong, but every operation ends, and what it throws is a
/// [StorageException].
@Timeout(60)
class DamagedMetadataFuzzTest {
  private static final MiniPool.Shape SHAPE = new MiniPool.Shape(1024, 40_000, 24, 1 << 18);

  private final MemoryDevice device =
      new MemoryDevice(SHAPE.metadataBlocks() * TransactionManager.BLOCK_BYTES);
  private final MemorySegment block =
      MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);

  private List<SortedMap<Long, Long>> pool(Random random) throws IOException {
    var pool = MiniPool.create(device, SHAPE);
    pool.addTree();
    for (int i = 0; i < 6; i++) {
      int tree = random.nextInt(pool.roots.size());
      long first = random.nextInt(5000);
      for (int key = 0; key < 2500; key++) {
        pool.put(tree, first + key);
      }
      pool.addSnapshot(tree);
      pool.removeRange(tree, first + 100, first + 300);
      pool.commit();
    }
    var entries = new ArrayList<SortedMap<Long, Long>>();
    for (int tree = 0; tree < pool.roots.size(); tree++) {
      entries.add(pool.entries(tree));
    }
    return entries;
  }

  /// Changes a block that is in use.
  private void damage(Random random, boolean forgeChecksum) throws IOException {
    while (true) {
      long number = random.nextInt((int) SHAPE.metadataBlocks());
      device.read(number * TransactionManager.BLOCK_BYTES, block);
      var kind = BlockChecksum.kindOf(block);
      if (kind != null) {
        for (int flips = random.nextInt(3); flips >= 0; flips--) {
          // The headers are where most of the harm can be done.
          int at = random.nextBoolean() ? random.nextInt(80) : random.nextInt(4096);
          byte old = block.get(ValueLayout.JAVA_BYTE, at);
          byte flipped = (byte) (old ^ (1 << random.nextInt(8)));
          block.set(ValueLayout.JAVA_BYTE, at, flipped);
        }
        if (forgeChecksum) {
          BlockChecksum.seal(block, number, kind);
        }
        device.write(number * TransactionManager.BLOCK_BYTES, block);
        return;
      }
    }
  }

  @SeededTest(seeds = 60)
  void everyAnswerIsRightOrTellsOfTheDamage(Random random) throws IOException {
    var expected = pool(random);
    for (int i = random.nextInt(4); i >= 0; i--) {
      damage(random, false);
    }
    try {
      var pool = MiniPool.open(device, SHAPE);
      for (int tree = 0; tree < expected.size(); tree++) {
        for (long key = 0; key < 8000; key += 1 + random.nextInt(20)) {
          try {
            assertThat(pool.get(tree, key)).isEqualTo(expected.get(tree).getOrDefault(key, -1L));
          } catch (StorageException.Damaged e) {
            assertThat(e).hasMessageContaining("metadata block");
          }
        }
      }
    } catch (StorageException.Damaged e) {
      assertThat(e).hasMessageContaining("metadata block");
    }
  }

  @SeededTest(seeds = 150)
  void forgedBlocksNeverMakeAnOperationHangOrFailUnexpectedly(Random random) throws IOException {
    var expected = pool(random);
    for (int i = random.nextInt(4); i >= 0; i--) {
      damage(random, true);
    }
    try {
      var pool = MiniPool.open(device, SHAPE);
      for (int tree = 0; tree < Math.min(expected.size(), pool.roots.size()); tree++) {
        read(pool, tree, random);
      }
      for (int i = 0; i < 30; i++) {
        change(pool, random);
      }
    } catch (StorageException e) {
      assertThat(e).hasMessageContaining("; ");
    }
  }

  private static void read(MiniPool pool, int tree, Random random) throws IOException {
    try {
      for (int i = 0; i < 100; i++) {
        pool.get(tree, random.nextInt(8000));
        pool.tree.isPathShared(pool.roots.get(tree), random.nextInt(8000));
      }
      pool.tree.highestKey(pool.roots.get(tree));
      pool.entries(tree);
    } catch (StorageException.Damaged e) {
      assertThat(e).hasMessageContaining("; ");
    }
    pool.tree.walk(
        pool.roots.get(tree),
        new NodeVisitor() {
          @Override
          public boolean visit(NodeView node, int depth) {
            assertThat(depth).isLessThan(64);
            return true;
          }

          @Override
          public void damaged(long block, long keyBegin, long keyEnd, IOException why) {
            assertThat(why).isInstanceOf(StorageException.Damaged.class);
            assertThat(keyBegin).isLessThan(keyEnd);
          }
        });
  }

  private static void change(MiniPool pool, Random random) throws IOException {
    int tree = random.nextInt(pool.roots.size());
    long key = random.nextInt(8000);
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        for (int i = 0; i < 100; i++) {
          pool.put(tree, key + i);
        }
      }
      case 2 -> {
        for (int i = 0; i < 100; i++) {
          pool.remove(tree, key + i);
        }
      }
      case 3 -> pool.removeRange(tree, key, key + random.nextInt(1000));
      case 4 -> pool.commit();
      default -> {
        if (pool.roots.size() > 1) {
          pool.deleteTree(tree);
        }
      }
    }
  }
}
