package io.lumeo.persistentdata;

import java.io.IOException;

/// Receives the entries of a [BTree] with values of eight bytes, in ascending order of their keys.
@FunctionalInterface
public interface LongEntryVisitor {
  /// Takes one entry. Returns whether to go on.
  boolean entry(long key, long value) throws IOException;
}
