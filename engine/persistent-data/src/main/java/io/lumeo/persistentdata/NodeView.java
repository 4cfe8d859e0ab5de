package io.lumeo.persistentdata;

import java.lang.foreign.MemorySegment;

/// One node of a [BTree], to be read.
public final class NodeView {
  private final long block;
  private final byte[] node;

  NodeView(long block, byte[] node) {
    this.block = block;
    this.node = node;
  }

  /// Where the node is.
  public long block() {
    return block;
  }

  /// Whether the values are the tree's, not children.
  public boolean isLeaf() {
    return BTreeNode.isLeaf(node);
  }

  public int entryCount() {
    return BTreeNode.entryCount(node);
  }

  /// The number of entries there is room for.
  public int maxEntries() {
    return BTreeNode.maxEntries(node);
  }

  /// Whether the node has fewer entries than any but the root may have.
  public boolean isUnderfull() {
    return entryCount() < BTreeNode.minEntries(node);
  }

  public long key(int index) {
    return BTreeNode.key(node, index);
  }

  /// The value in a leaf of values of eight bytes.
  public long longValue(int index) {
    return BTreeNode.longValue(node, index);
  }

  /// The block of a child of an internal node.
  public long child(int index) {
    return BTreeNode.longValue(node, index);
  }

  /// The bytes of the node, read-only.
  public MemorySegment segment() {
    return MemorySegment.ofArray(node).asReadOnly();
  }

  /// Where in [#segment] a value begins.
  public long valueOffset(int index) {
    return BTreeNode.valueOffset(node, index);
  }
}
