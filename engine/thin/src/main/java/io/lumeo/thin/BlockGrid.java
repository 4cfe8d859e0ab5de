package io.lumeo.thin;

/// Which block an offset lies in, and where in it. A division takes as long as a look-up in a tree,
/// so there is none where the blocks' size is a power of two, as it nearly always is.
final class BlockGrid {
  private static final int NO_SHIFT = -1;

  private final long blockBytes;
  private final int shift;

  BlockGrid(long blockBytes) {
    this.blockBytes = blockBytes;
    this.shift = Long.bitCount(blockBytes) == 1 ? Long.numberOfTrailingZeros(blockBytes) : NO_SHIFT;
  }

  /// The block that holds the byte at `offset`, which is not negative.
  long block(long offset) {
    return shift == NO_SHIFT ? offset / blockBytes : offset >>> shift;
  }

  /// How far into its block `offset` lies.
  long within(long offset) {
    return offset - block(offset) * blockBytes;
  }

  /// Whether a range lies in one block.
  boolean isInOneBlock(long offset, long lengthBytes) {
    return within(offset) + lengthBytes <= blockBytes;
  }

  /// How much of a range lies in its first block.
  long firstPiece(long offset, long lengthBytes) {
    return Math.min(lengthBytes, blockBytes - within(offset));
  }
}
