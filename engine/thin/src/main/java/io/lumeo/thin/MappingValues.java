package io.lumeo.thin;

import io.lumeo.persistentdata.DiskSpaceMap;
import io.lumeo.persistentdata.ValueType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What a leaf of a mapping tree refers to: data blocks, counted once for each leaf that holds
/// them. Neighbouring blocks are counted in one step, since what was written together lies
/// together.
final class MappingValues implements ValueType {
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final DiskSpaceMap dataMap;

  MappingValues(DiskSpaceMap dataMap) {
    this.dataMap = dataMap;
  }

  @Override
  public int sizeBytes() {
    return Long.BYTES;
  }

  @Override
  public void increment(MemorySegment values, long offset, int count) throws IOException {
    forEachRun(values, offset, count, dataMap::increment);
  }

  @Override
  public void decrement(MemorySegment values, long offset, int count) throws IOException {
    forEachRun(values, offset, count, dataMap::decrement);
  }

  @Override
  public void markWereShared(MemorySegment values, long offset, int count) throws IOException {
    forEachRun(values, offset, count, dataMap::markWereShared);
  }

  private interface Run {
    void apply(long begin, long end) throws IOException;
  }

  private static void forEachRun(MemorySegment values, long offset, int count, Run run)
      throws IOException {
    long begin = -1;
    long end = -1;
    for (int i = 0; i < count; i++) {
      long block = Mapping.dataBlock(values.get(U64, offset + 8L * i));
      if (block == end) {
        end++;
        continue;
      }
      if (begin >= 0) {
        run.apply(begin, end);
      }
      begin = block;
      end = block + 1;
    }
    if (begin >= 0) {
      run.apply(begin, end);
    }
  }
}
