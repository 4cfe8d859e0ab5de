package io.lumeo.persistentdata;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;

/// A B+tree of metadata blocks from keys to values of one fixed size. The object holds no tree:
/// each method is told a root, and those that change something return the new one, so the same
/// object serves every tree of its sort.
///
/// Nodes are shared between trees (a snapshot is one more reference to a root) and shadowed on
/// change; see [TransactionManager]. Keys are `0 ≤ key < Long.MAX_VALUE`. Every node but the root
/// is at least one third full. Insertion at a full node first moves entries to a sibling that is
/// not shared, else splits one node into two or two into three; removal borrows from or merges with
/// a sibling (Linux, `dm-btree.c` and `dm-btree-remove.c`). Appending leaves full nodes behind.
///
/// **Threads.** As [TransactionManager]: one thread changes, any thread looks up.
public final class BTree {
  /// No tree is deeper; it stops a walk in circles through damaged nodes.
  private static final int MAX_DEPTH = 64;

  /// Moving entries to a sibling must win at least this many, or it is soon to do again.
  private static final int MIN_SPILL = 8;

  private final TransactionManager transaction;
  private final ValueType type;
  private final int valueBytes;

  /// The shadowed nodes from the root to the leaf that is being changed, and in each internal one
  /// the index of the next.
  private final Frame[] path = new Frame[MAX_DEPTH];

  private final int[] indexes = new int[MAX_DEPTH];
  private int leafLevel;

  public BTree(TransactionManager transaction, ValueType type) {
    this.transaction = transaction;
    this.type = type;
    this.valueBytes = type.sizeBytes();
  }

  /// A new tree without entries; returns its root.
  public long createEmpty() throws IOException {
    var root = transaction.newFrame(BlockKind.BTREE_NODE);
    BTreeNode.format(root.bytes(), BTreeNode.LEAF, valueBytes);
    return root.block();
  }

  // --- Looking up ---

  /// The value of `key` in a tree with values of eight bytes, or `absent`.
  public long lookup(long root, long key, long absent) throws IOException {
    var leaf = leaf(root, key);
    int index = BTreeNode.find(leaf, key);
    return index >= 0 ? BTreeNode.longValue(leaf, index) : absent;
  }

  /// Copies the value of `key` to the start of `value`. Returns whether there is one.
  public boolean get(long root, long key, MemorySegment value) throws IOException {
    var leaf = leaf(root, key);
    int index = BTreeNode.find(leaf, key);
    if (index < 0) {
      return false;
    }
    MemorySegment.copy(
        leaf, BTreeNode.valueOffset(leaf, index), value, ValueLayout.JAVA_BYTE, 0, valueBytes);
    return true;
  }

