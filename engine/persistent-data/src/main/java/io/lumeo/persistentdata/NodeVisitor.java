package io.lumeo.persistentdata;

import java.io.IOException;

/// Receives the nodes of a [BTree], parents before their children.
public interface NodeVisitor {
  /// Takes one node; the root has depth 0. Returns whether to visit its children too; a node that
  /// several others share is offered once for each.
  boolean visit(NodeView node, int depth) throws IOException;

  /// Takes notice of a block that could not be read or is no node that fits in its place. Whatever
  /// the keys in `[keyBegin, keyEnd)` were mapped to is lost to the walk.
  void damaged(long block, long keyBegin, long keyEnd, IOException why) throws IOException;
}
