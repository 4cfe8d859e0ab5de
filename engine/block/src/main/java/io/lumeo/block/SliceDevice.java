package io.lumeo.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A window of another device. A flush of the window flushes the whole; closing the window leaves
/// the other open.
public final class SliceDevice implements BlockDevice {
  private final BlockDevice whole;
  private final long startBytes;
  private final long sizeBytes;

  /// The `sizeBytes` bytes of `whole` from `startBytes` on.
  ///
  /// @throws StorageException.OutOfRange if they are not all inside `whole`
  public SliceDevice(BlockDevice whole, long startBytes, long sizeBytes) throws StorageException {
    whole.checkRange(startBytes, sizeBytes);
    this.whole = whole;
    this.startBytes = startBytes;
    this.sizeBytes = sizeBytes;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return whole.isReadOnly();
  }

  @Override
  public long preferredBlockBytes() {
    return whole.preferredBlockBytes();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    whole.read(inWhole(offset, target.byteSize()), target);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    return whole.tryRead(inWhole(offset, target.byteSize()), target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    whole.write(inWhole(offset, source.byteSize()), source);
  }

  @Override
  public boolean tryWrite(long offset, MemorySegment source) throws IOException {
    return whole.tryWrite(inWhole(offset, source.byteSize()), source);
  }

  @Override
  public void writeThrough(long offset, MemorySegment source) throws IOException {
    whole.writeThrough(inWhole(offset, source.byteSize()), source);
  }

  @Override
  public void flush() throws IOException {
    whole.flush();
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    whole.discard(inWhole(offset, lengthBytes), lengthBytes);
  }

  @Override
  public void allocate(long offset, long lengthBytes) throws IOException {
    whole.allocate(inWhole(offset, lengthBytes), lengthBytes);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    whole.writeZeroes(inWhole(offset, lengthBytes), lengthBytes, mode);
  }

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    whole.extents(
        inWhole(offset, lengthBytes),
        lengthBytes,
        (at, length, state) -> visitor.extent(at - startBytes, length, state));
  }

  @Override
  public void close() {
    // The whole belongs to another.
  }

  private long inWhole(long offset, long lengthBytes) throws StorageException {
    checkRange(offset, lengthBytes);
    return startBytes + offset;
  }
}
