package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.PowerCut;
import io.lumeo.testing.PowerSupply;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Cuts the power at every write and flush of a random history: what is found afterwards is the
/// last commit that completed, or the one that was being written, whole.
class PoolCrashTest {
  private static final MiniPool.Shape SHAPE = new MiniPool.Shape(2048, 100_000, 500, 1 << 18);
  private static final long DISK_BYTES = SHAPE.metadataBlocks() * TransactionManager.BLOCK_BYTES;

  @SeededTest(seeds = 10)
  void aCrashLeavesTheLastCommitWhole(Random random) throws IOException {
    long seed = random.nextLong();
    var uncut = new History(seed, new PowerSupply());
    uncut.run();
    for (long operation = 1; operation <= uncut.power.operations(); operation++) {
      var history = new History(seed, new PowerSupply().cutAt(operation));
      try {
        history.run();
      } catch (PowerCut cut) {
        history.assertSurvives(random);
      }
    }
  }

  private static final class History {
    private final Random random;
    private final PowerSupply power;
    private final CrashingDisk disk;

    /// The trees' entries at the last completed commit, and in the one that is being written.
    private List<Map<Long, Long>> committed = List.of();

    private List<Map<Long, Long>> sealed = List.of();

    History(long seed, PowerSupply power) {
      this.random = new Random(seed);
      this.power = power;
      this.disk = new CrashingDisk(DISK_BYTES, power);
    }

    void run() throws IOException {
      var pool = MiniPool.create(disk, SHAPE);
      pool.addTree();
      for (int round = 0; round < 12; round++) {
        change(pool);
        sealed = entries(pool);
        var commit = pool.seal();
        if (random.nextBoolean()) {
          change(pool);
        }
        commit.write();
        committed = sealed;
        commit.complete();
        if (random.nextInt(4) == 0) {
          // What was changed meanwhile is forgotten.
          pool = MiniPool.open(disk, SHAPE);
        }
      }
    }

    private void change(MiniPool pool) throws IOException {
      for (int i = random.nextInt(6); i >= 0; i--) {
        int tree = random.nextInt(pool.roots.size());
        switch (random.nextInt(6)) {
          case 0, 1, 2 -> {
            long first = random.nextInt(500);
            for (int key = 0; key < random.nextInt(60); key++) {
              pool.put(tree, first + key);
            }
          }
          case 3 -> pool.removeRange(tree, random.nextInt(300), random.nextInt(600));
          case 4 -> {
            if (pool.roots.size() < 6) {
              pool.addSnapshot(tree);
            }
          }
          default -> {
            if (pool.roots.size() > 1) {
              pool.deleteTree(tree);
            }
          }
        }
      }
    }

    private static List<Map<Long, Long>> entries(MiniPool pool) throws IOException {
      var entries = new ArrayList<Map<Long, Long>>();
      for (int tree = 0; tree < pool.roots.size(); tree++) {
        entries.add(pool.entries(tree));
      }
      return entries;
    }

    void assertSurvives(Random crash) throws IOException {
      var survivor = disk.crash(crash);
      if (committed.isEmpty() && !hasSuperblock(survivor)) {
        return;
      }
      var pool = MiniPool.open(survivor, SHAPE);
      assertThat(entries(pool)).isIn(committed, sealed);
      pool.assertEveryBlockIsCounted();
    }

    /// Whether the first commit of all has reached the disk.
    private static boolean hasSuperblock(CrashingDisk disk) throws IOException {
      var block = MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);
      disk.read(0, block);
      return BlockChecksum.kindOf(block) == BlockKind.SUPERBLOCK;
    }
  }
}
