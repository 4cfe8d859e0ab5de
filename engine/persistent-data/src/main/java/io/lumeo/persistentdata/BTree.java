package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.OptionalLong;

/// A B+tree of metadata blocks from keys to values of one fixed size. The object holds no tree:
/// each method is told a root, and those that change something return the new one, so the same
/// object serves every tree of its sort.
///
/// Nodes are shared between trees (a snapshot is one more reference to a root) and shadowed on
/// change; see [TransactionManager]. Keys are `0 ≤ key < Long.MAX_VALUE`. Every node but the root
/// is at least one third full; [BTreeInsertion] and [BTreeRemoval] see to that.
///
/// **Threads.** As [TransactionManager]: one thread changes, any thread looks up.
public final class BTree {
  private final TransactionManager transaction;
  private final int valueBytes;
  private final ShadowPath path;
  private final BTreeInsertion insertion;
  private final BTreeRemoval removal;

  public BTree(TransactionManager transaction, ValueType type) {
    this.transaction = transaction;
    this.valueBytes = type.sizeBytes();
    this.path = new ShadowPath(transaction, type);
    this.insertion = new BTreeInsertion(transaction, path);
    this.removal = new BTreeRemoval(transaction, type, path);
  }

  /// A new tree without entries; returns its root.
  public long createEmpty() throws IOException {
    var root = transaction.newFrame(BlockKind.BTREE_NODE);
    BTreeNode.format(root.bytes(), BTreeNode.LEAF, valueBytes);
    return root.block();
  }

  // Looking up

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
  byte[] leaf(long root, long key) throws IOException {
    long block = root;
    for (int depth = 0; depth < ShadowPath.MAX_DEPTH; depth++) {
      var node = transaction.node(block);
      if (BTreeNode.isLeaf(node)) {
        BTreeNode.requireValueSize(node, block, valueBytes);
        return node;
      }
      block = BTreeNode.longValue(node, BTreeNode.childFor(node, key));
    }
    throw BTreeNode.tooDeep(root);
  }

  /// Whether some node on the way from the root to the leaf of `key` has more than one reference,
  /// or had in the last durable commit, so that another tree may see the same entry, now or after a
  /// crash.
  public boolean isPathShared(long root, long key) throws IOException {
    long block = root;
    for (int depth = 0; depth < ShadowPath.MAX_DEPTH; depth++) {
      if (transaction.isSharedOrWas(block)) {
        return true;
      }
      var node = transaction.node(block);
      if (BTreeNode.isLeaf(node)) {
        return false;
      }
      block = BTreeNode.longValue(node, BTreeNode.childFor(node, key));
    }
    throw BTreeNode.tooDeep(root);
  }

  /// The greatest key, if there is an entry.
  public OptionalLong highestKey(long root) throws IOException {
    var leaf = leaf(root, Long.MAX_VALUE);
    int count = BTreeNode.entryCount(leaf);
    return count == 0 ? OptionalLong.empty() : OptionalLong.of(BTreeNode.key(leaf, count - 1));
  }

  /// The most entries there can be, told from the root and the number of levels below it.
  long maxEntries(long root, TreeCost cost) throws IOException {
    var node = transaction.node(root);
    int rootEntries = BTreeNode.entryCount(node);
    for (int levels = 0; levels < ShadowPath.MAX_DEPTH; levels++) {
      if (BTreeNode.isLeaf(node)) {
        return cost.entriesUnder(rootEntries, levels);
      }
      node = transaction.node(BTreeNode.longValue(node, 0));
    }
    throw BTreeNode.tooDeep(root);
  }

  // Walking

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
    new BTreeWalk(transaction, valueBytes, begin, end).forEachEntry(root, visitor);
  }

  /// Shows `visitor` the nodes of the tree, and what is damaged of it.
  public void walk(long root, NodeVisitor visitor) throws IOException {
    walk(root, 0, Long.MAX_VALUE, visitor);
  }

  /// Shows `visitor` the nodes that can hold keys in `[begin, end)`, and what is damaged of them.
  public void walk(long root, long begin, long end, NodeVisitor visitor) throws IOException {
    new BTreeWalk(transaction, valueBytes, begin, end).forEachNode(root, visitor);
  }

  /// One node, for those who walk by themselves. Its entries are checked for order, not for their
  /// place in a tree.
  public NodeView view(long block) throws IOException {
    var node = transaction.node(block);
    if (BTreeNode.isLeaf(node)) {
      BTreeNode.requireValueSize(node, block, valueBytes);
    }
    return new NodeView(block, node);
  }

  // Inserting

  /// Maps `key` to a value of eight bytes; as the other [#insert(long, long, MemorySegment)].
  public long insert(long root, long key, long value) throws IOException {
    int index = makeEntry(root, key);
    BTreeNode.setLongValue(path.leaf(), index, value);
    return path.root();
  }

  /// Maps `key` to the first bytes of `value` and returns the new root. The tree takes over the
  /// caller's reference to what the value refers to. A value that is replaced is *not* decremented:
  /// its reference falls to the caller.
  public long insert(long root, long key, MemorySegment value) throws IOException {
    int index = makeEntry(root, key);
    var leaf = path.leaf();
    MemorySegment.copy(
        value, ValueLayout.JAVA_BYTE, 0, leaf, BTreeNode.valueOffset(leaf, index), valueBytes);
    return path.root();
  }

  /// The leaf that holds `key` if any does, for values to be changed in place. The tree then is at
  /// [#changedRoot].
  byte[] leafToChange(long root, long key) throws IOException {
    path.follow(root, key);
    return path.leaf();
  }

  long changedRoot() {
    return path.root();
  }

  private int makeEntry(long root, long key) throws IOException {
    return insertion.makeEntry(root, Objects.checkIndex(key, Long.MAX_VALUE));
  }

  // Removing

  /// Removes the entry of `key`, if there is one, and decrements its value.
  public Removal remove(long root, long key) throws IOException {
    if (BTreeNode.find(leaf(root, key), key) < 0) {
      return new Removal(root, 0);
    }
    return new Removal(removal.removeKey(root, key), 1);
  }

  /// Removes the entries with keys in `[begin, end)` and decrements their values. Subtrees that lie
  /// in the range as a whole are dropped as a whole; they are read all the same, to count.
  public Removal removeRange(long root, long begin, long end) throws IOException {
    var done = new Removal(root, 0);
    for (var first = firstKey(root, begin, end);
        first.isPresent();
        first = firstKey(done.root(), begin, end)) {
      var step = removal.removeSome(done.root(), begin, first.getAsLong(), end);
      done = new Removal(step.root(), done.count() + step.count());
    }
    return done;
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

  /// Drops one reference to the tree. Descends only into nodes to which it was the last one.
  public void delete(long root) throws IOException {
    removal.drop(root, false);
  }
}
