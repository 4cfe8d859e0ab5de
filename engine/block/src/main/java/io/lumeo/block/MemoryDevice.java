package io.lumeo.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;

/// Bytes in memory, in pages that exist from their first write on; for tests and for what need not
/// last.
///
/// A discarded range reads as zeroes, and whole pages of it are given back. A flush has nothing to
/// do: what is written is as durable as the process.
public final class MemoryDevice implements BlockDevice {
  private static final int PAGE_BYTES = 4096;

  private final ConcurrentHashMap<Long, MemorySegment> pages = new ConcurrentHashMap<>();
  private volatile long sizeBytes;
  private volatile boolean closed;

  /// A device of `sizeBytes`, all a hole.
  public MemoryDevice(long sizeBytes) {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("size " + sizeBytes + " is negative");
    }
    this.sizeBytes = sizeBytes;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    check(offset, target.byteSize());
    forEachPage(
        offset,
        target.byteSize(),
        (index, inPage, done, length) -> {
          var page = pages.get(index);
          if (page == null) {
            target.asSlice(done, length).fill((byte) 0);
          } else {
            MemorySegment.copy(page, inPage, target, done, length);
          }
        });
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    read(offset, target);
    return true;
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    check(offset, source.byteSize());
    forEachPage(
        offset,
        source.byteSize(),
        (index, inPage, done, length) ->
            MemorySegment.copy(source, done, allocatedPage(index), inPage, length));
  }

  @Override
  public boolean tryWrite(long offset, MemorySegment source) throws IOException {
    write(offset, source);
    return true;
  }

  @Override
  public void flush() throws IOException {
    check(0, 0);
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    writeZeroes(offset, lengthBytes, ZeroMode.MAY_PUNCH);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    check(offset, lengthBytes);
    forEachPage(
        offset,
        lengthBytes,
        (index, inPage, _, length) -> {
          switch (mode) {
            case MAY_PUNCH -> {
              var page = pages.get(index);
              if (length == PAGE_BYTES) {
                pages.remove(index);
              } else if (page != null) {
                page.asSlice(inPage, length).fill((byte) 0);
              }
            }
            case KEEP_ALLOCATED -> allocatedPage(index).asSlice(inPage, length).fill((byte) 0);
          }
        });
  }

  private MemorySegment allocatedPage(long index) {
    return pages.computeIfAbsent(index, _ -> MemorySegment.ofArray(new byte[PAGE_BYTES]));
  }

  /// Joins pages of one state to one extent. On a large empty device this walks every page number,
  /// so ask for the range that matters.
  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    check(offset, lengthBytes);
    long end = offset + lengthBytes;
    for (long at = offset; at < end; ) {
      boolean allocated = pages.containsKey(at / PAGE_BYTES);
      long next = at;
      do {
        next = (next / PAGE_BYTES + 1) * PAGE_BYTES;
      } while (next < end && pages.containsKey(next / PAGE_BYTES) == allocated);
      long length = Math.min(next, end) - at;
      if (!visitor.extent(at, length, allocated ? ExtentState.DATA : ExtentState.HOLE)) {
        return;
      }
      at += length;
    }
  }

  @Override
  public void extend(long newSizeBytes) throws IOException {
    check(0, 0);
    synchronized (this) {
      if (newSizeBytes < sizeBytes) {
        throw new StorageException.InvalidArgument(
            "a device of %d bytes cannot shrink to %d; give a larger size"
                .formatted(sizeBytes, newSizeBytes));
      }
      sizeBytes = newSizeBytes;
    }
  }

  /// Gives all pages back.
  @Override
  public void close() {
    closed = true;
    pages.clear();
  }

  private void check(long offset, long lengthBytes) throws StorageException {
    if (closed) {
      throw new StorageException.Failed("the memory device is closed; make another");
    }
    checkRange(offset, lengthBytes);
  }

  @FunctionalInterface
  private interface PageVisitor {
    void page(long index, long offsetInPage, long done, long lengthBytes);
  }

  private static void forEachPage(long offset, long lengthBytes, PageVisitor visitor) {
    for (long done = 0; done < lengthBytes; ) {
      long inPage = (offset + done) % PAGE_BYTES;
      long length = Math.min(PAGE_BYTES - inPage, lengthBytes - done);
      visitor.page((offset + done) / PAGE_BYTES, inPage, done, length);
      done += length;
    }
  }
}
