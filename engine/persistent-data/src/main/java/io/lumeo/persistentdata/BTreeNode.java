package io.lumeo.persistentdata;

import static io.lumeo.persistentdata.BlockHeader.U32;
import static io.lumeo.persistentdata.BlockHeader.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import io.lumeo.block.StorageException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
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

  private static final long FLAGS =
      HEADER.byteOffset(groupElement("header"), groupElement("flags"));
  private static final long ENTRY_COUNT = HEADER.byteOffset(groupElement("nr_entries"));
  private static final long MAX_ENTRIES = HEADER.byteOffset(groupElement("max_entries"));
  private static final long VALUE_BYTES = HEADER.byteOffset(groupElement("value_size"));
  private static final long KEYS = HEADER.byteSize();

  private BTreeNode() {}

  /// How many entries fit in a node, rounded down to a multiple of three.
  static int maxEntries(int valueBytes) {
    int fitting = (int) (TransactionManager.BLOCK_BYTES - KEYS) / (KEY_BYTES + valueBytes);
    return fitting / 3 * 3;
  }

  /// The fewest entries a node that is not the root may have.
  static int minEntries(MemorySegment node) {
    return maxEntries(node) / 3;
  }

  /// Makes an empty node of what may have been any other.
  static void format(MemorySegment node, int flags, int valueBytes) {
    node.set(U32, FLAGS, flags);
    node.set(U32, ENTRY_COUNT, 0);
    node.set(U32, MAX_ENTRIES, maxEntries(valueBytes));
    node.set(U32, VALUE_BYTES, valueBytes);
  }

  /// Makes an empty node of the same sort as `other`.
  static void formatLike(MemorySegment node, MemorySegment other) {
    node.set(U32, FLAGS, flags(other));
    node.set(U32, ENTRY_COUNT, 0);
    node.set(U32, MAX_ENTRIES, maxEntries(other));
    node.set(U32, VALUE_BYTES, valueBytes(other));
  }

  /// Checks that a node that was read can be searched without harm: its header is possible and its
  /// keys ascend.
  static void verify(MemorySegment node, long block) throws StorageException.Damaged {
    int flags = flags(node);
    int entries = entryCount(node);
    int max = maxEntries(node);
    int valueBytes = valueBytes(node);
    if (flags != INTERNAL && flags != LEAF) {
      throw damaged(block, "its flags are %x".formatted(flags));
    }
    if (max <= 0
        || max % 3 != 0
        || valueBytes <= 0
        || KEYS + (long) max * (KEY_BYTES + (long) valueBytes) > TransactionManager.BLOCK_BYTES) {
      throw damaged(block, "it claims %d entries of %d bytes".formatted(max, valueBytes));
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

  static StorageException.Damaged damaged(long block, String why) {
    return new StorageException.Damaged(
        "B-tree node in metadata block %d is damaged: %s; check the metadata"
            .formatted(block, why));
  }

  static int flags(MemorySegment node) {
    return node.get(U32, FLAGS);
  }

  static boolean isLeaf(MemorySegment node) {
    return (flags(node) & LEAF) != 0;
  }

  static int entryCount(MemorySegment node) {
    return node.get(U32, ENTRY_COUNT);
  }

  static void setEntryCount(MemorySegment node, int count) {
    node.set(U32, ENTRY_COUNT, count);
  }

  static int maxEntries(MemorySegment node) {
    return node.get(U32, MAX_ENTRIES);
  }

  static int valueBytes(MemorySegment node) {
    return node.get(U32, VALUE_BYTES);
  }

  static boolean isFull(MemorySegment node) {
    return entryCount(node) == maxEntries(node);
  }

  static long key(MemorySegment node, int index) {
    return node.get(U64, KEYS + (long) index * KEY_BYTES);
  }

  static void setKey(MemorySegment node, int index, long key) {
    node.set(U64, KEYS + (long) index * KEY_BYTES, key);
  }

  static long valueOffset(MemorySegment node, int index) {
    return KEYS + (long) maxEntries(node) * KEY_BYTES + (long) index * valueBytes(node);
  }

  /// The value of an internal node or of a leaf with values of eight bytes.
  static long longValue(MemorySegment node, int index) {
    return node.get(U64, KEYS + (long) maxEntries(node) * KEY_BYTES + (long) index * Long.BYTES);
  }

  static void setLongValue(MemorySegment node, int index, long value) {
    node.set(U64, KEYS + (long) maxEntries(node) * KEY_BYTES + (long) index * Long.BYTES, value);
  }

  /// The last entry whose key is at most `key`; -1 if all are greater.
  static int floor(MemorySegment node, long key) {
    int low = -1;
    int high = entryCount(node);
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

  /// The first entry whose key is at least `key`; the entry count if all are less.
  static int ceiling(MemorySegment node, long key) {
    int floor = floor(node, key);
    return floor >= 0 && key(node, floor) == key ? floor : floor + 1;
  }

  /// The entry with just this key; -1 if there is none. Where keys have no gaps, as in the mappings
  /// of a written disk, its distance from the first key says at once where it is.
  static int find(MemorySegment node, long key) {
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
  static void insert(MemorySegment node, int index, long key) {
    int count = entryCount(node);
    shift(node, index, index + 1, count - index);
    setKey(node, index, key);
    setEntryCount(node, count + 1);
  }

  /// Removes the entries `[begin, end)`.
  static void remove(MemorySegment node, int begin, int end) {
    int count = entryCount(node);
    shift(node, end, begin, count - end);
    setEntryCount(node, count - (end - begin));
  }

  /// Moves the first `count` entries of `right` behind those of `left`.
  static void moveLeft(MemorySegment left, MemorySegment right, int count) {
    int leftCount = entryCount(left);
    copy(right, 0, left, leftCount, count);
    setEntryCount(left, leftCount + count);
    remove(right, 0, count);
  }

  /// Moves the last `count` entries of `left` before those of `right`.
  static void moveRight(MemorySegment left, MemorySegment right, int count) {
    int leftCount = entryCount(left);
    int rightCount = entryCount(right);
    shift(right, 0, count, rightCount);
    copy(left, leftCount - count, right, 0, count);
    setEntryCount(right, rightCount + count);
    setEntryCount(left, leftCount - count);
  }

  private static void shift(MemorySegment node, int from, int to, int count) {
    copy(node, from, node, to, count);
  }

  private static void copy(
      MemorySegment source, int from, MemorySegment target, int to, int count) {
    if (count > 0) {
      MemorySegment.copy(
          source,
          KEYS + (long) from * KEY_BYTES,
          target,
          KEYS + (long) to * KEY_BYTES,
          (long) count * KEY_BYTES);
      MemorySegment.copy(
          source,
          valueOffset(source, from),
          target,
          valueOffset(target, to),
          (long) count * valueBytes(source));
    }
  }
}
