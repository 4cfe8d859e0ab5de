package io.lumeo.thin;

import io.lumeo.persistentdata.DiskSpaceMap;
import io.lumeo.persistentdata.NodeView;
import io.lumeo.persistentdata.NodeVisitor;
import io.lumeo.persistentdata.TransactionManager;
import java.io.IOException;

/// Counts the data blocks that one device alone refers to. A node that is shared is not entered:
/// nothing below it is exclusive.
final class ExclusiveBlocks implements NodeVisitor {
  private final TransactionManager transaction;
  private final DiskSpaceMap dataMap;
  private final long begin;
  private final long end;
  private long count;

  /// Counts virtual blocks in `[begin, end)`.
  ExclusiveBlocks(TransactionManager transaction, DiskSpaceMap dataMap, long begin, long end) {
    this.transaction = transaction;
    this.dataMap = dataMap;
    this.begin = begin;
    this.end = end;
  }

  long count() {
    return count;
  }

  @Override
  public boolean visit(NodeView node, int depth) throws IOException {
    if (transaction.isShared(node.block())) {
      return false;
    }
    if (node.isLeaf()) {
      countLeaf(node);
    }
    return true;
  }

  private void countLeaf(NodeView leaf) throws IOException {
    for (int i = 0; i < leaf.entryCount(); i++) {
      long key = leaf.key(i);
      if (key >= begin && key < end && dataMap.count(Mapping.dataBlock(leaf.longValue(i))) == 1) {
        count++;
      }
    }
  }

  @Override
  public void damaged(long block, long keyBegin, long keyEnd, IOException why) throws IOException {
    throw why;
  }
}
