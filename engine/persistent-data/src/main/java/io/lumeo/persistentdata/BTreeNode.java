package io.lumeo.persistentdata;

import static io.lumeo.persistentdata.LittleEndian.U32;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import io.lumeo.block.StorageException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// A node of a B-tree: sorted keys, and a value for each. In an internal node the values are the
/// blocks of the children and a key is a lower bound of the keys below its child.
///
/// | bytes | field | |
/// | --- | --- | --- |
/// | 0..3 | `csum` | see [BlockChecksum] |
/// | 4..7 | `flags` | 1 = internal, 2 = leaf |
/// | 8..15 | `blocknr` | |
/// | 16..19 | `nr_entries` | entries in use |
/// | 20..23 | `max_entries` | room for entries, a multiple of three |
/// | 24..27 | `value_size` | bytes of a value; 8 in internal nodes |
/// | 28..31 | `padding` | |
/// | 32.. | `keys` | `max_entries` of 8 bytes, ascending |
/// | 32 + 8 · `max_entries` .. | `values` | `max_entries` of `value_size` bytes |
///
/// Source: Linux, `drivers/md/persistent-data/dm-btree-internal.h`.
final class BTreeNode {
  static final int INTERNAL = 1;
  static final int LEAF = 2;
  static final int KEY_BYTES = Long.BYTES;
  static final int CHILD_BYTES = Long.BYTES;

  static final StructLayout HEADER =
      MemoryLayout.structLayout(
          BlockHeader.LAYOUT.withName("header"),
          U32.withName("nr_entries"),
          U32.withName("max_entries"),
          U32.withName("value_size"),
          U32.withName("padding"));

  private static final int FLAGS = BlockHeader.FLAGS;
  private static final int ENTRY_COUNT = (int) HEADER.byteOffset(groupElement("nr_entries"));
  private static final int MAX_ENTRIES = (int) HEADER.byteOffset(groupElement("max_entries"));
  private static final int VALUE_BYTES = (int) HEADER.byteOffset(groupElement("value_size"));
  private static final int KEYS = (int) HEADER.byteSize();

  private BTreeNode() {}

  /// How many entries fit in a node, rounded down to a multiple of three.
  static int maxEntries(int valueBytes) {
    int fitting = (TransactionManager.BLOCK_BYTES - KEYS) / (KEY_BYTES + valueBytes);
    return fitting / 3 * 3;
  }

  /// The fewest entries a node that is not the root may have.
  static int minEntries(byte[] node) {
    return maxEntries(node) / 3;
  }

  /// Makes an empty node of what may have been any other.
  static void format(byte[] node, int flags, int valueBytes) {
    LittleEndian.setInt(node, FLAGS, flags);
    LittleEndian.setInt(node, ENTRY_COUNT, 0);
    LittleEndian.setInt(node, MAX_ENTRIES, maxEntries(valueBytes));
    LittleEndian.setInt(node, VALUE_BYTES, valueBytes);
  }

  /// Makes an empty node of the same sort as `other`.
  static void formatLike(byte[] node, byte[] other) {
    LittleEndian.setInt(node, FLAGS, flags(other));
    LittleEndian.setInt(node, ENTRY_COUNT, 0);
    LittleEndian.setInt(node, MAX_ENTRIES, maxEntries(other));
    LittleEndian.setInt(node, VALUE_BYTES, valueBytes(other));
  }

  /// Checks that a node that was read can be searched without harm: its header is possible and its
  /// keys ascend.
  static void verify(byte[] node, long block) throws StorageException.Damaged {
    int flags = flags(node);
    int entries = entryCount(node);
    int max = maxEntries(node);
    int valueBytes = valueBytes(node);
    if (flags != INTERNAL && flags != LEAF) {
      throw damaged(block, "its flags are %x".formatted(flags));
    }
    if (valueBytes <= 0
        || valueBytes > TransactionManager.BLOCK_BYTES
        || max != maxEntries(valueBytes)) {
      throw damaged(block, "it claims room for %d values of %d bytes".formatted(max, valueBytes));
    }
    if (entries < 0 || entries > max) {
      throw damaged(block, "it claims to hold %d of %d entries".formatted(entries, max));
    }
    if (flags == INTERNAL && (entries == 0 || valueBytes != CHILD_BYTES)) {
      throw damaged(
          block,
          "as an internal node it has %d children of %d bytes".formatted(entries, valueBytes));
    }
    long previous = -1;
    for (int i = 0; i < entries; i++) {
      long key = key(node, i);
      if (key <= previous) {
        throw damaged(block, "key %d is %d after %d".formatted(i, key, previous));
      }
      previous = key;
    }
  }

  /// Checks that two nodes can exchange entries, as siblings of a sound tree can.
  static void verifyAlike(byte[] node, byte[] sibling) throws StorageException.Damaged {
    if (flags(node) != flags(sibling) || valueBytes(node) != valueBytes(sibling)) {
      throw damaged(
          BlockHeader.blockNumber(sibling),
          "it is not like its sibling, block %d".formatted(BlockHeader.blockNumber(node)));
    }
  }

  static StorageException.Damaged damaged(long block, String why) {
    return new StorageException.Damaged(
        "B-tree node in metadata block %d is damaged: %s; check the metadata"
            .formatted(block, why));
  }

  static StorageException.Damaged tooDeep(long root) {
    return damaged(root, "the tree below it is deeper than %d".formatted(ShadowPath.MAX_DEPTH));
  }

  /// Checks that a leaf belongs to a tree with values of so many bytes.
  static void requireValueSize(byte[] leaf, long block, int valueBytes)
      throws StorageException.Damaged {
    if (valueBytes(leaf) != valueBytes) {
      throw damaged(
          block, "its values have %d bytes instead of %d".formatted(valueBytes(leaf), valueBytes));
    }
  }

