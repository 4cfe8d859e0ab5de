package io.lumeo.persistentdata;

import java.lang.foreign.MemorySegment;

/// One metadata block in memory. Its bytes belong to the block for ever and are left to the garbage
/// collector when the frame is evicted: whoever still reads them sees that block and nothing else.
/// They change only during the transaction that made the frame.
final class Frame {
  /// The [#transaction] of a frame that was read from the device.
  static final long COMMITTED = 0;

  private final long block;
  private final BlockKind kind;
  private final byte[] bytes;
  private final long transaction;

  Frame(long block, BlockKind kind, byte[] bytes, long transaction) {
    this.block = block;
    this.kind = kind;
    this.bytes = bytes;
    this.transaction = transaction;
  }

  long block() {
    return block;
  }

  BlockKind kind() {
    return kind;
  }

  byte[] bytes() {
    return bytes;
  }

  MemorySegment segment() {
    return MemorySegment.ofArray(bytes);
  }

  /// The number of the transaction that made the frame and may change its bytes.
  long transaction() {
    return transaction;
  }
}
