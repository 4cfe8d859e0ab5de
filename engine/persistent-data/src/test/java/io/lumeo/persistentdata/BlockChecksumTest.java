package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BlockChecksumTest {
  private final MemorySegment block =
      MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);

  /// The kernel's sums of 4092 zero bytes.
  @ParameterizedTest
  @CsvSource({
    "SUPERBLOCK, 58cfd397",
    "BTREE_NODE, 58cc7e82",
    "INDEX, 58cfd54f",
    "BITMAP, 58ce0b1a"
  })
  void anEmptyBlockHasTheKernelsChecksum(BlockKind kind, String checksum) {
    BlockChecksum.seal(block, 0, kind);

    assertThat(block.get(LittleEndian.U32, 0)).hasToString("" + (int) Long.parseLong(checksum, 16));
  }

  @ParameterizedTest
  @EnumSource
  void aSealedBlockIsVerifiedAndKnowsItsKind(BlockKind kind) throws Exception {
    block.set(LittleEndian.U64, 1000, 0x1234_5678L);
    BlockChecksum.seal(block, 77, kind);

    BlockChecksum.verify(block, 77, kind);
    assertThat(BlockChecksum.kindOf(block)).isEqualTo(kind);
    assertThat(block.get(LittleEndian.U64, BlockHeader.BLOCK_NUMBER)).isEqualTo(77);
  }

  @Test
  void everyFlippedBitIsNoticed() {
    BlockChecksum.seal(block, 5, BlockKind.BITMAP);
    for (int bit = 0; bit < TransactionManager.BLOCK_BYTES * 8; bit += 7) {
      flip(bit);
      assertThatThrownBy(() -> BlockChecksum.verify(block, 5, BlockKind.BITMAP))
          .isInstanceOf(StorageException.Damaged.class)
          .hasMessageContaining("metadata block 5 is damaged: its checksum is");
      flip(bit);
    }
  }

  private void flip(int bit) {
    byte old = block.get(ValueLayout.JAVA_BYTE, bit / 8);
    block.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old ^ (1 << (bit % 8))));
  }

  @Test
  void aMisplacedBlockIsNoticed() {
    BlockChecksum.seal(block, 5, BlockKind.BTREE_NODE);

    assertThatThrownBy(() -> BlockChecksum.verify(block, 6, BlockKind.BTREE_NODE))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("metadata block 6 holds what belongs in block 5");
  }

  @Test
  void aBlockOfAnotherKindIsNamed() {
    BlockChecksum.seal(block, 5, BlockKind.INDEX);

    assertThatThrownBy(() -> BlockChecksum.verify(block, 5, BlockKind.BTREE_NODE))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("holds a space-map index where a B-tree node belongs");
  }

  @Test
  void noiseHasNoKind() {
    block.fill((byte) 0x5a);

    assertThat(BlockChecksum.kindOf(block)).isNull();
  }
}
