package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import java.io.IOException;
import java.util.Arrays;

/// Where the range of one READ holds data and where it is known to read as zeroes.
///
/// Zeroes shorter than 4 KiB are counted as data: a chunk for them would save little.
final class SparseMap {
  private static final int SMALLEST_HOLE_BYTES = 4096;

  private final long offset;
  private final int lengthBytes;
  private long[] ends = new long[8]; // where each run ends; runs alternate, the first is data
  private int runs;

  private SparseMap(long offset, int lengthBytes) {
    this.offset = offset;
    this.lengthBytes = lengthBytes;
  }

  /// The map of a range. A device that cannot tell has data everywhere: reading will show.
  static SparseMap of(BlockDevice device, long offset, int lengthBytes) {
    var map = new SparseMap(offset, lengthBytes);
    try {
      device.extents(offset, lengthBytes, map::add);
    } catch (IOException | RuntimeException | Error _) {
      map.runs = 0;
    }
    map.closeAt(offset + lengthBytes);
    return map;
  }

  boolean hasHoles() {
    return runs > 1;
  }

  /// The length of the whole structured reply, at most. With holes it is shorter than the range.
  int replyBytes() {
    long bytes = 0;
    for (int run = 0; run < runs; run += 2) {
      bytes += ends[run] - start(run);
    }
    return (int) bytes + runs * ChunkLayout.HOLE_BYTES;
  }

  /// Reads the data and makes the whole structured reply, holes included.
  Transmission.Payload read(BlockDevice device, long cookie, BufferPool pool) throws IOException {
    var buffer = pool.take(replyBytes());
    try {
      return new Transmission.Payload(buffer, read(device, cookie, buffer));
    } catch (IOException | RuntimeException | Error e) {
      pool.give(buffer);
      throw e;
    }
  }

  private int read(BlockDevice device, long cookie, Buffer buffer) throws IOException {
    int at = 0;
    for (int run = 0; run < runs; run++) {
      long from = start(run);
      int bytes = (int) (ends[run] - from);
      int flags = ends[run] == offset + lengthBytes ? Protocol.CHUNK_FLAG_DONE : 0;
      if (bytes == 0) {
        continue;
      }
      if (isHole(run)) {
        ChunkLayout.writeHole(buffer.segment(), at, flags, cookie, from, bytes);
        at += ChunkLayout.HOLE_BYTES;
      } else {
        device.read(from, buffer.slice(at + ChunkLayout.DATA_PREFIX_BYTES, bytes));
        ChunkLayout.writeDataPrefix(buffer.segment(), at, flags, cookie, from, bytes);
        at += ChunkLayout.DATA_PREFIX_BYTES + bytes;
      }
    }
    return at;
  }

  private boolean add(long from, long bytes, ExtentState state) {
    boolean hole = state.readsAsZeroes() && bytes >= SMALLEST_HOLE_BYTES;
    boolean sameRun = runs > 0 && isHole(runs - 1) == hole;
    if (sameRun) {
      ends[runs - 1] = from + bytes;
    } else {
      if (runs == 0 && hole) {
        append(from); // no data before the first hole
      }
      append(from + bytes);
    }
    return true;
  }

  /// What a device left out at the end is data.
  private void closeAt(long end) {
    if (runs == 0) {
      append(end);
    } else if (ends[runs - 1] < end) {
      if (isHole(runs - 1)) {
        append(end);
      } else {
        ends[runs - 1] = end;
      }
    }
  }

  private void append(long end) {
    if (runs == ends.length) {
      ends = Arrays.copyOf(ends, 2 * runs);
    }
    ends[runs++] = end;
  }

  private long start(int run) {
    return run == 0 ? offset : ends[run - 1];
  }

  private static boolean isHole(int run) {
    return run % 2 == 1;
  }
}
