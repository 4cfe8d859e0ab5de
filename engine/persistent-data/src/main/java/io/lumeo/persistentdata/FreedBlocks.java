package io.lumeo.persistentdata;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The blocks that one transaction freed. The last commit still refers to them until the
/// transaction is durable, so nothing may be written to them before.
///
/// One thread changes it; [#contains] may be asked by any.
public final class FreedBlocks {
  private static final int WORDS = Bitmap.ENTRIES / Long.SIZE;
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  /// One bit per entry, for the bitmaps in which something was freed.
  private final Map<Integer, long[]> bitsByBitmap = new ConcurrentSkipListMap<>();

  private long count;

  FreedBlocks() {}

  void add(int bitmap, int entry) {
    var bits = bitsByBitmap.computeIfAbsent(bitmap, _ -> new long[WORDS]);
    long bit = 1L << entry;
    if ((bits[entry >>> 6] & bit) == 0) {
      WORD.setRelease(bits, entry >>> 6, bits[entry >>> 6] | bit);
      count++;
    }
  }

  boolean contains(int bitmap, int entry) {
    if (count == 0) {
      return false;
    }
    var bits = bitsByBitmap.get(bitmap);
    return bits != null && ((long) WORD.getAcquire(bits, entry >>> 6) & (1L << entry)) != 0;
  }

  void removeIfPresent(int bitmap, int entry) {
    var bits = bitsByBitmap.get(bitmap);
    if (bits != null && (bits[entry >>> 6] & (1L << entry)) != 0) {
      bits[entry >>> 6] &= ~(1L << entry);
      count--;
    }
  }

  long @Nullable [] bits(int bitmap) {
    return bitsByBitmap.get(bitmap);
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /// How many blocks there are.
  public long count() {
    return count;
  }

  /// Tells `visitor` the blocks, in the longest possible runs.
  public void forEachRun(RunVisitor visitor) throws IOException {
    long begin = -1;
    long end = -1;
    for (var entry : bitsByBitmap.entrySet()) {
      var bits = entry.getValue();
      long first = (long) entry.getKey() * Bitmap.ENTRIES;
      for (int i = nextBit(bits, 0, 0); i < Bitmap.ENTRIES; ) {
        int clear = nextBit(bits, i, -1);
        if (first + i != end) {
          if (begin >= 0) {
            visitor.run(begin, end);
          }
          begin = first + i;
        }
        end = first + clear;
        i = nextBit(bits, clear, 0);
      }
    }
    if (begin >= 0) {
      visitor.run(begin, end);
    }
  }

  /// The first entry from `from` on whose bit is set, or with `inversion` -1 clear; the number of
  /// entries if there is none.
  private static int nextBit(long[] bits, int from, long inversion) {
    for (int word = from >>> 6; word < WORDS; word++) {
      long candidates = bits[word] ^ inversion;
      if (word == from >>> 6) {
        candidates &= -1L << from;
      }
      if (candidates != 0) {
        return (word << 6) + Long.numberOfTrailingZeros(candidates);
      }
    }
    return Bitmap.ENTRIES;
  }
}
