package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// However many blocks pass through it, the cache keeps no more clean ones than it was told, and
/// dirty ones only until they are on the device or freed.
class BlockCacheBoundTest {
  private static final int CAPACITY = 512;
  private static final int BLOCKS = 20 * CAPACITY;

  /// What a frame may cost with its headers.
  private static final long CAPACITY_BYTES = CAPACITY * (TransactionManager.BLOCK_BYTES + 64L);

  /// Whether the device gives what the cache does not have.
  private boolean readable = true;

  private final BlockCache cache = new BlockCache(this::read, CAPACITY_BYTES);

  private static final class Absent extends IOException {
    private static final long serialVersionUID = 1;
  }

  private Frame read(long block, BlockKind kind) throws IOException {
    if (!readable) {
      throw new Absent();
    }
    return frame(block, kind, Frame.COMMITTED);
  }

  private static Frame frame(long block, BlockKind kind, long transaction) {
    var bytes = new byte[BlockHeader.BYTES];
    BlockHeader.setBlockNumber(bytes, block);
    return new Frame(block, kind, bytes, transaction);
  }

  private void scan() throws IOException {
    for (long block = 0; block < BLOCKS; block++) {
      cache.bytes(block, BlockKind.BTREE_NODE);
    }
  }

  /// How many blocks can be had without the device.
  private int held() throws IOException {
    readable = false;
    int held = 0;
    for (long block = 0; block < BLOCKS; block++) {
      try {
        cache.bytes(block, BlockKind.BTREE_NODE);
        held++;
      } catch (Absent _) {
        // Which is why it is not counted.
      }
    }
    readable = true;
    return held;
  }

  @Test
  void aWideScanLeavesNoMoreThanTheBound() throws IOException {
    scan();
    assertThat(held()).isBetween(CAPACITY / 2, CAPACITY);
    scan();
    assertThat(held()).isBetween(CAPACITY / 2, CAPACITY);
  }

  @Test
  void whatATransactionMadeIsHeldOnlyUntilItIsWritten() throws IOException {
    for (long block = 0; block < BLOCKS; block++) {
      cache.add(frame(block, BlockKind.BTREE_NODE, 1));
    }
    assertThat(cache.dirtyCount()).isEqualTo(BLOCKS);
    assertThat(held()).isEqualTo(BLOCKS);

    assertThat(cache.seal()).hasSize(BLOCKS);
    assertThat(cache.dirtyCount()).isZero();
    assertThat(held()).isEqualTo(BLOCKS);

    cache.complete();
    assertThat(held()).isLessThanOrEqualTo(CAPACITY);
  }

  /// As a large discard does: what it copied and then emptied it frees again.
  @Test
  void whatIsFreedIsNotHeldAtAll() throws IOException {
    for (long block = 0; block < BLOCKS; block++) {
      cache.add(frame(block, BlockKind.BTREE_NODE, 1));
      cache.drop(block);
    }
    assertThat(cache.dirtyCount()).isZero();
    assertThat(held()).isZero();
  }
}
