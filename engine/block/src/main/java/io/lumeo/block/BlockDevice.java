package io.lumeo.block;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Bytes at offsets: the one interface in the middle. A file, memory, a thin device, a cluster
/// volume and the crashing disk of the tests are all one, and the NBD server serves any of them.
///
/// **Contract.** Offsets and lengths are bytes; `0 ≤ offset` and `offset + length ≤ sizeBytes()`,
/// otherwise [StorageException.OutOfRange] is thrown and nothing is changed. Any alignment is
/// accepted. A length of zero does nothing. A device behaves as a disk with a volatile write cache:
/// what was written before a [#flush()] that returned survives any later crash, what was written
/// after it may be lost, torn or reordered. Writes need not be atomic.
///
/// **Threads.** All methods may be called by many threads at once. Overlapping concurrent writes
/// leave the bytes of one or the other, per byte. A call may block; none holds a lock that makes
/// unrelated calls wait for its I/O.
public interface BlockDevice extends Closeable {

  /// The size now, in bytes. Devices that grow report the new size from the moment growth is
  /// durable.
  long sizeBytes();

  /// Whether [#write], [#discard] and [#writeZeroes] are refused with [StorageException.ReadOnly].
  default boolean isReadOnly() {
    return false;
  }

  /// The size and alignment of I/O that suits the device best, in bytes; a power of two is not
  /// promised.
  default long preferredBlockBytes() {
    return 4096;
  }

  /// Fills `target` with the bytes from `offset` on.
  void read(long offset, MemorySegment target) throws IOException;

  /// Writes all of `source` at `offset`.
  void write(long offset, MemorySegment source) throws IOException;

  /// As [#write], and durable on return (NBD's and the kernel's FUA). Other writes need not be.
  default void writeThrough(long offset, MemorySegment source) throws IOException {
    write(offset, source);
    flush();
  }

  /// Makes every write, discard and write-zeroes that returned before this call durable.
  void flush() throws IOException;

  /// Tells that the content of the range is no longer needed. Later reads of it return zeroes or
  /// the old bytes, as the device says in its own documentation; a thin device returns zeroes.
  void discard(long offset, long lengthBytes) throws IOException;

  /// Makes the range read as zeroes. With [ZeroMode#MAY_PUNCH] space may be given back; with
  /// [ZeroMode#KEEP_ALLOCATED] the range is allocated afterwards, so that a later write there
  /// cannot run out of space.
  void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException;

  /// Tells `visitor` the states of the range in ascending order, without gaps, from `offset` until
  /// the range ends or the visitor asks to stop. Neighbouring extents may have the same state. The
  /// answer is a snapshot only as far as nobody writes meanwhile.
  void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException;

  /// As [#read], but only if it can be done at once: bytes and metadata in memory, no lock held by
  /// another, no space to wait for. Returns false when it cannot; the content of `target` is then
  /// undefined.
  default boolean tryRead(long offset, MemorySegment target) throws IOException {
    return false;
  }

  /// As [#write], but only if it can be done at once (see [#tryRead]). Returns false when it
  /// cannot, and then has written nothing or a prefix: the caller repeats the whole with [#write].
  default boolean tryWrite(long offset, MemorySegment source) throws IOException {
    return false;
  }

  /// Makes sure that a later write in the range cannot run out of the space underneath; what is
  /// read stays the same. Does nothing where space cannot run out, or cannot be reserved.
  default void allocate(long offset, long lengthBytes) throws IOException {}

  /// Grows the device to `newSizeBytes`; the new part reads as zeroes. The growth is durable on
  /// return. A size that it has already changes nothing.
  ///
  /// @throws StorageException.InvalidArgument if the device is larger already
  /// @throws StorageException.Unsupported if devices of this kind cannot grow
  default void extend(long newSizeBytes) throws IOException {
    throw new StorageException.Unsupported(
        "a %s cannot grow; make a larger device".formatted(getClass().getSimpleName()));
  }

  /// Releases what the device holds. Closing twice is allowed; other calls after it fail. Does not
  /// flush.
  @Override
  void close() throws IOException;

  /// Checks a range against the contract.
  ///
  /// @throws StorageException.OutOfRange if `[offset, offset + lengthBytes)` is not inside the
  ///   device
  default void checkRange(long offset, long lengthBytes) throws StorageException {
    if (offset < 0 || lengthBytes < 0 || offset > sizeBytes() - lengthBytes) {
      throw new StorageException.OutOfRange(offset, lengthBytes, sizeBytes());
    }
  }
}