  /// The leaf that holds `key` if any does.
  private byte[] leaf(long root, long key) throws IOException {
    long block = root;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      var node = transaction.node(block);
      if (BTreeNode.isLeaf(node)) {
        requireValueSize(block, node);
        return node;
      }
      block = BTreeNode.longValue(node, BTreeNode.childFor(node, key));
    }
    throw tooDeep(root);
  }

  private void requireValueSize(long block, byte[] leaf) throws StorageException.Damaged {
    if (BTreeNode.valueBytes(leaf) != valueBytes) {
      throw BTreeNode.damaged(
          block,
          "its values have %d bytes instead of %d"
              .formatted(BTreeNode.valueBytes(leaf), valueBytes));
    }
  }

  private static StorageException.Damaged tooDeep(long root) {
    return BTreeNode.damaged(root, "the tree below it is deeper than %d".formatted(MAX_DEPTH));
  }

  /// Whether some node on the way from the root to the leaf of `key` has more than one reference,
  /// or had in the last durable commit, so that another tree may see the same entry, now or after a
  /// crash.
  public boolean isPathShared(long root, long key) throws IOException {
    long block = root;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      if (transaction.isSharedOrWas(block)) {
        return true;
      }
      var node = transaction.node(block);
      if (BTreeNode.isLeaf(node)) {
        return false;
      }
      block = BTreeNode.longValue(node, BTreeNode.childFor(node, key));
    }
    throw tooDeep(root);
  }

  /// The greatest key, if there is an entry.
  public OptionalLong highestKey(long root) throws IOException {
    var leaf = leaf(root, Long.MAX_VALUE);
    int count = BTreeNode.entryCount(leaf);
    return count == 0 ? OptionalLong.empty() : OptionalLong.of(BTreeNode.key(leaf, count - 1));
  }

  /// Tells `visitor` the entries with keys in `[begin, end)`, ascending, of a tree with values of
  /// eight bytes.
  public void forEach(long root, long begin, long end, LongEntryVisitor visitor)
      throws IOException {
    forEach(
        root,
        begin,
        end,
        (key, node, offset) -> visitor.entry(key, node.get(LittleEndian.U64, offset)));
  }

  /// Tells `visitor` the entries with keys in `[begin, end)`, ascending.
  public void forEach(long root, long begin, long end, EntryVisitor visitor) throws IOException {
    if (begin < end) {
      forEach(new Place(root, 0, Long.MAX_VALUE, 0), begin, end, visitor);
    }
  }

  private boolean forEach(Place place, long begin, long end, EntryVisitor visitor)
      throws IOException {
    var node = place.read();
    if (BTreeNode.isLeaf(node)) {
      var segment = MemorySegment.ofArray(node).asReadOnly();
      int count = BTreeNode.entryCount(node);
      for (int i = BTreeNode.ceiling(node, begin); i < count; i++) {
        long key = BTreeNode.key(node, i);
        if (key >= end || !visitor.entry(key, segment, BTreeNode.valueOffset(node, i))) {
          return false;
        }
      }
      return true;
    }
    int count = BTreeNode.entryCount(node);
    for (int i = Math.max(0, BTreeNode.floor(node, begin)); i < count; i++) {
      if (BTreeNode.key(node, i) >= end || !forEach(place.child(node, i), begin, end, visitor)) {
        return false;
      }
    }
    return true;
  }

  /// Shows `visitor` the nodes of the tree, and what is damaged of it.
  public void walk(long root, NodeVisitor visitor) throws IOException {
    walk(root, 0, Long.MAX_VALUE, visitor);
  }

  /// Shows `visitor` the nodes that can hold keys in `[begin, end)`, and what is damaged of them.
  public void walk(long root, long begin, long end, NodeVisitor visitor) throws IOException {
    walk(new Place(root, 0, Long.MAX_VALUE, 0), begin, end, visitor);
  }

  /// One node, for those who walk by themselves. Its entries are checked for order, not for their
  /// place in a tree.
  public NodeView view(long block) throws IOException {
    var node = transaction.node(block);
    if (BTreeNode.isLeaf(node)) {
      requireValueSize(block, node);
    }
    return new NodeView(block, node);
  }

  private void walk(Place place, long begin, long end, NodeVisitor visitor) throws IOException {
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
        walk(place.child(node, i), begin, end, visitor);
      }
    }
  }

  /// A node seen from its parent: where it is, and which keys may be below it. As the ranges of
  /// children are disjoint parts of their parent's, a walk that insists on them ends even if a
  /// damaged tree has circles.
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
      if (depth == MAX_DEPTH) {
        throw tooDeep(block);
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
        requireValueSize(block, node);
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

  // --- Inserting ---

  /// Maps `key` to a value of eight bytes; as the other [#insert(long, long, MemorySegment)].
  public long insert(long root, long key, long value) throws IOException {
    int index = makeEntry(root, key);
    BTreeNode.setLongValue(path[leafLevel].bytes(), index, value);
    return path[0].block();
  }

  /// Maps `key` to the first bytes of `value` and returns the new root. The tree takes over the
  /// caller's reference to what the value refers to. A value that is replaced is *not* decremented:
  /// its reference falls to the caller.
  public long insert(long root, long key, MemorySegment value) throws IOException {
    int index = makeEntry(root, key);
    var leaf = path[leafLevel].bytes();
    MemorySegment.copy(
        value, ValueLayout.JAVA_BYTE, 0, leaf, BTreeNode.valueOffset(leaf, index), valueBytes);
    return path[0].block();
  }

  /// Makes the leaf of the path one that may be changed and has an entry for `key`; returns its
  /// index.
  private int makeEntry(long root, long key) throws IOException {
    Objects.checkIndex(key, Long.MAX_VALUE);
    shadowPath(root, key);
    while (true) {
      var leaf = path[leafLevel].bytes();
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
      shadowPath(path[0].block(), key);
    }
  }

  /// Shadows the nodes from the root to the leaf of `key`, and lowers their first key to `key`
  /// where it is greater.
  private void shadowPath(long root, long key) throws IOException {
    long block = root;
    for (int level = 0; level < MAX_DEPTH; level++) {
      var node = shadow(block);
      path[level] = node;
      if (level > 0) {
        BTreeNode.setLongValue(path[level - 1].bytes(), indexes[level - 1], node.block());
      }
      if (BTreeNode.isLeaf(node.bytes())) {
        requireValueSize(block, node.bytes());
        leafLevel = level;
        return;
      }
      if (key < BTreeNode.key(node.bytes(), 0)) {
        BTreeNode.setKey(node.bytes(), 0, key);
      }
      int index = BTreeNode.childFor(node.bytes(), key);
      indexes[level] = index;
      block = BTreeNode.longValue(node.bytes(), index);
    }
    throw tooDeep(root);
  }

  /// The node, ready to be changed for one of its referrers.
  private Frame shadow(long block) throws IOException {
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

  /// Gains room in the full leaf of the path, or in one of the full nodes above it that stand in
  /// the way of splitting it. Afterwards the path is to be followed again.
  private void makeRoom(long key) throws IOException {
    for (int level = leafLevel; ; level--) {
      if (level == 0) {
        splitRoot(key);
        return;
      }
      if (spillLeft(level, key) || spillRight(level)) {
        return;
      }
      if (!BTreeNode.isFull(path[level - 1].bytes())) {
        split(level, key);
        return;
      }
    }
  }

  private boolean isAppending(int level, long key) {
    var node = path[level].bytes();
    return BTreeNode.key(node, BTreeNode.entryCount(node) - 1) < key
        && (level == 0 || indexes[level - 1] == BTreeNode.entryCount(path[level - 1].bytes()) - 1);
  }

  private boolean spillLeft(int level, long key) throws IOException {
    var parent = path[level - 1].bytes();
    int index = indexes[level - 1];
    if (index == 0 || !canTake(BTreeNode.longValue(parent, index - 1))) {
      return false;
    }
    var node = path[level].bytes();
    var left = shadowSibling(parent, index - 1, node).bytes();
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
    var parent = path[level - 1].bytes();
    int index = indexes[level - 1];
    if (index + 1 == BTreeNode.entryCount(parent)
        || !canTake(BTreeNode.longValue(parent, index + 1))) {
      return false;
    }
    var node = path[level].bytes();
    var right = shadowSibling(parent, index + 1, node).bytes();
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

  private Frame shadowChild(byte[] parent, int index) throws IOException {
    var child = shadow(BTreeNode.longValue(parent, index));
    BTreeNode.setLongValue(parent, index, child.block());
    return child;
  }

  private Frame shadowSibling(byte[] parent, int index, byte[] node) throws IOException {
    var sibling = shadowChild(parent, index);
    BTreeNode.verifyAlike(node, sibling.bytes());
    return sibling;
  }

  /// Splits a full node whose parent has room: two into three with a sibling that is as full and
  /// not shared, which leaves all three two thirds full; else one into two.
  private void split(int level, long key) throws IOException {
    var parent = path[level - 1].bytes();
    int index = indexes[level - 1];
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
    var left = shadowChild(parent, index).bytes();
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
    var left = shadowChild(parent, leftIndex).bytes();
    var right = shadowSibling(parent, leftIndex + 1, left).bytes();
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
    var root = path[0].bytes();
    var left = newSibling(root);
    var right = newSibling(root);
    int rightCount = rightShare(root, isAppending(0, key));
    BTreeNode.moveRight(root, right.bytes(), rightCount);
    BTreeNode.moveRight(root, left.bytes(), BTreeNode.entryCount(root));
    BTreeNode.format(root, BTreeNode.INTERNAL, BTreeNode.CHILD_BYTES);
    adopt(root, 0, left);
    adopt(root, 1, right);
  }

  // --- Removing ---

  /// Removes the entry of `key`, if there is one, and decrements its value.
  public Removal remove(long root, long key) throws IOException {
    if (BTreeNode.find(leaf(root, key), key) < 0) {
      return new Removal(root, 0);
    }
    shadowPath(root, key);
    int index = BTreeNode.find(path[leafLevel].bytes(), key);
    removeFromLeaf(index, index + 1);
    return new Removal(settleRoot(), 1);
  }

  /// Removes the entries with keys in `[begin, end)` and decrements their values. Subtrees that lie
  /// in the range as a whole are dropped as a whole; they are read all the same, to count.
  public Removal removeRange(long root, long begin, long end) throws IOException {
    long current = root;
    long removed = 0;
    for (var first = firstKey(current, begin, end);
        first.isPresent();
        first = firstKey(current, begin, end)) {
      removed += removeSome(current, begin, first.getAsLong(), end);
      current = settleRoot();
    }
    return new Removal(current, removed);
  }

  private OptionalLong firstKey(long root, long begin, long end) throws IOException {
    var found = new long[] {-1};
    forEach(
        root,
        begin,
        end,
        (key, _, _) -> {
          found[0] = key;
          return false;
        });
    return found[0] < 0 ? OptionalLong.empty() : OptionalLong.of(found[0]);
  }

  /// Removes, on the way to the leaf of `first`, the topmost run of children that lie in the range
  /// as a whole; if there are none, what the leaf has in the range. Returns the number of entries.
  private long removeSome(long root, long begin, long first, long end) throws IOException {
    shadowPath(root, first);
    long keyEnd = Long.MAX_VALUE;
    for (int level = 0; level < leafLevel; level++) {
      var node = path[level].bytes();
      int count = BTreeNode.entryCount(node);
      int from = indexes[level];
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
      if (indexes[level] + 1 < count) {
        keyEnd = BTreeNode.key(node, indexes[level] + 1);
      }
    }
    var leaf = path[leafLevel].bytes();
    int from = BTreeNode.ceiling(leaf, first);
    int to = BTreeNode.ceiling(leaf, end);
    int entries = to - from;
    removeFromLeaf(from, to);
    return entries;
  }

  private long removeChildren(int level, int from, int to) throws IOException {
    var node = path[level].bytes();
    long entries = 0;
    for (int i = from; i < to; i++) {
      entries += drop(BTreeNode.longValue(node, i), true);
    }
    BTreeNode.remove(node, from, to);
    refill(level);
    return entries;
  }

  private void removeFromLeaf(int from, int to) throws IOException {
    var leaf = path[leafLevel].bytes();
    type.decrement(MemorySegment.ofArray(leaf), BTreeNode.valueOffset(leaf, from), to - from);
    BTreeNode.remove(leaf, from, to);
    refill(leafLevel);
  }

  /// Brings the node of the path at `level`, and those above it in turn, back to one third: with a
  /// sibling it either shares evenly or becomes one.
  private void refill(int level) throws IOException {
    for (; level > 0; level--) {
      var node = path[level].bytes();
      var parent = path[level - 1].bytes();
      if (BTreeNode.entryCount(node) >= BTreeNode.minEntries(node)
          || BTreeNode.entryCount(parent) < 2) {
        return;
      }
      int leftIndex = Math.max(0, indexes[level - 1] - 1);
      var left = shadowChild(parent, leftIndex).bytes();
      var right = shadowSibling(parent, leftIndex + 1, left);
      int leftCount = BTreeNode.entryCount(left);
      int rightCount = BTreeNode.entryCount(right.bytes());
      int total = leftCount + rightCount;
      if (total < 2 * (BTreeNode.minEntries(node) + 1)) {
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
    long block = path[0].block();
    while (true) {
      var node = transaction.node(block);
      if (BTreeNode.isLeaf(node) || BTreeNode.entryCount(node) > 1) {
        return block;
      }
      var root = shadow(block);
      if (BTreeNode.entryCount(node) == 0) {
        BTreeNode.format(root.bytes(), BTreeNode.LEAF, valueBytes);
        return root.block();
      }
      block = BTreeNode.longValue(node, 0);
      transaction.decrement(root.block());
    }
  }

  /// Drops one reference to the tree. Descends only into nodes to which it was the last one.
  public void delete(long root) throws IOException {
    drop(root, false);
  }

  /// Drops one reference to the subtree of `root`. Returns the number of entries below what was
  /// visited: of all if `countShared`, else of what was freed.
  private long drop(long root, boolean countShared) throws IOException {
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
          requireValueSize(block, node);
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
