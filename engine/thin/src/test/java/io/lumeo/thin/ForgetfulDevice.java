package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.ExtentVisitor;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A data device that forgets what is written to it, for tests that look at the metadata alone.
final class ForgetfulDevice implements BlockDevice {
  private volatile long sizeBytes;

  ForgetfulDevice(long sizeBytes) {
    this.sizeBytes = sizeBytes;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    checkRange(offset, target.byteSize());
    target.fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    checkRange(offset, source.byteSize());
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    checkRange(offset, lengthBytes);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    checkRange(offset, lengthBytes);
  }

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    checkRange(offset, lengthBytes);
    visitor.extent(offset, lengthBytes, ExtentState.ZERO);
  }

  @Override
  public void extend(long newSizeBytes) {
    sizeBytes = newSizeBytes;
  }

  @Override
  public void close() {}
}
