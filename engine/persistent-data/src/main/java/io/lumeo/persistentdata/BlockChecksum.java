package io.lumeo.persistentdata;

import static io.lumeo.persistentdata.BlockHeader.BLOCK_NUMBER;
import static io.lumeo.persistentdata.BlockHeader.CHECKSUM;
import static io.lumeo.persistentdata.LittleEndian.U32;
import static io.lumeo.persistentdata.LittleEndian.U64;

import io.lumeo.block.StorageException;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Seals a metadata block before it is written and verifies it after it was read.
///
/// The checksum is CRC-32C over bytes 4..4095, starting from all ones and *without* the usual final
/// inversion, XOR the salt of the block's [kind][BlockKind] (Linux,
/// `drivers/md/persistent-data/dm-block-manager.c`). Stateless; any thread may call it.
public final class BlockChecksum {
  /// The first byte that the checksum covers.
  private static final int CHECKED = CHECKSUM + Integer.BYTES;

  private BlockChecksum() {}

  /// Writes the block's own number and its checksum into its header.
  public static void seal(MemorySegment block, long blockNumber, BlockKind kind) {
    block.set(U64, BLOCK_NUMBER, blockNumber);
    block.set(U32, CHECKSUM, crc(block) ^ kind.salt());
  }

  /// Checks that the block is what was once written at `blockNumber`.
  ///
  /// @throws StorageException.Damaged if the checksum, the kind or the block number is another
  public static void verify(MemorySegment block, long blockNumber, BlockKind kind)
      throws StorageException.Damaged {
    int stored = block.get(U32, CHECKSUM);
    int expected = crc(block) ^ kind.salt();
    if (stored != expected) {
      var found = kindOf(block);
      throw new StorageException.Damaged(
          found == null
              ? "metadata block %d is damaged: its checksum is %08x and its bytes give %08x; check the metadata"
                  .formatted(blockNumber, stored, expected)
              : "metadata block %d holds %s where %s belongs; check the metadata"
                  .formatted(blockNumber, found, kind));
    }
    long number = block.get(U64, BLOCK_NUMBER);
    if (number != blockNumber) {
      throw new StorageException.Damaged(
          "metadata block %d holds what belongs in block %d, a misplaced write; check the metadata"
              .formatted(blockNumber, number));
    }
  }

  /// What a block holds, told by the salt in its checksum; null if the checksum fits no kind. This
  /// is how a repair finds nodes that nothing refers to any more.
  public static @Nullable BlockKind kindOf(MemorySegment block) {
    int salt = block.get(U32, CHECKSUM) ^ crc(block);
    for (var kind : BlockKind.values()) {
      if (kind.salt() == salt) {
        return kind;
      }
    }
    return null;
  }

  private static int crc(MemorySegment block) {
    var crc = new CRC32C();
    crc.update(block.asSlice(CHECKED, TransactionManager.BLOCK_BYTES - CHECKED).asByteBuffer());
    return ~(int) crc.getValue();
  }
}
