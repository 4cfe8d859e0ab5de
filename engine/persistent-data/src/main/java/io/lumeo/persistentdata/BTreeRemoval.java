package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Takes entries out of a [BTree], or drops trees as a whole. A node that falls below one third
/// borrows from a sibling or merges with it (Linux, `dm-btree-remove.c`).
final class BTreeRemoval {
  private final TransactionManager transaction;
  private final ValueType type;
  private final ShadowPath path;

  BTreeRemoval(TransactionManager transaction, ValueType type, ShadowPath path) {
    this.transaction = transaction;
    this.type = type;
    this.path = path;
  }

  /// Removes the entry of `key`, which must exist, and decrements its value. Returns the new root.
  long removeKey(long root, long key) throws IOException {
    path.follow(root, key);
    int index = BTreeNode.find(path.leaf(), key);
    removeFromLeaf(index, index + 1);
    return settleRoot();
  }

  /// Removes some of the entries with keys in `[begin, end)`, of which `first` is the least: on the
  /// way to its leaf, the topmost run of children that lie in the range as a whole; if there are
  /// none, what the leaf has in the range.
  Removal removeSome(long root, long begin, long first, long end) throws IOException {
    path.follow(root, first);
    long entries = removeSome(begin, first, end);
    return new Removal(settleRoot(), entries);
  }

  private long removeSome(long begin, long first, long end) throws IOException {
    long keyEnd = Long.MAX_VALUE;
    for (int level = 0; level < path.leafLevel(); level++) {
      var node = path.node(level);
      int count = BTreeNode.entryCount(node);
      int from = path.index(level);
      if (BTreeNode.key(node, from) < begin) {
        from++;
      }
      int to = from;
      while (to < count && (to + 1 < count ? BTreeNode.key(node, to + 1) : keyEnd) <= end) {
        to++;
      }
      if (to > from) {
        return removeChildren(level, from, to);
      }
      if (path.index(level) + 1 < count) {
        keyEnd = BTreeNode.key(node, path.index(level) + 1);
      }
    }
    int from = BTreeNode.ceiling(path.leaf(), first);
    int to = BTreeNode.ceiling(path.leaf(), end);
    int entries = to - from;
    removeFromLeaf(from, to);
    return entries;
  }

  private long removeChildren(int level, int from, int to) throws IOException {
    var node = path.node(level);
    long entries = 0;
    for (int i = from; i < to; i++) {
      entries += drop(BTreeNode.longValue(node, i), true);
    }
    BTreeNode.remove(node, from, to);
    refill(level);
    path.forget();
    return entries;
  }

  private void removeFromLeaf(int from, int to) throws IOException {
    var leaf = path.leaf();
    type.decrement(MemorySegment.ofArray(leaf), BTreeNode.valueOffset(leaf, from), to - from);
    BTreeNode.remove(leaf, from, to);
    if (isTooEmpty(path.leafLevel())) {
      refill(path.leafLevel());
      path.forget();
    }
  }

  private boolean isTooEmpty(int level) {
    var node = path.node(level);
    return level > 0
        && BTreeNode.entryCount(node) < BTreeNode.minEntries(node)
        && BTreeNode.entryCount(path.node(level - 1)) >= 2;
  }

  /// Brings the node of the path at `level`, and those above it in turn, back to one third: with a
  /// sibling it either shares evenly or becomes one.
  private void refill(int level) throws IOException {
    for (; isTooEmpty(level); level--) {
      var parent = path.node(level - 1);
      int leftIndex = Math.max(0, path.index(level - 1) - 1);
      var left = path.shadowChild(parent, leftIndex).bytes();
      var right = path.shadowSibling(parent, leftIndex + 1, left);
      int leftCount = BTreeNode.entryCount(left);
      int rightCount = BTreeNode.entryCount(right.bytes());
      int total = leftCount + rightCount;
      if (total < 2 * (BTreeNode.minEntries(left) + 1)) {
        BTreeNode.moveLeft(left, right.bytes(), rightCount);
        BTreeNode.remove(parent, leftIndex + 1, leftIndex + 2);
        transaction.decrement(right.block());
      } else {
        if (leftCount < total / 2) {
          BTreeNode.moveLeft(left, right.bytes(), total / 2 - leftCount);
        } else {
          BTreeNode.moveRight(left, right.bytes(), leftCount - total / 2);
        }
        BTreeNode.setKey(parent, leftIndex + 1, BTreeNode.key(right.bytes(), 0));
        return;
      }
    }
  }

  /// The root after a removal: one with a single child gives way to it, one without any becomes an
  /// empty leaf.
  private long settleRoot() throws IOException {
    long block = path.root();
    while (true) {
      var node = transaction.node(block);
      if (BTreeNode.isLeaf(node) || BTreeNode.entryCount(node) > 1) {
        return block;
      }
      path.forget();
      var root = path.shadow(block);
      if (BTreeNode.entryCount(node) == 0) {
        BTreeNode.format(root.bytes(), BTreeNode.LEAF, type.sizeBytes());
        return root.block();
      }
      block = BTreeNode.longValue(node, 0);
      transaction.decrement(root.block());
    }
  }

  /// Drops one reference to the subtree of `root`. Returns the number of entries below what was
  /// visited: of all if `countShared`, else of what was freed.
  long drop(long root, boolean countShared) throws IOException {
    long entries = 0;
    var stack = new BlockStack();
    stack.push(root, true);
    while (!stack.isEmpty()) {
      boolean referred = stack.isTopReferred();
      long block = stack.pop();
      boolean freed = referred && !transaction.isShared(block);
      if (freed || countShared) {
        var node = transaction.node(block);
        int count = BTreeNode.entryCount(node);
        if (!BTreeNode.isLeaf(node)) {
          for (int i = count - 1; i >= 0; i--) {
            stack.push(BTreeNode.longValue(node, i), freed);
          }
        } else {
          BTreeNode.requireValueSize(node, block, type.sizeBytes());
          entries += count;
          if (freed && count > 0) {
            type.decrement(MemorySegment.ofArray(node), BTreeNode.valueOffset(node, 0), count);
          }
        }
      }
      if (referred) {
        transaction.decrement(block);
      }
    }
    return entries;
  }

  /// The blocks still to be dropped, each with whether it loses a reference or is only counted.
  private static final class BlockStack {
    private long[] blocks = new long[256];
    private int size;

    boolean isEmpty() {
      return size == 0;
    }

    void push(long block, boolean referred) {
      if (size == blocks.length) {
        blocks = Arrays.copyOf(blocks, 2 * size);
      }
      blocks[size++] = referred ? block : ~block;
    }

    boolean isTopReferred() {
      return blocks[size - 1] >= 0;
    }

    long pop() {
      long block = blocks[--size];
      return block >= 0 ? block : ~block;
    }
  }
}