  static int flags(byte[] node) {
    return LittleEndian.getInt(node, FLAGS);
  }

  static boolean isLeaf(byte[] node) {
    return (flags(node) & LEAF) != 0;
  }

  static int entryCount(byte[] node) {
    return LittleEndian.getInt(node, ENTRY_COUNT);
  }

  static void setEntryCount(byte[] node, int count) {
    LittleEndian.setInt(node, ENTRY_COUNT, count);
  }

  static int maxEntries(byte[] node) {
    return LittleEndian.getInt(node, MAX_ENTRIES);
  }

  static int valueBytes(byte[] node) {
    return LittleEndian.getInt(node, VALUE_BYTES);
  }

  static boolean isFull(byte[] node) {
    return entryCount(node) == maxEntries(node);
  }

  static long key(byte[] node, int index) {
    return LittleEndian.getLong(node, KEYS + index * KEY_BYTES);
  }

  static void setKey(byte[] node, int index, long key) {
    LittleEndian.setLong(node, KEYS + index * KEY_BYTES, key);
  }

  static int valueOffset(byte[] node, int index) {
    return KEYS + maxEntries(node) * KEY_BYTES + index * valueBytes(node);
  }

  /// The value of an internal node or of a leaf with values of eight bytes.
  static long longValue(byte[] node, int index) {
    return LittleEndian.getLong(node, KEYS + maxEntries(node) * KEY_BYTES + index * Long.BYTES);
  }

  static void setLongValue(byte[] node, int index, long value) {
    LittleEndian.setLong(node, KEYS + maxEntries(node) * KEY_BYTES + index * Long.BYTES, value);
  }

  /// The last entry whose key is at most `key`; -1 if all are greater.
  static int floor(byte[] node, long key) {
    return floor(node, key, -1, entryCount(node));
  }

  /// As the other [#floor(byte\[\], long)], known to be in `[low, high)`.
  private static int floor(byte[] node, long key, int low, int high) {
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (key(node, middle) <= key) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// The entry of an internal node that leads to `key`, if the key exists. Where a disk was written
  /// in order its children hold equal shares of the keys, and the key's place between the first and
  /// the last tells which; elsewhere this halves what is left to search.
  static int childFor(byte[] node, long key) {
    int last = entryCount(node) - 1;
    long firstKey = key(node, 0);
    long lastKey = key(node, last);
    if (key >= lastKey) {
      return last;
    }
    if (key <= firstKey) {
      return 0;
    }
    int guess = (int) ((double) (key - firstKey) * last / (lastKey - firstKey));
    if (key(node, guess) > key) {
      return floor(node, key, 0, guess);
    }
    return key < key(node, guess + 1) ? guess : floor(node, key, guess + 1, last);
  }

  /// The value of a leaf with values of four bytes.
  static int intValue(byte[] node, int index) {
    return LittleEndian.getInt(node, valueOffset(node, index));
  }

  static void setIntValue(byte[] node, int index, int value) {
    LittleEndian.setInt(node, valueOffset(node, index), value);
  }

  /// The first entry whose key is at least `key`; the entry count if all are less.
  static int ceiling(byte[] node, long key) {
    int floor = floor(node, key);
    return floor >= 0 && key(node, floor) == key ? floor : floor + 1;
  }

  /// The entry with just this key; -1 if there is none. Where keys have no gaps, as in the mappings
  /// of a written disk, its distance from the first key says at once where it is.
  static int find(byte[] node, long key) {
    int count = entryCount(node);
    if (count == 0) {
      return -1;
    }
    long guess = key - key(node, 0);
    if (guess >= 0 && guess < count && key(node, (int) guess) == key) {
      return (int) guess;
    }
    int floor = floor(node, key);
    return floor >= 0 && key(node, floor) == key ? floor : -1;
  }

  /// Makes room for an entry at `index` and sets its key; the caller sets the value. There must be
  /// room.
  static void insert(byte[] node, int index, long key) {
    int count = entryCount(node);
    shift(node, index, index + 1, count - index);
    setKey(node, index, key);
    setEntryCount(node, count + 1);
  }

  /// Removes the entries `[begin, end)`.
  static void remove(byte[] node, int begin, int end) {
    int count = entryCount(node);
    shift(node, end, begin, count - end);
    setEntryCount(node, count - (end - begin));
  }

  /// Moves the first `count` entries of `right` behind those of `left`.
  static void moveLeft(byte[] left, byte[] right, int count) {
    int leftCount = entryCount(left);
    copy(right, 0, left, leftCount, count);
    setEntryCount(left, leftCount + count);
    remove(right, 0, count);
  }

  /// Moves the last `count` entries of `left` before those of `right`.
  static void moveRight(byte[] left, byte[] right, int count) {
    int leftCount = entryCount(left);
    int rightCount = entryCount(right);
    shift(right, 0, count, rightCount);
    copy(left, leftCount - count, right, 0, count);
    setEntryCount(right, rightCount + count);
    setEntryCount(left, leftCount - count);
  }

  private static void shift(byte[] node, int from, int to, int count) {
    copy(node, from, node, to, count);
  }

  private static void copy(byte[] source, int from, byte[] target, int to, int count) {
    if (count > 0) {
      System.arraycopy(
          source, KEYS + from * KEY_BYTES, target, KEYS + to * KEY_BYTES, count * KEY_BYTES);
      System.arraycopy(
          source,
          valueOffset(source, from),
          target,
          valueOffset(target, to),
          count * valueBytes(source));
    }
  }
}
