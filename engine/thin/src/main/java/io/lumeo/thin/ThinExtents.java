package io.lumeo.thin;

import io.lumeo.block.ExtentState;
import io.lumeo.block.ExtentVisitor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Tells the extents of one range of a thin device, merging neighbours of the same state, a limited
/// number of mappings at a time so that no lock is held while the visitor works.
final class ThinExtents {
  /// How many mappings are looked at under one hold of the device's lock.
  private static final int STEP = 1024;

  private final Pool pool;
  private final DeviceState state;
  private final long blockBytes;
  private final long end;
  private final ExtentVisitor visitor;
  private long runBegin;
  private long runEnd;
  private @Nullable ExtentState runState;
  private boolean wanted = true;

  ThinExtents(Pool pool, DeviceState state, long begin, long end, ExtentVisitor visitor) {
    this.pool = pool;
    this.state = state;
    this.blockBytes = pool.dataBlockBytes();
    this.runBegin = begin;
    this.runEnd = begin;
    this.end = end;
    this.visitor = visitor;
  }

  void tell() throws IOException {
    long endBlock = Math.ceilDiv(end, blockBytes);
    long[] blocks = new long[STEP];
    long[] mappings = new long[STEP];
    long from = runBegin / blockBytes;
    while (wanted && from < endBlock) {
      int count = collect(from, endBlock, blocks, mappings);
      for (int i = 0; i < count && wanted; i++) {
        extendTo(blocks[i] * blockBytes, hole());
        extendTo((blocks[i] + 1) * blockBytes, stateOf(blocks[i], mappings[i]));
      }
      from = count < STEP ? endBlock : blocks[count - 1] + 1;
    }
    if (wanted) {
      extendTo(end, hole());
      emit();
    }
  }

  private int collect(long from, long to, long[] blocks, long[] mappings) throws IOException {
    int[] count = {0};
    pool.metadata()
        .forEachMapping(
            state,
            from,
            to,
            (virtualBlock, mapping) -> {
              blocks[count[0]] = virtualBlock;
              mappings[count[0]++] = mapping;
              return count[0] < STEP;
            });
    return count[0];
  }

  private ExtentState stateOf(long virtualBlock, long mapping) throws IOException {
    return pool.metadata().isShared(state, virtualBlock, mapping)
        ? ExtentState.SHARED
        : ExtentState.DATA;
  }

  /// What an unmapped block is: a write there needs space, and with an external origin it has data.
  private ExtentState hole() {
    return state.externalOrigin == null ? ExtentState.HOLE : ExtentState.SHARED;
  }

  private void extendTo(long position, ExtentState next) throws IOException {
    long to = Math.min(position, end);
    if (to <= runEnd) {
      return;
    }
    if (next != runState) {
      emit();
      runBegin = runEnd;
      runState = next;
    }
    runEnd = to;
  }

  private void emit() throws IOException {
    if (wanted && runState != null && runEnd > runBegin) {
      wanted = visitor.extent(runBegin, runEnd - runBegin, runState);
    }
  }
}
