package io.lumeo.persistentdata;

/// How many metadata blocks a change of a [BTree] takes at worst: the nodes it copies and the nodes
/// it makes. Every node but the root is at least one third full, so a tree of so many entries has
/// only so many levels, and a level only so many nodes, whatever was done to it.
///
/// Counts the tree's own nodes. What a copied node refers to is counted up when others refer to the
/// node as well: see [TransactionManager#blocksToCount] and [DiskSpaceMap#blocksToCount].
public final class TreeCost {
  /// The most entries of a node, and so the most that are counted when one is copied.
  public static final int MAX_CHILDREN = BTreeNode.maxEntries(BTreeNode.CHILD_BYTES);

  private static final int MIN_CHILDREN = MAX_CHILDREN / 3;

  private final int maxLeafEntries;
  private final int minLeafEntries;

  private TreeCost(int maxLeafEntries) {
    this.maxLeafEntries = maxLeafEntries;
    this.minLeafEntries = maxLeafEntries / 3;
  }

  /// Of trees with values of `valueBytes`.
  public static TreeCost ofValues(int valueBytes) {
    return new TreeCost(BTreeNode.maxEntries(valueBytes));
  }

  /// The levels that a tree of so many entries has at most; at least one.
  public int levels(long entries) {
    int levels = 1;
    for (long nodes = leaves(entries); nodes > 1; nodes /= MIN_CHILDREN) {
      levels++;
    }
    return levels;
  }

  /// Giving `places` existing entries other values: each way from the root is copied.
  public long toReplace(long entries, long places) {
    long blocks = 1;
    for (long nodes = leaves(entries); nodes > 1; nodes /= MIN_CHILDREN) {
      blocks += Math.min(places, nodes);
    }
    return places == 0 ? 0 : blocks;
  }

  /// Removing entries at `places`: beside each node on the way, a sibling may be copied to borrow
  /// from it or to merge with it.
  public long toRemove(long entries, long places) {
    return toReplace(entries, 2 * places);
  }

  /// Changing entries at `places`, some of which are removed and up to `added` are new, so that
  /// there are `after` at most: beside copies of nodes and siblings there are nodes that were split
  /// off, on each level no more than entries were added, nor than the level has in the end.
  public long toAdd(long entries, long after, long added, long places) {
    long blocks = toRemove(entries, places);
    long levels = 0;
    for (long nodes = leaves(after); nodes > 1; nodes /= MIN_CHILDREN) {
      blocks += Math.min(added, nodes);
      levels++;
    }
    // A root that is split stays the root and has two new children, where others have one sibling.
    return added == 0 ? blocks : blocks + levels;
  }

  /// The leaves of a tree of so many entries at most; up to what fits in one it may have just that,
  /// but need not.
  private long leaves(long entries) {
    return Math.max(1, entries / minLeafEntries);
  }

  /// The nodes that a tree of so many entries has at most.
  public long nodes(long entries) {
    return Math.max(1, toReplace(entries, entries));
  }

  /// The fewest entries that fill so many leaves.
  public long fewestEntries(long leaves) {
    return leaves * minLeafEntries;
  }

  /// The most entries that a tree can have whose root has so many, with so many levels below it.
  long entriesUnder(int rootEntries, int levelsBelow) {
    if (levelsBelow == 0) {
      return rootEntries;
    }
    long nodes = rootEntries;
    for (int level = 1; level < levelsBelow; level++) {
      nodes = Math.min(nodes * MAX_CHILDREN, TransactionManager.MAX_BLOCKS);
    }
    return nodes * maxLeafEntries;
  }
}
