package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class TransactionManagerTest {
  private static final long BLOCKS = 1024;
  private static final long CACHE_BYTES = 1 << 20;

  private final CrashingDisk disk = new CrashingDisk(BLOCKS * TransactionManager.BLOCK_BYTES);
  private final MemorySegment superblock =
      MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);

  private TransactionManager create() throws IOException {
    return TransactionManager.create(disk, BLOCKS, CACHE_BYTES);
  }

  private SpaceMapRoot commit(TransactionManager transaction) throws IOException {
    var sealed = transaction.seal();
    sealed.write(superblock);
    sealed.complete();
    return sealed.metadataRoot();
  }

  @Test
  void aNewBlockIsZeroedAndCountedOnce() throws IOException {
    var transaction = create();

    var block = transaction.newBlock(BlockKind.SUPERBLOCK);

    assertThat(transaction.count(block.block())).isOne();
    assertThat(transaction.isShared(block.block())).isFalse();
    assertThat(block.bytes().asSlice(16).mismatch(MemorySegment.ofArray(new byte[4080])))
        .isEqualTo(-1);
  }

  @Test
  void nothingIsWrittenBeforeTheCommit() throws IOException {
    var transaction = create();
    transaction.newBlock(BlockKind.BITMAP);
    assertThat(transaction.dirtyBlockCount()).isPositive();
    assertThat(disk.unflushedCount()).isZero();

    var sealed = transaction.seal();

    assertThat(disk.unflushedCount()).isZero();
    assertThat(transaction.dirtyBlockCount()).isZero();
    sealed.write(superblock);
    sealed.complete();
    assertThat(sealed.blockCount()).isEqualTo(4);
  }

  @Test
  void whatWasCommittedIsReadAfterReopening() throws IOException {
    var transaction = create();
    var block = transaction.newBlock(BlockKind.SUPERBLOCK);
    block.bytes().set(LittleEndian.U64, 100, 42);
    var root = commit(transaction);

    var bytes =
        TransactionManager.open(disk, root, CACHE_BYTES).read(block.block(), BlockKind.SUPERBLOCK);

    assertThat(bytes.get(LittleEndian.U64, 100)).isEqualTo(42);
    assertThat(bytes.isReadOnly()).isTrue();
  }

  @Test
  void aBlockIsShadowedOncePerTransactionAndCopiedWhenItIsShared() throws IOException {
    var transaction = create();
    var first = transaction.newFrame(BlockKind.BITMAP);
    assertThat(transaction.shadow(first.block(), BlockKind.BITMAP)).isSameAs(first);

    commit(transaction);
    var second = transaction.shadow(first.block(), BlockKind.BITMAP);
    assertThat(second.block()).isNotEqualTo(first.block());
    assertThat(transaction.count(first.block())).isZero();
    assertThat(transaction.shadow(second.block(), BlockKind.BITMAP)).isSameAs(second);

    transaction.increment(second.block());
    var third = transaction.shadow(second.block(), BlockKind.BITMAP);
    assertThat(third.block()).isNotEqualTo(second.block());
    assertThat(transaction.count(second.block())).isOne();
  }

  @Test
  void aSealedBlockIsCopiedBeforeItIsChanged() throws IOException {
    var transaction = create();
    var original = transaction.newFrame(BlockKind.BITMAP);
    Bitmap.set(original.bytes(), 7, 1);
    var sealed = transaction.seal();

    var shadow = transaction.shadow(original.block(), BlockKind.BITMAP);
    Bitmap.set(shadow.bytes(), 7, 2);
    sealed.write(superblock);
    sealed.complete();

    assertThat(shadow.block()).isNotEqualTo(original.block());
    var reopened = TransactionManager.open(disk, sealed.metadataRoot(), CACHE_BYTES);
    assertThat(Bitmap.get(reopened.bytes(original.block(), BlockKind.BITMAP), 7)).isOne();
  }

  @Test
  void onlyOneTransactionIsSealedAtATime() throws IOException {
    var transaction = create();
    var sealed = transaction.seal();

    assertThatThrownBy(transaction::seal).isInstanceOf(IllegalStateException.class);
    sealed.write(superblock);
    sealed.complete();
    assertThatThrownBy(sealed::complete).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aTransactionWithoutChangesKeepsTheSpaceMapWhereItIs() throws IOException {
    var transaction = create();
    var root = commit(transaction);

    var sealed = transaction.seal();
    sealed.write(superblock);
    sealed.complete();

    assertThat(sealed.metadataRoot()).isEqualTo(root);
    assertThat(sealed.blockCount()).isZero();
  }

  @Test
  void aBlockThatIsFreedAgainIsNotWritten() throws IOException {
    var transaction = create();
    commit(transaction);
    long block = transaction.newBlock(BlockKind.BTREE_NODE).block();
    transaction.decrement(block);

    var sealed = transaction.seal();

    assertThat(sealed.blockCount()).as("one bitmap and the index").isEqualTo(2);
  }

  @Test
  void blocksAreWrittenInOrderAndNeighboursTogetherAndTheSuperblockLast() throws IOException {
    var transaction = create();
    for (int i = 0; i < 600; i++) {
      transaction.newBlock(BlockKind.BITMAP);
    }
    var operations = new ArrayList<String>();
    disk.inject((operation, offset, length) ->
        operations.add(
            "%s %d+%d"
                .formatted(
                    operation,
                    offset / TransactionManager.BLOCK_BYTES,
                    length / TransactionManager.BLOCK_BYTES)));

    var sealed = transaction.seal();
    sealed.write(superblock);

    assertThat(operations)
        .containsExactly(
            "WRITE 1+256", "WRITE 257+256", "WRITE 513+91", "FLUSH 0+0", "WRITE 0+1", "FLUSH 0+0");
  }

  @Test
  void aFailedWriteLeavesTheLastCommit() throws IOException {
    var transaction = create();
    var block = transaction.newBlock(BlockKind.SUPERBLOCK);
    block.bytes().set(LittleEndian.U64, 100, 1);
    var root = commit(transaction);
    transaction.decrement(block.block());
    transaction.newBlock(BlockKind.SUPERBLOCK);
    var sealed = transaction.seal();
    disk.inject(Fault.atNth(Fault.Operation.FLUSH, 1));

    assertThatThrownBy(() -> sealed.write(superblock)).isInstanceOf(IOException.class);

    disk.inject(Fault.NONE);
    var reopened = TransactionManager.open(disk, root, CACHE_BYTES);
    assertThat(reopened.read(block.block(), BlockKind.SUPERBLOCK).get(LittleEndian.U64, 100))
        .isOne();
  }

  @Test
  void aBlockOfAnotherKindIsNotRead() throws IOException {
    var transaction = create();
    long block = transaction.newBlock(BlockKind.BITMAP).block();
    var root = commit(transaction);
    var reopened = TransactionManager.open(disk, root, CACHE_BYTES);

    for (var manager : new TransactionManager[] {transaction, reopened}) {
      assertThatThrownBy(() -> manager.read(block, BlockKind.BTREE_NODE))
          .isInstanceOf(StorageException.Damaged.class)
          .hasMessageContaining("holds a space-map bitmap where a B-tree node belongs");
      assertThat(manager.read(block, BlockKind.BITMAP)).isNotNull();
    }
  }

  @Test
  void aBlockOutsideTheMetadataIsDamage() throws IOException {
    var transaction = create();

    for (long block : new long[] {-1, 0, BLOCKS, Long.MAX_VALUE, (1L << 32) | 5}) {
      assertThatThrownBy(() -> transaction.read(block, BlockKind.BITMAP))
          .isInstanceOf(StorageException.Damaged.class)
          .hasMessageContaining("but there are only blocks 1 to 1023");
    }
  }

  @Test
  void blocksThatLeftTheCacheAreReadAgain() throws IOException {
    var transaction = TransactionManager.create(disk, BLOCKS, 0);
    var blocks = new ArrayList<Long>();
    for (int i = 0; i < 500; i++) {
      var block = transaction.newBlock(BlockKind.SUPERBLOCK);
      block.bytes().set(LittleEndian.U64, 16, i);
      blocks.add(block.block());
    }
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < blocks.size(); i++) {
        var bytes = transaction.read(blocks.get(i), BlockKind.SUPERBLOCK);
        assertThat(bytes.get(LittleEndian.U64, 16)).isEqualTo(i);
      }
      if (round < 2) {
        commit(transaction);
      }
    }
  }

  @Test
  void metadataNeedsADeviceOfItsSize() throws IOException {
    var small = new MemoryDevice(10 * TransactionManager.BLOCK_BYTES);

    assertThatThrownBy(() -> TransactionManager.create(small, 11, CACHE_BYTES))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessage("the metadata device has room for 10 blocks, not for 11; make it larger");
    assertThatThrownBy(() -> TransactionManager.create(small, 0, CACHE_BYTES))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(
            () -> TransactionManager.open(small, new SpaceMapRoot(11, 1, 1, 2), CACHE_BYTES))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("give it back its full size");
    assertThatThrownBy(
            () -> TransactionManager.open(small, new SpaceMapRoot(-1, 1, 1, 2), CACHE_BYTES))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("claims -1 blocks");
    var transaction = create();
    assertThatThrownBy(() -> transaction.extend(BLOCKS - 1))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> transaction.extend(BLOCKS + 1))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("has room for 1024 blocks");
  }

  @Test
  void garbageBehindASpaceMapRootIsIgnoredAndNotWritten() {
    var field = MemorySegment.ofArray(new byte[200]);
    field.fill((byte) 0x77);

    new SpaceMapRoot(1, 2, 3, 4).write(field, 8);

    assertThat(SpaceMapRoot.read(field, 8)).isEqualTo(new SpaceMapRoot(1, 2, 3, 4));
    assertThat(field.asSlice(40, 96).mismatch(MemorySegment.ofArray(new byte[96]))).isEqualTo(-1);
    assertThat(field.get(LittleEndian.U64, 136)).isEqualTo(0x7777_7777_7777_7777L);
  }
}
