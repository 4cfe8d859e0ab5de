package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.ThinTools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/// Metadata that is filled to its last block under snapshots, where a write copies shared nodes,
/// counts up all they refer to, and splits what is full. Every write succeeds or is refused,
/// nothing is lost, and what is on disk is sound.
class FullMetadataTest {
  private static final int DATA_BLOCKS = 6_000;
  private static final int VIRTUAL_BLOCKS = 1_500;
  private static final PoolOptions OPTIONS = PoolOptions.DEFAULT.withErrorIfNoSpace(true);

  @TempDir private Path folder;

  /// Small metadata, in which one node is much; from 64 blocks on.
  @SeededTest(seeds = 30)
  void everyWriteSucceedsOrIsRefusedInSmallMetadata(Random random) throws IOException {
    new History(random, 64L + random.nextInt(300)).run();
  }

  /// Larger metadata, in which the overflow trees have many leaves and more than one level.
  @SeededTest(seeds = 6)
  void everyWriteSucceedsOrIsRefusedInLargerMetadata(Random random) throws IOException {
    new History(random, 1_000L + random.nextInt(1_500)).run();
  }

  private final class History {
    private static final int PATIENCE = 60;

    private final Random random;
    private final long metadataBlocks;
    private final ScenarioPool scenario;
    private final Map<Integer, Map<Integer, Integer>> model = new HashMap<>();
    private int nextId;
    private int nextValue = 1;
    private int refused;

    History(Random random, long metadataBlocks) throws IOException {
      this.random = random;
      this.metadataBlocks = metadataBlocks;
      this.scenario = new ScenarioPool(metadataBlocks * 4096, DATA_BLOCKS, BLOCK, OPTIONS);
    }

    void run() throws IOException {
      try (scenario) {
        scenario.pool().createThin(new ThinId(nextId));
        model.put(nextId++, new HashMap<>());
        int inVain = 0;
        while (inVain < PATIENCE) {
          inVain = tryStep() ? 0 : inVain + 1;
          assertThat(scenario.pool().status().needsCheck()).isFalse();
        }
        assertThat(refused).isGreaterThanOrEqualTo(PATIENCE);
        assertNothingIsLost();
        comeBack();
        scenario.reopen(OPTIONS);
        assertNothingIsLost();
      }
    }

    /// Returns whether the pool did what was asked.
    private boolean tryStep() throws IOException {
      try {
        step();
        return true;
      } catch (StorageException.OutOfSpace | StorageException.Unsupported full) {
        refused++;
        return false;
      }
    }

    private void step() throws IOException {
      switch (random.nextInt(40)) {
        case 0, 1 -> snapshot(randomDevice());
        case 2 -> scenario.pool().commit();
        case 3 -> discard(randomDevice());
        case 4 -> {
          if (scenario.pool().status().heldRoot() == null) {
            scenario.pool().reserveMetadataSnapshot();
          } else {
            scenario.pool().releaseMetadataSnapshot();
          }
        }
        default -> write(randomDevice());
      }
    }

    private int randomDevice() {
      return new ArrayList<>(model.keySet()).get(random.nextInt(model.size()));
    }

    private void snapshot(int origin) throws IOException {
      scenario.pool().createSnapshot(new ThinId(nextId), new ThinId(origin));
      model.put(nextId++, new HashMap<>(model.get(origin)));
    }

    /// Single blocks far apart, or many that follow each other.
    private void write(int id) throws IOException {
      boolean together = random.nextInt(4) == 0;
      int first = random.nextInt(VIRTUAL_BLOCKS);
      try (var device = scenario.device(id, VIRTUAL_BLOCKS)) {
        for (int i = 0; i < (together ? 100 : 5); i++) {
          int block = together ? (first + i) % VIRTUAL_BLOCKS : random.nextInt(VIRTUAL_BLOCKS);
          device.write((long) block * BLOCK, bytesOf(nextValue));
          model.get(id).put(block, nextValue++);
        }
      }
    }

    private void discard(int id) throws IOException {
      int begin = random.nextInt(VIRTUAL_BLOCKS);
      int end = Math.min(VIRTUAL_BLOCKS, begin + 1 + random.nextInt(50));
      try (var device = scenario.device(id, VIRTUAL_BLOCKS)) {
        try {
          device.discard((long) begin * BLOCK, (long) (end - begin) * BLOCK);
        } catch (StorageException.OutOfSpace full) {
          // What there was room for is done, from the start on.
          forget(id, begin, firstKept(device, id, begin, end));
          throw full;
        }
      }
      forget(id, begin, end);
    }

    private int firstKept(ThinDevice device, int id, int begin, int end) throws IOException {
      for (int block = begin; block < end; block++) {
        var expected = model.get(id).get(block);
        if (expected != null && holds(device, block, expected)) {
          return block;
        }
      }
      return end;
    }

    private void forget(int id, int begin, int end) {
      model.get(id).keySet().removeIf(block -> block >= begin && block < end);
    }

    private static boolean holds(ThinDevice device, int block, int value) throws IOException {
      var found = MemorySegment.ofArray(ScenarioPool.read(device, (long) block * BLOCK, 4));
      return found.mismatch(bytesOf(value)) == -1;
    }

    private void assertNothingIsLost() throws IOException {
      scenario.pool().commit();
      scenario.checkSound();
      var copy = folder.resolve("metadata");
      MetadataImage.of(scenario.metadata).save(copy);
      ThinTools.expectClean(copy);
      for (var id : List.copyOf(model.keySet())) {
        try (var device = scenario.device(id, VIRTUAL_BLOCKS)) {
          for (int block = 0; block < VIRTUAL_BLOCKS; block++) {
            assertThat(holds(device, block, model.get(id).getOrDefault(block, 0)))
                .as("block %d of device %d", block, id)
                .isTrue();
          }
        }
      }
    }

    /// Discards and deletions are possible when nothing else is, and bring the pool back; but not
    /// from what is too small to hold back what they take, nor from a metadata snapshot that keeps
    /// everything.
    private void comeBack() throws IOException {
      boolean held = scenario.pool().status().heldRoot() != null;
      if (held || metadataBlocks < 160) {
        scenario.pool().extendMetadata((metadataBlocks + 1_000) * 4096);
      }
      if (held) {
        scenario.pool().releaseMetadataSnapshot();
      }
      boolean deletes = random.nextBoolean();
      for (var id : List.copyOf(model.keySet())) {
        if (deletes && model.size() > 1) {
          scenario.pool().delete(new ThinId(id));
          model.remove(id);
        } else {
          try (var device = scenario.device(id, VIRTUAL_BLOCKS)) {
            device.discard(0, (long) VIRTUAL_BLOCKS * BLOCK);
            model.get(id).clear();
          }
        }
        scenario.pool().commit();
      }
      scenario.pool().commit();
      assertThat(scenario.pool().status().mode()).isEqualTo(PoolMode.WRITE);
      write(randomDevice());
    }

    private static MemorySegment bytesOf(int value) {
      var bytes = bytes(0, 4);
      for (int i = 0; i < 4; i++) {
        bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (value >>> (8 * i)));
      }
      return bytes;
    }
  }
}
