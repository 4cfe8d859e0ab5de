package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import io.lumeo.thin.PoolOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/// The promise of `base:allocation`: where the map of an export shows no hole, a write does not
/// fail for lack of space, however full the pool is. Blocks that a snapshot shares are the trap.
class WhatIsNotAHoleHasItsSpaceIT {
  private static final int MIB = 1 << 20;
  private static final int BLOCK = 64 << 10;
  private static final long SIZE = 32 * MIB;

  @TempDir Path directory;

  @SeededTest(seeds = 5)
  void inAFullPoolEveryWriteOutsideOfHolesSucceeds(Random random) throws IOException {
    var options = PoolOptions.DEFAULT.withErrorIfNoSpace(true);
    try (var pool = ServedPool.in(directory, 64 * MIB, options)) {
      pool.createVolume("vol0", SIZE);
      pool.createVolume("greedy", 10 * SIZE);
      try (var volume = pool.connect("vol0");
          var greedy = pool.connect("greedy")) {
        write(volume, 2 * MIB, 16 * MIB, random);
        pool.createSnapshot("snap", "vol0");
        write(volume, 4 * MIB, 3 * MIB, random);
        volume.discard(10 * MIB, MIB);
        pool.createVolume("unused", SIZE);
        fill(greedy);

        var offsets = new ArrayList<Long>();
        volume.extents(
            0,
            SIZE,
            (offset, length, state) -> {
              if (!state.needsSpaceToWrite()) {
                for (long at = offset; at < offset + length; at += BLOCK) {
                  offsets.add(at);
                }
              }
              return true;
            });
        assertThat(offsets).isNotEmpty();
        Collections.shuffle(offsets, random);
        for (long offset : offsets) {
          write(volume, offset, 1 + random.nextInt(BLOCK), random);
        }
        volume.flush();
        assertThat(stateAt(volume, 0)).isEqualTo(ExtentState.HOLE);
        assertThatThrownBy(() -> write(volume, 0, 512, random))
            .isInstanceOf(StorageException.OutOfSpace.class);
      }
    }
  }

  private static void fill(BlockDevice greedy) throws IOException {
    var block = MemorySegment.ofArray(new byte[BLOCK]).fill((byte) 1);
    boolean full = false;
    for (long at = 0; !full; at += BLOCK) {
      try {
        greedy.write(at, block);
      } catch (StorageException.OutOfSpace expected) {
        full = true;
      }
    }
  }

  private static ExtentState stateAt(BlockDevice device, long offset) throws IOException {
    var found = new ArrayList<ExtentState>();
    device.extents(offset, BLOCK, (_, _, state) -> found.add(state));
    return found.getFirst();
  }

  private static void write(BlockDevice device, long offset, int length, Random random)
      throws IOException {
    device.write(offset, MemorySegment.ofArray(Contents.random(random, length)));
  }
}
