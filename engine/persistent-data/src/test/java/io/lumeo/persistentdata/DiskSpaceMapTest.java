package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiskSpaceMapTest {
  private final MemoryDevice device = new MemoryDevice(4096L * TransactionManager.BLOCK_BYTES);

  @Test
  void allocationGoesForwardAndSkipsWhatIsInUse() throws IOException {
    var data = MiniPool.create(device, MiniPool.Shape.of(4096, 100)).data;
    data.increment(3, 5);

    for (long expected : new long[] {0, 1, 2, 5, 6}) {
      assertThat(data.allocate()).isEqualTo(expected);
    }
    assertThat(data.allocatedCount()).isEqualTo(7);
  }

  @Test
  void aFreedBlockIsNotReusedBeforeTheCommit() throws IOException {
    var pool = MiniPool.create(device, MiniPool.Shape.of(4096, 2));
    assertThat(pool.data.allocate()).isZero();
    assertThat(pool.data.allocate()).isOne();
    pool.commit();
    pool.data.decrement(0, 1);

    assertThat(pool.data.allocate()).isEqualTo(-1);
    assertThat(pool.data.freeCount()).isOne();
    var commit = pool.seal();
    assertThat(pool.data.allocate()).isEqualTo(-1);
    commit.write();
    assertThat(pool.data.allocate()).isEqualTo(-1);
    commit.complete();
    assertThat(pool.data.allocate()).isZero();
    assertThat(pool.data.allocate()).isEqualTo(-1);
  }

  @Test
  void aReservedBlockIsNobodyElsesAndNotInUse() throws IOException {
    var pool = MiniPool.create(device, MiniPool.Shape.of(4096, 2));
    long first = pool.data.reserve();
    assertThat(first).isZero();
    assertThat(pool.data.count(first)).isZero();
    assertThat(pool.data.allocate()).isOne();
    assertThat(pool.data.allocate()).isEqualTo(-1);
    assertThat(pool.data.allocatableCount()).isZero();

    pool.data.cancelReservation(first);
    assertThat(pool.data.reserve()).isZero();
    pool.data.take(first);

    assertThat(pool.data.count(first)).isOne();
    assertThat(pool.data.freeCount()).isZero();
  }

  @Test
  void aBlockThatWasSharedInTheLastCommitIsSoUntilTheNextIsDurable() throws IOException {
    var pool = MiniPool.create(device, MiniPool.Shape.of(4096, 100));
    pool.data.increment(0, 10);
    pool.data.increment(5, 8);
    pool.commit();
    assertThat(pool.data.isSharedOrWas(4)).isFalse();
    pool.data.decrement(5, 6);
    pool.data.markWereShared(1, 2);

    var commit = pool.seal();
    for (long block : new long[] {1, 5, 6}) {
      assertThat(pool.data.isSharedOrWas(block)).isTrue();
    }
    commit.write();
    commit.complete();

    assertThat(pool.data.isSharedOrWas(1)).isFalse();
    assertThat(pool.data.isSharedOrWas(5)).isFalse();
    assertThat(pool.data.isSharedOrWas(6)).isTrue();
  }

  /// Hints that another program got wrong must not hide space.
  @Test
  void freeBlocksAreFoundEvenIfTheIndexDeniesThem() throws IOException {
    var shape = MiniPool.Shape.of(4096, 20_000);
    var pool = MiniPool.create(device, shape);
    pool.data.increment(0, 20_000);
    pool.data.decrement(100, 101);
    var root = pool.data.commit();
    var index = new BTree(pool.transaction, ValueType.plain(IndexEntry.BYTES));
    var entry = MemorySegment.ofArray(new byte[IndexEntry.BYTES]);
    assertThat(index.get(root.bitmapRoot(), 0, entry)).isTrue();
    assertThat(IndexEntry.read(entry, 0).noneFreeBefore()).isEqualTo(100);
    new IndexEntry(IndexEntry.read(entry, 0).block(), 1, 5000).write(entry, 0);
    long wrong = index.insert(root.bitmapRoot(), 0, entry);

    var reopened =
        DiskSpaceMap.open(
            pool.transaction, new SpaceMapRoot(20_000, 0, wrong, root.refCountRoot()));

    assertThat(reopened.allocate()).isEqualTo(100);
    assertThat(reopened.allocate()).isEqualTo(-1);
  }

  @Test
  void aSpaceMapThatIsNotWholeIsDamage() throws IOException {
    var pool = MiniPool.create(device, MiniPool.Shape.of(4096, 20_000));
    var root = pool.data.commit();

    for (long blocks : new long[] {-1, 1L << 60}) {
      var wrong = new SpaceMapRoot(blocks, 0, root.bitmapRoot(), root.refCountRoot());
      assertThatThrownBy(() -> DiskSpaceMap.open(pool.transaction, wrong))
          .isInstanceOf(StorageException.Damaged.class)
          .hasMessageContaining("claims %d blocks".formatted(blocks));
    }
    var larger = new SpaceMapRoot(40_000, 0, root.bitmapRoot(), root.refCountRoot());
    assertThatThrownBy(() -> DiskSpaceMap.open(pool.transaction, larger))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("has 2 of its 3 bitmaps");
    assertThatThrownBy(() -> pool.data.extend(19_999))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  @Test
  void freedBlocksAreToldInRuns() throws IOException {
    var pool = MiniPool.create(device, MiniPool.Shape.of(4096, 40_000));
    pool.data.increment(0, 40_000);
    pool.data.decrement(10, 20);
    pool.data.decrement(16_000, 17_000);
    pool.data.increment(16_500, 16_501);
    pool.data.decrement(39_999, 40_000);
    var freed = pool.data.sealFreed();
    var runs = new StringBuilder();

    freed.forEachRun((begin, end) -> runs.append(begin).append('-').append(end).append(' '));

    assertThat(runs).hasToString("10-20 16000-16500 16501-17000 39999-40000 ");
    assertThat(freed.count()).isEqualTo(1010);
    assertThat(freed.isEmpty()).isFalse();
  }

  @Test
  void referringToABlockThatIsNotCountedIsDamage() throws IOException {
    var data = MiniPool.create(device, MiniPool.Shape.of(4096, 100)).data;

    assertThatThrownBy(() -> data.decrement(7, 8))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessage("data block 7 is referred to but not counted; check the metadata");
    assertThatThrownBy(() -> data.increment(99, 101))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("there are only 100");
  }

  @SeededTest(seeds = 10)
  void countsAreThoseOfAnArray(Random random) throws IOException {
    var pool = MiniPool.create(device, MiniPool.Shape.of(4096, 20_000));
    var counts = new int[20_000];
    for (int step = 0; step < 300; step++) {
      int begin = random.nextInt(counts.length);
      int end = Math.min(counts.length, begin + random.nextInt(400));
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          pool.data.increment(begin, end);
          for (int i = begin; i < end; i++) {
            counts[i]++;
          }
        }
        case 3, 4 -> {
          while (end > begin && Arrays.stream(counts, begin, end).anyMatch(c -> c == 0)) {
            end--;
          }
          pool.data.decrement(begin, end);
          for (int i = begin; i < end; i++) {
            counts[i]--;
          }
        }
        case 5 -> {
          for (int i = 0; i < 50; i++) {
            int block = (int) pool.data.allocate();
            assertThat(counts[block]++).isZero();
          }
        }
        case 6 -> {
          var commit = pool.seal();
          commit.write();
          commit.complete();
          pool = MiniPool.open(device, MiniPool.Shape.of(4096, 20_000));
          assertCounts(pool.data, counts);
        }
        default -> {
          counts = Arrays.copyOf(counts, counts.length + random.nextInt(3000));
          pool.data.extend(counts.length);
        }
      }
    }
    assertCounts(pool.data, counts);
  }

  private static void assertCounts(DiskSpaceMap data, int[] counts) throws IOException {
    assertThat(data.blockCount()).isEqualTo(counts.length);
    assertThat(data.freeCount()).isEqualTo(Arrays.stream(counts).filter(c -> c == 0).count());
    var actual = new int[counts.length];
    for (int block = 0; block < counts.length; block++) {
      actual[block] = data.count(block);
    }
    assertThat(actual).isEqualTo(counts);
  }
}
