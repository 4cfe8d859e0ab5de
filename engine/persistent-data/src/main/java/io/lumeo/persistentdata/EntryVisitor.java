package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Receives the entries of a [BTree] in ascending order of their keys.
@FunctionalInterface
public interface EntryVisitor {
  /// Takes one entry, whose value begins at `valueOffset` of `node`. Returns whether to go on.
  boolean entry(long key, MemorySegment node, long valueOffset) throws IOException;
}
