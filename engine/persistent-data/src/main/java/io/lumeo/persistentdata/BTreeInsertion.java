package io.lumeo.persistentdata;

import java.io.IOException;

/// Makes entries in a [BTree]. At a full node it first moves entries to a sibling that is not
/// shared, else splits one node into two or two into three (Linux, `dm-btree.c`). Appending leaves
/// full nodes behind.
final class BTreeInsertion {
  /// Moving entries to a sibling must win at least this many, or it is soon to do again.
  private static final int MIN_SPILL = 8;

  private final TransactionManager transaction;
  private final ShadowPath path;

  BTreeInsertion(TransactionManager transaction, ShadowPath path) {
    this.transaction = transaction;
    this.path = path;
  }

  /// Leads the path to the leaf of `key` and makes sure that it has an entry for it; returns its
  /// index.
  int makeEntry(long root, long key) throws IOException {
    path.follow(root, key);
    while (true) {
      var leaf = path.leaf();
      int found = BTreeNode.find(leaf, key);
      if (found >= 0) {
        return found;
      }
      if (!BTreeNode.isFull(leaf)) {
        int index = BTreeNode.ceiling(leaf, key);
        BTreeNode.insert(leaf, index, key);
        return index;
      }
      makeRoom(key);
      path.forget();
      path.follow(path.root(), key);
    }
  }

  /// Gains room in the full leaf of the path, or in one of the full nodes above it that stand in
  /// the way of splitting it. Afterwards the path is to be followed again.
  private void makeRoom(long key) throws IOException {
    for (int level = path.leafLevel(); ; level--) {
      if (level == 0) {
        splitRoot(key);
        return;
      }
      if (spillLeft(level, key) || spillRight(level)) {
        return;
      }
      if (!BTreeNode.isFull(path.node(level - 1))) {
        split(level, key);
        return;
      }
    }
  }

  private boolean isAppending(int level, long key) {
    var node = path.node(level);
    return BTreeNode.key(node, BTreeNode.entryCount(node) - 1) < key
        && (level == 0 || path.index(level - 1) == BTreeNode.entryCount(path.node(level - 1)) - 1);
  }

  private boolean spillLeft(int level, long key) throws IOException {
    var parent = path.node(level - 1);
    int index = path.index(level - 1);
    if (index == 0 || !canTake(BTreeNode.longValue(parent, index - 1))) {
      return false;
    }
    var node = path.node(level);
    var left = path.shadowSibling(parent, index - 1, node).bytes();
    int total = BTreeNode.entryCount(left) + BTreeNode.entryCount(node);
    int leftCount =
        isAppending(level, key)
            ? Math.min(BTreeNode.maxEntries(left), total - BTreeNode.minEntries(node))
            : total / 2;
    BTreeNode.moveLeft(left, node, leftCount - BTreeNode.entryCount(left));
    BTreeNode.setKey(parent, index, BTreeNode.key(node, 0));
    return true;
  }

  private boolean spillRight(int level) throws IOException {
    var parent = path.node(level - 1);
    int index = path.index(level - 1);
    if (index + 1 == BTreeNode.entryCount(parent)
        || !canTake(BTreeNode.longValue(parent, index + 1))) {
      return false;
    }
    var node = path.node(level);
    var right = path.shadowSibling(parent, index + 1, node).bytes();
    int total = BTreeNode.entryCount(node) + BTreeNode.entryCount(right);
    BTreeNode.moveRight(node, right, total / 2 - BTreeNode.entryCount(right));
    BTreeNode.setKey(parent, index + 1, BTreeNode.key(right, 0));
    return true;
  }

  private boolean canTake(long sibling) throws IOException {
    if (transaction.isShared(sibling)) {
      return false;
    }
    var node = transaction.node(sibling);
    return BTreeNode.maxEntries(node) - BTreeNode.entryCount(node) >= MIN_SPILL;
  }

  /// Splits a full node whose parent has room: two into three with a sibling that is as full and
  /// not shared, which leaves all three two thirds full; else one into two.
  private void split(int level, long key) throws IOException {
    var parent = path.node(level - 1);
    int index = path.index(level - 1);
    boolean edge = index == 0 || index + 1 == BTreeNode.entryCount(parent);
    if (edge) {
      splitOneIntoTwo(parent, index, isAppending(level, key));
    } else if (!transaction.isShared(BTreeNode.longValue(parent, index - 1))) {
      splitTwoIntoThree(parent, index - 1);
    } else if (!transaction.isShared(BTreeNode.longValue(parent, index + 1))) {
      splitTwoIntoThree(parent, index);
    } else {
      splitOneIntoTwo(parent, index, false);
    }
  }

  private void splitOneIntoTwo(byte[] parent, int index, boolean appending) throws IOException {
    var left = path.shadowChild(parent, index).bytes();
    var right = newSibling(left);
    BTreeNode.moveRight(left, right.bytes(), rightShare(left, appending));
    adopt(parent, index + 1, right);
  }

  /// How many entries go right when a node is split: half, or, when keys only ever come at the end,
  /// as few as may be.
  private static int rightShare(byte[] node, boolean appending) {
    return appending ? BTreeNode.minEntries(node) : BTreeNode.entryCount(node) / 2;
  }

  private void splitTwoIntoThree(byte[] parent, int leftIndex) throws IOException {
    var left = path.shadowChild(parent, leftIndex).bytes();
    var right = path.shadowSibling(parent, leftIndex + 1, left).bytes();
    var middle = newSibling(left);
    int third = (BTreeNode.entryCount(left) + BTreeNode.entryCount(right)) / 3;
    BTreeNode.moveRight(left, middle.bytes(), BTreeNode.entryCount(left) - third);
    BTreeNode.moveLeft(middle.bytes(), right, BTreeNode.entryCount(right) - third);
    BTreeNode.setKey(parent, leftIndex + 1, BTreeNode.key(right, 0));
    adopt(parent, leftIndex + 1, middle);
  }

  private Frame newSibling(byte[] node) throws IOException {
    var sibling = transaction.newFrame(BlockKind.BTREE_NODE);
    BTreeNode.formatLike(sibling.bytes(), node);
    return sibling;
  }

  private static void adopt(byte[] parent, int index, Frame child) {
    BTreeNode.insert(parent, index, BTreeNode.key(child.bytes(), 0));
    BTreeNode.setLongValue(parent, index, child.block());
  }

  /// Moves the entries of a full root to two new children, so that the tree grows by one level.
  private void splitRoot(long key) throws IOException {
    var root = path.node(0);
    var left = newSibling(root);
    var right = newSibling(root);
    int rightCount = rightShare(root, isAppending(0, key));
    BTreeNode.moveRight(root, right.bytes(), rightCount);
    BTreeNode.moveRight(root, left.bytes(), BTreeNode.entryCount(root));
    BTreeNode.format(root, BTreeNode.INTERNAL, BTreeNode.CHILD_BYTES);
    adopt(root, 0, left);
    adopt(root, 1, right);
  }
}
