package io.lumeo.persistentdata;

import static io.lumeo.persistentdata.LittleEndian.U64;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// A block of 16,320 two-bit reference counts: 0, 1, 2, or 3 for "three or more, see the overflow
/// tree".
///
/// | bytes | field | |
/// | --- | --- | --- |
/// | 0..15 | | [BlockHeader] |
/// | 16..4095 | `words` | 510 numbers of 64 bits, 32 entries in each |
///
/// Entry i of a word sits in its bits 2i and 2i+1 with the *high* bit of the value at the lower
/// position: a count of one is stored as binary `10`, a count of two as `01`.
final class Bitmap {
  static final int ENTRIES_PER_WORD = 32;
  static final int WORDS = 510;

  /// Entries in one bitmap.
  static final int ENTRIES = WORDS * ENTRIES_PER_WORD;

  /// The value that sends the reader to the overflow tree.
  static final int OVERFLOW = 3;

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          BlockHeader.LAYOUT.withName("header"),
          MemoryLayout.sequenceLayout(WORDS, U64).withName("words"));

  private static final int WORDS_OFFSET = (int) LAYOUT.byteOffset(groupElement("words"));
  private static final long LOW_BITS = 0x5555_5555_5555_5555L;

  private Bitmap() {}

  static int get(byte[] bitmap, int entry) {
    long word = swap(word(bitmap, entry / ENTRIES_PER_WORD));
    return (int) (word >>> shift(entry)) & 3;
  }

  static void set(byte[] bitmap, int entry, int value) {
    int index = entry / ENTRIES_PER_WORD;
    long cleared = swap(word(bitmap, index)) & ~(3L << shift(entry));
    setWord(bitmap, index, swap(cleared | ((long) value << shift(entry))));
  }

  /// The first entry in `[from, to)` that is zero and is not marked in any of the `held` bit sets
  /// (one bit per entry); -1 if there is none.
  static int findZero(byte[] bitmap, int from, int to, Iterable<long[]> held) {
    for (int index = from / ENTRIES_PER_WORD; index * ENTRIES_PER_WORD < to; index++) {
      long word = word(bitmap, index);
      long zeroes = ~(word | (word >>> 1)) & LOW_BITS;
      for (; zeroes != 0; zeroes &= zeroes - 1) {
        int entry = index * ENTRIES_PER_WORD + Long.numberOfTrailingZeros(zeroes) / 2;
        if (entry >= to) {
          return -1;
        }
        if (entry >= from && !isHeld(entry, held)) {
          return entry;
        }
      }
    }
    return -1;
  }

  private static boolean isHeld(int entry, Iterable<long[]> held) {
    for (var bits : held) {
      if ((bits[entry >>> 6] & (1L << entry)) != 0) {
        return true;
      }
    }
    return false;
  }

  /// How many of all entries are zero.
  static int zeroCount(byte[] bitmap) {
    int count = 0;
    for (int index = 0; index < WORDS; index++) {
      long word = word(bitmap, index);
      count += Long.bitCount(~(word | (word >>> 1)) & LOW_BITS);
    }
    return count;
  }

  /// Copies all entries into `counts`, one byte each, from `begin` on; entries beyond the array are
  /// left out.
  static void unpack(byte[] bitmap, byte[] counts, int begin) {
    int entries = Math.min(ENTRIES, counts.length - begin);
    for (int entry = 0; entry < entries; entry += ENTRIES_PER_WORD) {
      long word = swap(word(bitmap, entry / ENTRIES_PER_WORD));
      int end = Math.min(entries, entry + ENTRIES_PER_WORD);
      for (int i = entry; i < end; i++, word >>>= 2) {
        counts[begin + i] = (byte) (word & 3);
      }
    }
  }

  /// Fills the bitmap from the two low bits of `counts`, the opposite of [#unpack]; entries beyond
  /// the array are zero.
  static void pack(byte[] bitmap, byte[] counts, int begin) {
    for (int index = 0; index < WORDS; index++) {
      int first = begin + index * ENTRIES_PER_WORD;
      int entries = Math.min(ENTRIES_PER_WORD, counts.length - first);
      long word = 0;
      for (int i = 0; i < entries; i++) {
        word |= (counts[first + i] & 3L) << (2 * i);
      }
      setWord(bitmap, index, swap(word));
    }
  }

  /// Exchanges the bits of every entry; its own inverse.
  private static long swap(long word) {
    return ((word & LOW_BITS) << 1) | ((word >>> 1) & LOW_BITS);
  }

  private static int shift(int entry) {
    return entry % ENTRIES_PER_WORD * 2;
  }

  private static long word(byte[] bitmap, int index) {
    return LittleEndian.getLong(bitmap, WORDS_OFFSET + Long.BYTES * index);
  }

  private static void setWord(byte[] bitmap, int index, long word) {
    LittleEndian.setLong(bitmap, WORDS_OFFSET + Long.BYTES * index, word);
  }
}
