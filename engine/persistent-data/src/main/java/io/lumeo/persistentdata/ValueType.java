package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What the values in the leaves of a [BTree] refer to, and so what must be counted when a leaf is
/// copied or its values are removed.
///
/// The methods are called in the middle of a change of the tree. They may change other trees and
/// space maps, but not the tree that calls.
public interface ValueType {
  /// The size of one value, in bytes.
  int sizeBytes();

  /// One more leaf holds these `count` consecutive values, the first at `offset`.
  void increment(MemorySegment values, long offset, int count) throws IOException;

  /// One leaf less holds these `count` consecutive values, the first at `offset`.
  void decrement(MemorySegment values, long offset, int count) throws IOException;

  /// In the last durable commit these consecutive values could be reached in another way too, which
  /// this transaction removed. Matters only to who changes in place what the values refer to.
  default void markWereShared(MemorySegment values, long offset, int count) throws IOException {}

  /// Values of `sizeBytes` that refer to nothing.
  static ValueType plain(int sizeBytes) {
    return new ValueType() {
      @Override
      public int sizeBytes() {
        return sizeBytes;
      }

      @Override
      public void increment(MemorySegment values, long offset, int count) {}

      @Override
      public void decrement(MemorySegment values, long offset, int count) {}
    };
  }
}
