package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What the virtual blocks of one thin device hold, mapped or not, and so what a block that is
/// newly mapped has to hold around what is written to it.
final class BlockContent {
  private final Pool pool;
  private final DeviceState state;
  private final long blockBytes;
  private final BlockDevice data;

  BlockContent(Pool pool, DeviceState state) {
    this.pool = pool;
    this.state = state;
    this.blockBytes = pool.dataBlockBytes();
    this.data = pool.data();
  }

  /// What is seen through a hole: the external origin as far as it reaches, zeroes else.
  void readHole(long offset, MemorySegment target) throws IOException {
    var origin = state.externalOrigin;
    long covered =
        origin == null ? 0 : Math.clamp(origin.sizeBytes() - offset, 0, target.byteSize());
    if (origin != null && covered > 0) {
      origin.read(offset, target.asSlice(0, covered));
    }
    target.asSlice(covered).fill((byte) 0);
  }

  /// Writes `source` into the new block and what else belongs there around it: the shared block's
  /// bytes, the external origin's, or zeroes.
  void fill(long newBlock, long mapping, long offset, MemorySegment source) throws IOException {
    long base = newBlock * blockBytes;
    long before = offset % blockBytes;
    long after = before + source.byteSize();
    if (source.byteSize() == blockBytes) {
      data.write(base, source);
      return;
    }
    if (leavesRestAlone(base, mapping, offset - before)) {
      // A mapped block is told to clients as one that can be written without further space.
      data.allocate(base, blockBytes);
      data.write(base + before, source);
      return;
    }
    var buffer = pool.buffers.take();
    try {
      if (blockBytes <= buffer.byteSize()) {
        load(mapping, offset - before, 0, buffer.asSlice(0, before));
        MemorySegment.copy(source, 0, buffer, before, source.byteSize());
        load(mapping, offset - before, after, buffer.asSlice(after, blockBytes - after));
        data.write(base, buffer.asSlice(0, blockBytes));
      } else {
        copyPieces(buffer, mapping, offset - before, base, 0, before);
        data.write(base + before, source);
        copyPieces(buffer, mapping, offset - before, base, after, blockBytes);
      }
    } finally {
      pool.buffers.release(buffer);
    }
  }

  /// Whether the bytes around a partial first write need not be written: zeroing is off, or the
  /// block is a hole in the data file.
  private boolean leavesRestAlone(long base, long mapping, long blockOffset) throws IOException {
    return mapping == Mapping.HOLE
        && !originCovers(blockOffset)
        && (!pool.options().zeroNewBlocks() || pool.isZeroed(base, blockBytes));
  }

  boolean originCovers(long blockOffset) {
    var origin = state.externalOrigin;
    return origin != null && origin.sizeBytes() > blockOffset;
  }

  private void copyPieces(
      MemorySegment buffer, long mapping, long blockOffset, long base, long from, long to)
      throws IOException {
    for (long at = from; at < to; ) {
      var piece = buffer.asSlice(0, Math.min(buffer.byteSize(), to - at));
      load(mapping, blockOffset, at, piece);
      data.write(base + at, piece);
      at += piece.byteSize();
    }
  }

  /// What the block had at `inBlock` before the write.
  void load(long mapping, long blockOffset, long inBlock, MemorySegment target) throws IOException {
    if (target.byteSize() == 0) {
      return;
    }
    if (mapping == Mapping.HOLE) {
      readHole(blockOffset + inBlock, target);
    } else {
      data.read(Mapping.dataBlock(mapping) * blockBytes + inBlock, target);
    }
  }
}
