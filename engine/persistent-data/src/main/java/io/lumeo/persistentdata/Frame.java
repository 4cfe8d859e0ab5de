package io.lumeo.persistentdata;

import java.lang.foreign.MemorySegment;

/// The bytes of one metadata block in memory. A frame belongs to its block for ever and is left to
/// the garbage collector when it is evicted: whoever still reads it sees that block's bytes and
/// nothing else. Its bytes change only during the transaction that made it.
final class Frame {
  /// The [#transaction] of a frame that was read from the device.
  static final long COMMITTED = 0;

  final long block;
  final BlockKind kind;
  final MemorySegment bytes;

  /// The number of the transaction that made the frame; only it may change the bytes.
  final long transaction;

  /// The cache's second chance: set on every hit, cleared by a pass in search of a victim. A race
  /// only costs or saves a frame its chance.
  boolean used;

  Frame(long block, BlockKind kind, MemorySegment bytes, long transaction) {
    this.block = block;
    this.kind = kind;
    this.bytes = bytes;
    this.transaction = transaction;
  }
}
