package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Goes through the nodes of a [BTree] that can hold keys in one range. A node is believed as far
/// as its keys lie where its parent says: as the ranges of children are disjoint parts of their
/// parent's, a walk ends even if a damaged tree has circles.
final class BTreeWalk {
  private final TransactionManager transaction;
  private final int valueBytes;
  private final long begin;
  private final long end;

  /// Over keys in `[begin, end)` of a tree with values of `valueBytes`.
  BTreeWalk(TransactionManager transaction, int valueBytes, long begin, long end) {
    this.transaction = transaction;
    this.valueBytes = valueBytes;
    this.begin = begin;
    this.end = end;
  }

  /// Tells the entries, ascending, until the visitor has enough. Throws at the first damage.
  void forEachEntry(long root, EntryVisitor visitor) throws IOException {
    if (begin < end) {
      forEachEntry(rootPlace(root), visitor);
    }
  }

  private boolean forEachEntry(Place place, EntryVisitor visitor) throws IOException {
    var node = place.read();
    if (BTreeNode.isLeaf(node)) {
      return forEachEntryOfLeaf(node, visitor);
    }
    int count = BTreeNode.entryCount(node);
    for (int i = Math.max(0, BTreeNode.floor(node, begin)); i < count; i++) {
      if (BTreeNode.key(node, i) >= end || !forEachEntry(place.child(node, i), visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean forEachEntryOfLeaf(byte[] leaf, EntryVisitor visitor) throws IOException {
    var segment = MemorySegment.ofArray(leaf).asReadOnly();
    int count = BTreeNode.entryCount(leaf);
    for (int i = BTreeNode.ceiling(leaf, begin); i < count; i++) {
      long key = BTreeNode.key(leaf, i);
      if (key >= end || !visitor.entry(key, segment, BTreeNode.valueOffset(leaf, i))) {
        return false;
      }
    }
    return true;
  }

  /// Shows the nodes, and what is damaged of them, from the root down.
  void forEachNode(long root, NodeVisitor visitor) throws IOException {
    forEachNode(rootPlace(root), visitor);
  }

  private void forEachNode(Place place, NodeVisitor visitor) throws IOException {
    if (place.keyBegin >= end || place.keyEnd <= begin) {
      return;
    }
    byte[] node;
    try {
      node = place.read();
    } catch (IOException e) {
      visitor.damaged(place.block, place.keyBegin, place.keyEnd, e);
      return;
    }
    if (visitor.visit(new NodeView(place.block, node), place.depth) && !BTreeNode.isLeaf(node)) {
      int count = BTreeNode.entryCount(node);
      for (int i = 0; i < count; i++) {
        forEachNode(place.child(node, i), visitor);
      }
    }
  }

  private Place rootPlace(long root) {
    return new Place(root, 0, Long.MAX_VALUE, 0);
  }

  /// A node seen from its parent: where it is, and which keys may be below it.
  private final class Place {
    final long block;
    final long keyBegin;
    final long keyEnd;
    final int depth;

    Place(long block, long keyBegin, long keyEnd, int depth) {
      this.block = block;
      this.keyBegin = keyBegin;
      this.keyEnd = keyEnd;
      this.depth = depth;
    }

    byte[] read() throws IOException {
      if (depth == ShadowPath.MAX_DEPTH) {
        throw BTreeNode.tooDeep(block);
      }
      var node = transaction.node(block);
      int count = BTreeNode.entryCount(node);
      if (count > 0
          && (BTreeNode.key(node, 0) < keyBegin || BTreeNode.key(node, count - 1) >= keyEnd)) {
        throw BTreeNode.damaged(
            block,
            "its keys %d to %d are outside its parent's range %d to %d"
                .formatted(
                    BTreeNode.key(node, 0), BTreeNode.key(node, count - 1), keyBegin, keyEnd - 1));
      }
      if (BTreeNode.isLeaf(node)) {
        BTreeNode.requireValueSize(node, block, valueBytes);
      }
      return node;
    }

    Place child(byte[] node, int index) {
      boolean last = index + 1 == BTreeNode.entryCount(node);
      return new Place(
          BTreeNode.longValue(node, index),
          BTreeNode.key(node, index),
          last ? keyEnd : BTreeNode.key(node, index + 1),
          depth + 1);
    }
  }
}
