package io.lumeo.persistentdata;

import io.lumeo.block.BlockDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A transaction that has ended in memory and is on its way to the device: [#write] it without the
/// metadata lock, then [#complete] it under the lock.
public final class SealedTransaction {
  /// The longest single write, in blocks.
  private static final int MAX_RUN = 256;

  private final TransactionManager manager;
  private final BlockDevice device;
  private final SpaceMapRoot metadataRoot;
  private final List<Frame> frames;

  /// Of `frames` in ascending order of their blocks.
  SealedTransaction(
      TransactionManager manager,
      BlockDevice device,
      SpaceMapRoot metadataRoot,
      List<Frame> frames) {
    this.manager = manager;
    this.device = device;
    this.metadataRoot = metadataRoot;
    this.frames = frames;
  }

  /// The metadata space map after this transaction, for the superblock.
  public SpaceMapRoot metadataRoot() {
    return metadataRoot;
  }

  /// How many blocks are to be written, without the superblock.
  public int blockCount() {
    return frames.size();
  }

  /// Makes the transaction durable: writes the sealed blocks and flushes, then writes the
  /// superblock and flushes. The superblock's first sector is the commit: a crash before it is on
  /// the device leaves the previous transaction, a crash after it this one.
  ///
  /// @param superblock [TransactionManager#BLOCK_BYTES] that the caller has filled; its checksum is
  ///   set here
  public void write(MemorySegment superblock) throws IOException {
    if (!frames.isEmpty()) {
      writeFrames();
      device.flush();
    }
    BlockChecksum.seal(superblock, 0, BlockKind.SUPERBLOCK);
    device.write(0, superblock.asSlice(0, TransactionManager.BLOCK_BYTES));
    device.flush();
  }

  /// In ascending order, neighbours in one write.
  private void writeFrames() throws IOException {
    int longest = Math.min(frames.size(), MAX_RUN);
    try (var arena = Arena.ofConfined()) {
      var run = arena.allocate((long) longest * TransactionManager.BLOCK_BYTES);
      for (int begin = 0, end; begin < frames.size(); begin = end) {
        end = begin + 1;
        while (end < frames.size()
            && end - begin < longest
            && frames.get(end).block() == frames.get(end - 1).block() + 1) {
          end++;
        }
        writeRun(frames.subList(begin, end), run);
      }
    }
  }

  private void writeRun(List<Frame> neighbours, MemorySegment run) throws IOException {
    long length = 0;
    for (var frame : neighbours) {
      BlockChecksum.seal(frame.segment(), frame.block(), frame.kind());
      MemorySegment.copy(frame.segment(), 0, run, length, TransactionManager.BLOCK_BYTES);
      length += TransactionManager.BLOCK_BYTES;
    }
    device.write(
        neighbours.getFirst().block() * TransactionManager.BLOCK_BYTES, run.asSlice(0, length));
  }

  /// Under the metadata lock, after [#write] returned: what the transaction freed can be allocated
  /// again, and its blocks may leave the cache.
  public void complete() {
    manager.complete(this);
  }
}
