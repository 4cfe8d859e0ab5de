package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetadataSpaceMapTest {
  private static final long CACHE_BYTES = 1 << 20;

  private final MemorySegment superblock =
      MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);

  private static BlockDevice device(long blocks) {
    return new MemoryDevice(blocks * TransactionManager.BLOCK_BYTES);
  }

  private SpaceMapRoot commit(TransactionManager transaction) throws IOException {
    var sealed = transaction.seal();
    sealed.write(superblock);
    sealed.complete();
    return sealed.metadataRoot();
  }

  @Test
  void newMetadataUsesTheSuperblockTheIndexTheBitmapsAndTheOverflowRoot() throws IOException {
    var transaction = TransactionManager.create(device(40_000), 40_000, CACHE_BYTES);

    var root = commit(transaction);

    assertThat(root.blockCount()).isEqualTo(40_000);
    assertThat(root.allocatedCount()).isEqualTo(1 + 1 + 3 + 1);
    assertThat(transaction.freeBlockCount()).isEqualTo(40_000 - 6);
  }

  @Test
  void theLastBitmapsFreeEntriesAreCountedPastTheEndAsTheKernelDoes() throws IOException {
    var transaction = TransactionManager.create(device(20_000), 20_000, CACHE_BYTES);

    var root = commit(transaction);

    var index = transaction.read(root.bitmapRoot(), BlockKind.INDEX);
    assertThat(IndexEntry.read(index, IndexEntry.offsetInBlock(1)).freeCount())
        .isEqualTo(Bitmap.ENTRIES);
    assertThat(IndexEntry.read(index, IndexEntry.offsetInBlock(2)))
        .isEqualTo(new IndexEntry(0, 0, 0));
  }

  @Test
  void aFreedBlockIsNotReusedBeforeTheCommit() throws IOException {
    var transaction = TransactionManager.create(device(32), 32, CACHE_BYTES);
    long block = transaction.newBlock(BlockKind.BITMAP).block();
    commit(transaction);
    transaction.decrement(block);
    assertThat(transaction.count(block)).isZero();

    assertThat(allocateAll(transaction, 6)).doesNotContain(block);
    var sealed = transaction.seal();
    assertThat(allocateAll(transaction, 6)).doesNotContain(block);
    sealed.write(superblock);
    assertThat(transaction.allocatableBlockCount()).isPositive();
    sealed.complete();
    assertThat(allocateAll(transaction, (int) transaction.allocatableBlockCount())).contains(block);
  }

  private static List<Long> allocateAll(TransactionManager transaction, int count)
      throws IOException {
    var blocks = new ArrayList<Long>();
    for (int i = 0; i < count; i++) {
      blocks.add(transaction.newBlock(BlockKind.BITMAP).block());
    }
    return blocks;
  }

  @Test
  void runningOutOfMetadataSaysWhatToDo() throws IOException {
    var transaction = TransactionManager.create(device(16), 16, CACHE_BYTES);
    var blocks = allocateAll(transaction, (int) transaction.allocatableBlockCount());

    assertThatThrownBy(() -> transaction.newBlock(BlockKind.BITMAP))
        .isInstanceOf(StorageException.OutOfSpace.class)
        .hasMessage("all 16 metadata blocks are in use; extend the metadata");
    transaction.decrement(blocks.getFirst());
    assertThatThrownBy(() -> transaction.newBlock(BlockKind.BITMAP))
        .isInstanceOf(StorageException.OutOfSpace.class)
        .hasMessage(
            "all 1 free metadata blocks were freed since the last commit; commit, or extend the"
                + " metadata");
  }

  @Test
  void aBlockThatIsNotInUseCannotBeReferredTo() throws IOException {
    var transaction = TransactionManager.create(device(16), 16, CACHE_BYTES);

    for (long block : new long[] {-1, 12, 16, Long.MAX_VALUE}) {
      assertThat(transaction.count(block)).isZero();
      assertThatThrownBy(() -> transaction.increment(block))
          .isInstanceOf(StorageException.Damaged.class)
          .hasMessageContaining(
              "metadata block %d is referred to but not counted".formatted(block));
      assertThatThrownBy(() -> transaction.decrement(block))
          .isInstanceOf(StorageException.Damaged.class);
    }
  }

  @Test
  void manyReferencesToManyBlocksAreCounted() throws IOException {
    var device = device(4096);
    var transaction = TransactionManager.create(device, 4096, CACHE_BYTES);
    var blocks = allocateAll(transaction, 1000);
    for (int i = 0; i < blocks.size(); i++) {
      for (int extra = 0; extra < i % 100; extra++) {
        transaction.increment(blocks.get(i));
      }
    }

    var reopened = TransactionManager.open(device, commit(transaction), CACHE_BYTES);

    for (int i = 0; i < blocks.size(); i++) {
      assertThat(reopened.count(blocks.get(i))).isEqualTo(1 + i % 100);
    }
  }

  @SeededTest(seeds = 12)
  void countsAreThoseOfAMap(Random random) throws IOException {
    var device = device(60_000);
    var transaction = TransactionManager.create(device, 1000, CACHE_BYTES);
    Map<Long, Integer> counts = new HashMap<>();
    var blocks = new ArrayList<Long>();
    for (int step = 0; step < 200; step++) {
      switch (random.nextInt(6)) {
        case 0 -> {
          long wanted = Math.min(random.nextInt(300), transaction.allocatableBlockCount() - 300);
          for (long block : allocateAll(transaction, (int) Math.max(0, wanted))) {
            assertThat(counts.put(block, 1)).isNull();
            blocks.add(block);
          }
        }
        case 1, 2 -> {
          for (int i = random.nextInt(200); i > 0 && !blocks.isEmpty(); i--) {
            long block = blocks.get(random.nextInt(1 + random.nextInt(blocks.size())));
            transaction.increment(block);
            counts.merge(block, 1, Integer::sum);
          }
        }
        case 3 -> {
          for (int i = random.nextInt(300); i > 0 && !blocks.isEmpty(); i--) {
            int at = random.nextInt(blocks.size());
            transaction.decrement(blocks.get(at));
            if (counts.merge(blocks.get(at), -1, Integer::sum) == 0) {
              counts.remove(blocks.remove(at));
            }
          }
        }
        case 4 -> {
          var root = commit(transaction);
          if (random.nextBoolean()) {
            transaction = TransactionManager.open(device, root, CACHE_BYTES);
          }
        }
        default ->
            transaction.extend(
                Math.min(60_000, transaction.blockCount() + random.nextInt(2) * 2500L));
      }
      var actual = new HashMap<Long, Integer>();
      for (long block : blocks) {
        actual.put(block, transaction.count(block));
      }
      assertThat(actual).isEqualTo(counts);
    }
  }

  @Test
  void addedBlocksCanBeAllocatedAndSurviveTheCommit() throws IOException {
    var device = device(50_000);
    var transaction = TransactionManager.create(device, 16, CACHE_BYTES);
    allocateAll(transaction, (int) transaction.allocatableBlockCount());
    transaction.extend(50_000);

    var blocks = allocateAll(transaction, 40_000);
    var reopened = TransactionManager.open(device, commit(transaction), CACHE_BYTES);

    assertThat(reopened.blockCount()).isEqualTo(50_000);
    assertThat(blocks).allMatch(block -> reopened.count(block) == 1);
    assertThat(reopened.freeBlockCount()).isEqualTo(transaction.freeBlockCount());
  }

  @Test
  void metadataOfTheGreatestSizeIsPossibleAndNoLarger() throws IOException {
    var device = device(TransactionManager.MAX_BLOCKS + 1);
    var transaction = TransactionManager.create(device, TransactionManager.MAX_BLOCKS, CACHE_BYTES);
    var reopened = TransactionManager.open(device, commit(transaction), CACHE_BYTES);

    assertThat(reopened.blockCount()).isEqualTo(4_161_600);
    assertThat(reopened.freeBlockCount()).isEqualTo(4_161_600 - 1 - 1 - 255 - 1);
    assertThatThrownBy(() -> reopened.extend(TransactionManager.MAX_BLOCKS + 1))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("use 4161600 to 4161600");
  }

  @Test
  void aCountThatTheOverflowTreeDoesNotHaveIsDamage() throws IOException {
    var device = device(64);
    var transaction = TransactionManager.create(device, 64, CACHE_BYTES);
    long block = transaction.newBlock(BlockKind.BITMAP).block();
    transaction.increment(block);
    transaction.increment(block);
    var root = commit(transaction);
    var withoutOverflow = new BTree(transaction, ValueType.plain(Integer.BYTES)).createEmpty();
    commit(transaction);

    var wrong =
        new SpaceMapRoot(
            root.blockCount(), root.allocatedCount(), root.bitmapRoot(), withoutOverflow);

    assertThatThrownBy(() -> TransactionManager.open(device, wrong, CACHE_BYTES))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("the count of metadata block %d is not in".formatted(block));
  }

  @Test
  void aBitmapKeepsEveryValueInEveryPlace() {
    var random = new Random(1);
    var counts = new byte[Bitmap.ENTRIES];
    var bitmap = new byte[TransactionManager.BLOCK_BYTES];
    for (int i = 0; i < 100_000; i++) {
      int entry = random.nextInt(Bitmap.ENTRIES);
      counts[entry] = (byte) random.nextInt(4);
      Bitmap.set(bitmap, entry, counts[entry]);
    }
    var packed = new byte[TransactionManager.BLOCK_BYTES];
    Bitmap.pack(packed, counts, 0);
    var unpacked = new byte[Bitmap.ENTRIES];
    Bitmap.unpack(bitmap, unpacked, 0);

    assertThat(packed).isEqualTo(bitmap);
    assertThat(unpacked).isEqualTo(counts);
    for (int entry = 0; entry < Bitmap.ENTRIES; entry++) {
      assertThat(Bitmap.get(bitmap, entry)).isEqualTo(counts[entry]);
    }
  }

  @Test
  void aCountOfOneIsStoredAsTheHighBitFirst() {
    var bitmap = new byte[TransactionManager.BLOCK_BYTES];
    Bitmap.set(bitmap, 0, 1);
    Bitmap.set(bitmap, 1, 2);
    Bitmap.set(bitmap, 2, 3);

    assertThat(bitmap[BlockHeader.BYTES]).isEqualTo((byte) 0b11_01_10);
    assertThat(Arrays.copyOfRange(bitmap, BlockHeader.BYTES + 1, bitmap.length)).containsOnly(0);
  }
}
