package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The way from a root to one leaf, every node of it ready to be changed.
///
/// It is remembered after a change: who changes the same leaf again, as counting the blocks of a
/// copied leaf does hundreds of times, need not walk again.
final class ShadowPath {
  /// No tree is deeper; it stops a walk in circles through damaged nodes.
  static final int MAX_DEPTH = 64;

  private static final int NOWHERE = -1;

  private final TransactionManager transaction;
  private final ValueType type;

  /// The nodes from the root to the leaf, and in each internal one the index of the next.
  private final Frame[] nodes = new Frame[MAX_DEPTH];

  private final int[] indexes = new int[MAX_DEPTH];
  private int leafLevel = NOWHERE;

  /// The keys whose place is in the leaf, `[keyBegin, keyEnd)`.
  private long keyBegin;

  private long keyEnd;

  ShadowPath(TransactionManager transaction, ValueType type) {
    this.transaction = transaction;
    this.type = type;
  }

  /// Leads to the leaf of `key`: shadows the nodes on the way, and lowers their first key to `key`
  /// where it is greater.
  void follow(long root, long key) throws IOException {
    if (!leadsTo(root, key)) {
      walk(root, key);
    }
  }

  /// Whether the path as it is can be used for `key`. A node on it may have become shared since, or
  /// have been so for a while, which its children have to be told.
  private boolean leadsTo(long root, long key) {
    if (leafLevel == NOWHERE || nodes[0].block() != root || key < keyBegin || key >= keyEnd) {
      return false;
    }
    for (int level = 0; level <= leafLevel; level++) {
      if (!transaction.isOwn(nodes[level])) {
        return false;
      }
    }
    return true;
  }

  private void walk(long root, long key) throws IOException {
    forget();
    keyBegin = 0;
    keyEnd = Long.MAX_VALUE;
    long block = root;
    for (int level = 0; level < MAX_DEPTH; level++) {
      var frame = shadow(block);
      var node = frame.bytes();
      nodes[level] = frame;
      if (level > 0) {
        BTreeNode.setLongValue(node(level - 1), indexes[level - 1], frame.block());
      }
      if (BTreeNode.isLeaf(node)) {
        BTreeNode.requireValueSize(node, block, type.sizeBytes());
        leafLevel = level;
        return;
      }
      if (key < BTreeNode.key(node, 0)) {
        BTreeNode.setKey(node, 0, key);
      }
      int index = BTreeNode.childFor(node, key);
      indexes[level] = index;
      keyBegin = BTreeNode.key(node, index);
      if (index + 1 < BTreeNode.entryCount(node)) {
        keyEnd = BTreeNode.key(node, index + 1);
      }
      block = BTreeNode.longValue(node, index);
    }
    throw BTreeNode.tooDeep(root);
  }

  /// To be called by whoever moves entries between nodes of the path and others.
  void forget() {
    leafLevel = NOWHERE;
  }

  long root() {
    return nodes[0].block();
  }

  int leafLevel() {
    return leafLevel;
  }

  byte[] leaf() {
    return node(leafLevel);
  }

  byte[] node(int level) {
    return nodes[level].bytes();
  }

  /// In the internal node at `level`, the entry that the path goes through.
  int index(int level) {
    return indexes[level];
  }

  /// The node, ready to be changed for one of its referrers.
  Frame shadow(long block) throws IOException {
    boolean shared = transaction.isShared(block);
    boolean wasShared = !shared && transaction.isSharedOrWas(block);
    var node = transaction.shadow(block, BlockKind.BTREE_NODE);
    if (shared) {
      incrementValues(node.bytes());
    } else if (wasShared) {
      passOnSharing(node);
    }
    return node;
  }

  /// The child of a node that may be changed, ready to be changed as well.
  Frame shadowChild(byte[] parent, int index) throws IOException {
    var child = shadow(BTreeNode.longValue(parent, index));
    BTreeNode.setLongValue(parent, index, child.block());
    return child;
  }

  /// As [#shadowChild], to exchange entries with `node`.
  Frame shadowSibling(byte[] parent, int index, byte[] node) throws IOException {
    var sibling = shadowChild(parent, index);
    BTreeNode.verifyAlike(node, sibling.bytes());
    return sibling;
  }

  /// In the last durable commit another tree reached these children through the node. The node, or
  /// its copy, no longer tells; its children have to, wherever they are moved.
  private void passOnSharing(Frame frame) throws IOException {
    var node = frame.bytes();
    int count = BTreeNode.entryCount(node);
    if (!BTreeNode.isLeaf(node)) {
      for (int i = 0; i < count; i++) {
        transaction.markWasShared(BTreeNode.longValue(node, i));
      }
    } else if (count > 0) {
      type.markWereShared(MemorySegment.ofArray(node), BTreeNode.valueOffset(node, 0), count);
    }
    transaction.forgetWasShared(frame.block());
  }

  private void incrementValues(byte[] node) throws IOException {
    int count = BTreeNode.entryCount(node);
    if (!BTreeNode.isLeaf(node)) {
      for (int i = 0; i < count; i++) {
        transaction.increment(BTreeNode.longValue(node, i));
      }
    } else if (count > 0) {
      type.increment(MemorySegment.ofArray(node), BTreeNode.valueOffset(node, 0), count);
    }
  }
}
