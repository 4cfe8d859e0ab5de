package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentVisitor;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Does everything as another device does; tests override what should be different.
class ForwardingDevice implements BlockDevice {
  private final BlockDevice target;

  ForwardingDevice(BlockDevice target) {
    this.target = target;
  }

  @Override
  public long sizeBytes() {
    return target.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return target.isReadOnly();
  }

  @Override
  public long preferredBlockBytes() {
    return target.preferredBlockBytes();
  }

  @Override
  public void read(long offset, MemorySegment into) throws IOException {
    target.read(offset, into);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    target.write(offset, source);
  }

  @Override
  public void writeThrough(long offset, MemorySegment source) throws IOException {
    target.writeThrough(offset, source);
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    target.discard(offset, lengthBytes);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    target.writeZeroes(offset, lengthBytes, mode);
  }

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    target.extents(offset, lengthBytes, visitor);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment into) throws IOException {
    return target.tryRead(offset, into);
  }

  @Override
  public boolean tryWrite(long offset, MemorySegment source) throws IOException {
    return target.tryWrite(offset, source);
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
