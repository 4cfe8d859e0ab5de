package io.lumeo.block;

import java.io.IOException;

/// Receives the extents of a range, in ascending order and without gaps.
@FunctionalInterface
public interface ExtentVisitor {
  /// Takes one extent; offsets and lengths are bytes, `lengthBytes > 0`. Returns whether to go on.
  boolean extent(long offset, long lengthBytes, ExtentState state) throws IOException;
}
