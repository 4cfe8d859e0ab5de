package io.lumeo.persistentdata;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The counts of three and more of one space map, for which its bitmaps have no room: a B-tree from
/// block to count. Its nodes are never shared.
///
/// **Threads.** One thread changes; [#count] may be called by any, and one that races with a change
/// of the same block may see the count before, after, or an exception.
final class OverflowTree {
  private static final TreeCost COST = TreeCost.ofValues(Integer.BYTES);

  private final String name;
  private final BTree tree;
  private final MemorySegment value = MemorySegment.ofArray(new byte[Integer.BYTES]);
  private volatile long root;

  /// How many counts there can be at most. They are not counted when the tree is opened, since it
  /// may be large.
  private long mostEntries;

  /// @param name what is counted, for messages: `data` or `metadata`
  OverflowTree(TransactionManager transaction, String name) {
    this.name = name;
    this.tree = new BTree(transaction, ValueType.plain(Integer.BYTES));
  }

  void create() throws IOException {
    root = tree.createEmpty();
  }

  void open(long root) throws IOException {
    this.root = root;
    mostEntries = tree.maxEntries(root, COST);
  }

  long root() {
    return root;
  }

  /// Takes each count.
  @FunctionalInterface
  interface Visitor {
    void count(long block, int count) throws IOException;
  }

  /// Tells the counts of blocks below `end`, ascending.
  void forEach(long end, Visitor visitor) throws IOException {
    tree.forEach(
        root,
        0,
        end,
        (block, leaf, offset) -> {
          visitor.count(block, leaf.get(LittleEndian.U32, offset));
          return true;
        });
  }

  /// The count of a block that the bitmap says has one here.
  int count(long block) throws IOException {
    var leaf = tree.leaf(root, block);
    int index = BTreeNode.find(leaf, block);
    if (index < 0) {
      throw missing(block);
    }
    return BTreeNode.intValue(leaf, index);
  }

  /// A block is counted three times for the first time.
  void add(long block) throws IOException {
    value.set(LittleEndian.U32, 0, Bitmap.OVERFLOW);
    root = tree.insert(root, block, value);
    mostEntries++;
  }

  void increment(long block) throws IOException {
    change(block, 1);
  }

  /// Returns the new count. One that a bitmap has room for is not kept here any longer.
  int decrement(long block) throws IOException {
    int count = change(block, -1);
    if (count < Bitmap.OVERFLOW) {
      root = tree.remove(root, block).root();
      mostEntries--;
    }
    return count;
  }

  /// Where it stands; counting the blocks of one leaf of a mapping tree comes back to the same few
  /// leaves here, for which the tree remembers the way.
  private int change(long block, int difference) throws IOException {
    var leaf = tree.leafToChange(root, block);
    root = tree.changedRoot();
    int index = BTreeNode.find(leaf, block);
    if (index < 0) {
      throw missing(block);
    }
    int count = BTreeNode.intValue(leaf, index) + difference;
    BTreeNode.setIntValue(leaf, index, count);
    return count;
  }

  /// The metadata blocks that it takes here at worst to count so many of `blockCount` blocks up and
  /// down, wherever they are.
  long blocksToCount(long up, long down, long blockCount) {
    long entries = Math.min(mostEntries, blockCount);
    return COST.toAdd(entries, Math.min(entries + up, blockCount), up, up + down);
  }

  private StorageException.Damaged missing(long block) {
    return new StorageException.Damaged(
        "the count of %s block %d is not in the overflow tree; check the metadata"
            .formatted(name, block));
  }
}
