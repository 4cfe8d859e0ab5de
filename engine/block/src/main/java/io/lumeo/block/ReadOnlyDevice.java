package io.lumeo.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Another device that takes no writes through this view. Closing the view closes the other.
public final class ReadOnlyDevice implements BlockDevice {
  private final BlockDevice device;
  private final String name;

  /// A view of `device`; `name` is what the refusals call it.
  public ReadOnlyDevice(BlockDevice device, String name) {
    this.device = device;
    this.name = name;
  }

  @Override
  public long sizeBytes() {
    return device.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public long preferredBlockBytes() {
    return device.preferredBlockBytes();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    device.read(offset, target);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    return device.tryRead(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    throw refusal();
  }

  @Override
  public boolean tryWrite(long offset, MemorySegment source) throws IOException {
    throw refusal();
  }

  @Override
  public void writeThrough(long offset, MemorySegment source) throws IOException {
    throw refusal();
  }

  /// Does nothing: no write came this way.
  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    throw refusal();
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    throw refusal();
  }

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    device.extents(offset, lengthBytes, visitor);
  }

  @Override
  public void extend(long newSizeBytes) throws IOException {
    throw refusal();
  }

  @Override
  public void close() throws IOException {
    device.close();
  }

  private StorageException.ReadOnly refusal() {
    return new StorageException.ReadOnly(
        "%s is read-only; write to a volume or to a clone of it".formatted(name));
  }
}
