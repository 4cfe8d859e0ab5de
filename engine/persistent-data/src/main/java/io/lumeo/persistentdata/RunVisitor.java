package io.lumeo.persistentdata;

import java.io.IOException;

/// Receives runs of neighbouring blocks, in ascending order.
@FunctionalInterface
public interface RunVisitor {
  /// Takes the blocks `[begin, end)`.
  void run(long begin, long end) throws IOException;
}
