package io.lumeo.block;

import io.lumeo.block.linux.Errno;
import io.lumeo.block.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A regular file or a block device of the host.
///
/// **Buffers.** Native segments go to the kernel as they are; heap segments are copied through a
/// native one and are slower.
///
/// **Discard** gives the space of a file back, and the range reads as zeroes afterwards. Where the
/// host cannot (an old file system, a device without discard), it does nothing and the old bytes
/// stay; on block devices the edges that are not whole 4 KiB pieces stay as well.
///
/// **Failed flushes.** After a failed `fdatasync` Linux marks the lost pages clean, and the next
/// one succeeds without them. So a device whose flush failed once refuses every later flush with
/// [StorageException.Failed]: nothing written since the last good flush may be believed durable.
///
/// **Threads.** No method takes a lock. A call keeps the carrier of a virtual thread while the
/// kernel sleeps; [#tryRead] does not sleep. Thread interruption has no effect.
public final class FileDevice implements BlockDevice {
  /// What the device is opened for.
  public enum Access {
    READ_ONLY,
    READ_WRITE
  }

  /// Beyond this, even a write to the page cache takes long enough to call it blocking.
  private static final long AT_ONCE_LIMIT_BYTES = 1 << 20;

  private static final long BOUNCE_BYTES = 256 << 10;

  /// The alignment that block devices are asked to zero or discard in: no logical block is larger.
  private static final long DEVICE_ALIGNMENT_BYTES = 4096;

  private static final int TYPE_MASK = 0170000;
  private static final int REGULAR_FILE = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int BLOCK_DEVICE = 0060000;

  private final Descriptor descriptor;
  private final boolean readOnly;
  private final boolean regular;
  private volatile long sizeBytes;

  /// The lock of the file that a loop device shows, from [#lockExclusively] on.
  private volatile @Nullable DeviceLock lockBelow;

  /// The flush that failed, if one has.
  private volatile @Nullable IOException lostWrites;

  // What the host turned out not to support is not asked for again.
  private volatile boolean punches = true;
  private volatile boolean allocates = true;
  private volatile boolean zeroesRanges = true;
  private volatile boolean readsWithoutWaiting = true;
  private volatile boolean writesDurably = true;

  private FileDevice(Descriptor descriptor, boolean readOnly, boolean regular, long sizeBytes) {
    this.descriptor = descriptor;
    this.readOnly = readOnly;
    this.regular = regular;
    this.sizeBytes = sizeBytes;
  }

  /// Opens an existing regular file or block device. A block device that is to be written is
  /// claimed, as file systems and the device mapper claim theirs: nobody mounts it or puts it in
  /// use meanwhile.
  ///
  /// @throws StorageException.NotFound if there is none
  /// @throws StorageException.Busy if it is a block device that is mounted, part of an active
  ///   volume, or claimed by another opener
  /// @throws StorageException.InvalidArgument if it is something else, such as a directory
  public static FileDevice open(Path path, Access access) throws IOException {
    // Without O_CREAT, O_EXCL claims a block device and means nothing for a file: open(2).
    int flags = access == Access.READ_ONLY ? Linux.O_RDONLY : Linux.O_RDWR | Linux.O_EXCL;
    return of(new Descriptor(path, flags), access);
  }

  /// Makes a file of `sizeBytes`, all a hole, readable by its owner alone, and opens it. Its name
  /// is durable on return.
  ///
  /// @throws StorageException.AlreadyExists if there is something at `path`
  public static FileDevice create(Path path, long sizeBytes) throws IOException {
    if (sizeBytes < 0) {
      throw new StorageException.InvalidArgument(
          "a file of %d bytes cannot be made; give a size of 0 or more".formatted(sizeBytes));
    }
    var device =
        of(new Descriptor(path, Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL), Access.READ_WRITE);
    try {
      device.extend(sizeBytes);
      syncDirectoryOf(path);
      return device;
    } catch (IOException failure) {
      device.close();
      Files.delete(path);
      throw failure;
    }
  }

  private static void syncDirectoryOf(Path path) throws IOException {
    var parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    var directory = new Descriptor(parent, Linux.O_RDONLY);
    try {
      int result = directory.sync();
      if (result < 0 && result != -Errno.EINVAL) {
        throw new IOException("cannot sync %s: %s".formatted(parent, Errno.describe(-result)));
      }
    } finally {
      directory.close();
    }
  }

  /// What `descriptor` has open; closes it if that is no device.
  static FileDevice of(Descriptor descriptor, Access access) throws IOException {
    try {
      int type = descriptor.mode() & TYPE_MASK;
      if (type == DIRECTORY) {
        throw Descriptor.directory(descriptor.path());
      }
      if (type != REGULAR_FILE && type != BLOCK_DEVICE) {
        throw new StorageException.InvalidArgument(
            "%s is neither a regular file nor a block device; name one of these"
                .formatted(descriptor.path()));
      }
      return new FileDevice(
          descriptor, access == Access.READ_ONLY, type == REGULAR_FILE, endOf(descriptor));
    } catch (IOException failure) {
      descriptor.close();
      throw failure;
    }
  }

  private static long endOf(Descriptor descriptor) throws IOException {
    long end = descriptor.seek(0, Linux.SEEK_END);
    if (end < 0) {
      throw new IOException(
          "cannot find the size of %s: %s"
              .formatted(descriptor.path(), Errno.describe((int) -end)));
    }
    return end;
  }

  /// The path it was opened with.
  public Path path() {
    return descriptor.path();
  }

  /// Keeps every other opener that asks out, in this process and in others, until this device is
  /// closed; see [DeviceLock].
  ///
  /// @throws StorageException.Busy if another has it locked; the message names the holder
  public void lockExclusively() throws IOException {
    if (lockBelow == null) {
      lockBelow = DeviceLock.lock(descriptor);
    }
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    checkRange(offset, target.byteSize());
    if (!target.isNative()) {
      readThroughBounce(offset, target);
      return;
    }
    long count = descriptor.read(target, offset);
    if (count != target.byteSize()) {
      readRest(offset, target, count);
    }
  }

  /// Goes on after a first read that answered `count`: an error, or fewer bytes than asked.
  private void readRest(long offset, MemorySegment target, long count) throws IOException {
    long done = 0;
    while (true) {
      if (count > 0) {
        done += count;
      } else if (count == 0 && done < target.byteSize()) {
        throw endsEarly(offset + done);
      } else {
        throw failure("read", offset + done, target.byteSize() - done, count);
      }
      if (done == target.byteSize()) {
        return;
      }
      count = descriptor.read(target.asSlice(done), offset + done);
    }
  }

  private IOException endsEarly(long offset) {
    return new IOException(
        "%s ends at %d although it had %d bytes when it was opened; something has cut it short"
            .formatted(path(), offset, sizeBytes));
  }

  private void readThroughBounce(long offset, MemorySegment target) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var bounce = arena.allocate(Math.min(BOUNCE_BYTES, target.byteSize()));
      for (long done = 0; done < target.byteSize(); done += bounce.byteSize()) {
        var piece = bounce.asSlice(0, Math.min(bounce.byteSize(), target.byteSize() - done));
        read(offset + done, piece);
        MemorySegment.copy(piece, 0, target, done, piece.byteSize());
      }
    }
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    checkRange(offset, target.byteSize());
    if (!target.isNative() || !readsWithoutWaiting) {
      return false;
    }
    long count = descriptor.readNoWait(target, offset);
    if (count == -Errno.EOPNOTSUPP || count == -Errno.ENOSYS) {
      readsWithoutWaiting = false;
    }
    return count == target.byteSize();
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    checkWritable();
    checkRange(offset, source.byteSize());
    if (!source.isNative()) {
      writeThroughBounce(offset, source, false);
      return;
    }
    long count = descriptor.write(source, offset);
    if (count != source.byteSize()) {
      writeRest(offset, source, count);
    }
  }

  /// Goes on after a first write that answered `count`: an error, or fewer bytes than asked.
  private void writeRest(long offset, MemorySegment source, long count) throws IOException {
    long done = 0;
    while (true) {
      if (count >= 0) {
        done += count;
      } else {
        throw failure("write", offset + done, source.byteSize() - done, count);
      }
      if (done == source.byteSize()) {
        return;
      }
      count = descriptor.write(source.asSlice(done), offset + done);
    }
  }

  private void writeThroughBounce(long offset, MemorySegment source, boolean durably)
      throws IOException {
    try (var arena = Arena.ofConfined()) {
      var bounce = arena.allocate(Math.min(BOUNCE_BYTES, source.byteSize()));
      for (long done = 0; done < source.byteSize(); done += bounce.byteSize()) {
        var piece = bounce.asSlice(0, Math.min(bounce.byteSize(), source.byteSize() - done));
        piece.copyFrom(source.asSlice(done, piece.byteSize()));
        if (durably) {
          writeThrough(offset + done, piece);
        } else {
          write(offset + done, piece);
        }
      }
    }
  }

  /// Writes of up to 1 MiB go to the page cache at once; the kernel may still hold back a writer
  /// that dirties pages faster than they can be written out.
  @Override
  public boolean tryWrite(long offset, MemorySegment source) throws IOException {
    if (source.byteSize() > AT_ONCE_LIMIT_BYTES) {
      return false;
    }
    write(offset, source);
    return true;
  }

  @Override
  public void writeThrough(long offset, MemorySegment source) throws IOException {
    checkWritable();
    checkRange(offset, source.byteSize());
    checkNothingLost();
    if (!source.isNative()) {
      writeThroughBounce(offset, source, true);
      return;
    }
    if (writesDurably) {
      long count = descriptor.writeDurably(source, offset);
      if (count == source.byteSize()) {
        return;
      }
      if (count == -Errno.EOPNOTSUPP || count == -Errno.ENOSYS) {
        writesDurably = false;
      } else if (count < 0) {
        throw lost(failure("write", offset, source.byteSize(), count));
      }
    }
    write(offset, source);
    flush();
  }

  @Override
  public void flush() throws IOException {
    checkNothingLost();
    int result = descriptor.sync();
    if (result < 0) {
      throw lost(failure("flush", 0, sizeBytes, result));
    }
  }

  private void checkNothingLost() throws StorageException.Failed {
    var lost = lostWrites;
    if (lost != null) {
      throw new StorageException.Failed(
          "%s lost writes when a flush failed earlier; check the disk and open it again"
              .formatted(path()),
          lost);
    }
  }

  /// Remembers that a flush failed. A closed device has lost nothing by refusing one.
  private IOException lost(IOException failure) {
    if (!descriptor.isClosed()) {
      lostWrites = failure;
    }
    return failure;
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    checkWritable();
    checkRange(offset, lengthBytes);
    long start = regular ? offset : alignedUp(offset);
    long end = regular ? offset + lengthBytes : alignedDown(offset + lengthBytes);
    if (end > start) {
      punch(start, end - start);
    }
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    checkWritable();
    checkRange(offset, lengthBytes);
    long start = regular ? offset : alignedUp(offset);
    long end = regular ? offset + lengthBytes : alignedDown(offset + lengthBytes);
    if (end <= start) {
      writeZeroBytes(offset, lengthBytes);
      return;
    }
    writeZeroBytes(offset, start - offset);
    boolean zeroed =
        (mode == ZeroMode.MAY_PUNCH && punch(start, end - start)) || zeroRange(start, end - start);
    if (!zeroed) {
      writeZeroBytes(start, end - start);
    }
    writeZeroBytes(end, offset + lengthBytes - end);
  }

  /// Reserves space of the file system for what is a hole in the range. A block device has its
  /// space.
  @Override
  public void allocate(long offset, long lengthBytes) throws IOException {
    checkWritable();
    checkRange(offset, lengthBytes);
    allocates = allocates && (!regular || fallocate(0, "allocate", offset, lengthBytes));
  }

  private static long alignedUp(long offset) {
    return alignedDown(offset + DEVICE_ALIGNMENT_BYTES - 1);
  }

  private static long alignedDown(long offset) {
    return offset & -DEVICE_ALIGNMENT_BYTES;
  }

  /// Gives the space of the range back; false if the host cannot.
  private boolean punch(long offset, long lengthBytes) throws IOException {
    punches = punches && fallocate(Linux.FALLOC_FL_PUNCH_HOLE, "discard", offset, lengthBytes);
    return punches;
  }

  /// Makes the range zeroes that have space; false if the host cannot.
  private boolean zeroRange(long offset, long lengthBytes) throws IOException {
    zeroesRanges =
        zeroesRanges && fallocate(Linux.FALLOC_FL_ZERO_RANGE, "zero", offset, lengthBytes);
    return zeroesRanges;
  }

  private boolean fallocate(int mode, String verb, long offset, long lengthBytes)
      throws IOException {
    if (lengthBytes == 0) {
      return true;
    }
    int result = descriptor.allocate(mode | Linux.FALLOC_FL_KEEP_SIZE, offset, lengthBytes);
    if (result == -Errno.EOPNOTSUPP || result == -Errno.ENOSYS) {
      return false;
    }
    if (result < 0) {
      throw failure(verb, offset, lengthBytes, result);
    }
    return true;
  }

  private void writeZeroBytes(long offset, long lengthBytes) throws IOException {
    if (lengthBytes == 0) {
      return;
    }
    try (var arena = Arena.ofConfined()) {
      var zeroes = arena.allocate(Math.min(BOUNCE_BYTES, lengthBytes));
      for (long done = 0; done < lengthBytes; done += zeroes.byteSize()) {
        write(offset + done, zeroes.asSlice(0, Math.min(zeroes.byteSize(), lengthBytes - done)));
      }
    }
  }

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    checkRange(offset, lengthBytes);
    long end = offset + lengthBytes;
    for (long at = offset; at < end; ) {
      long data = Math.min(seekData(at), end);
      if (data > at && !visitor.extent(at, data - at, ExtentState.HOLE)) {
        return;
      }
      at = data;
      if (at < end) {
        long hole = Math.clamp(seekHole(at), at + 1, end);
        if (!visitor.extent(at, hole - at, ExtentState.DATA)) {
          return;
        }
        at = hole;
      }
    }
  }

  /// Whether nothing is allocated for the range, so that it reads as zeroes; quicker than reading
  /// it. Always false on block devices, which do not tell.
  public boolean isHole(long offset, long lengthBytes) throws IOException {
    checkRange(offset, lengthBytes);
    return lengthBytes > 0 && seekData(offset) >= offset + lengthBytes;
  }

  /// Where the next data begins at or after `offset`; the end of the file if there is none.
  private long seekData(long offset) throws IOException {
    return regular ? seek(offset, Linux.SEEK_DATA) : offset;
  }

  private long seekHole(long offset) throws IOException {
    return regular ? seek(offset, Linux.SEEK_HOLE) : sizeBytes;
  }

  private long seek(long offset, int whence) throws IOException {
    long found = descriptor.seek(offset, whence);
    if (found == -Errno.ENXIO) {
      return sizeBytes;
    }
    if (found < 0) {
      throw failure("seek in", offset, 0, found);
    }
    return found;
  }

  /// Grows a regular file by a hole. A block device cannot be made to grow from here, but one that
  /// has grown meanwhile is accepted at its new size.
  @Override
  public void extend(long newSizeBytes) throws IOException {
    checkWritable();
    if (newSizeBytes < sizeBytes) {
      throw new StorageException.InvalidArgument(
          "%s has %d bytes and cannot shrink to %d; give a larger size"
              .formatted(path(), sizeBytes, newSizeBytes));
    }
    if (newSizeBytes == sizeBytes) {
      return;
    }
    if (regular) {
      int result = descriptor.truncate(newSizeBytes);
      if (result < 0) {
        throw failure("extend", sizeBytes, newSizeBytes - sizeBytes, result);
      }
      flush();
    } else if (endOf(descriptor) < newSizeBytes) {
      throw new StorageException.Unsupported(
          "%s is a block device of %d bytes; grow it with the tool that made it first"
              .formatted(path(), endOf(descriptor)));
    }
    sizeBytes = newSizeBytes;
  }

  @Override
  public void close() throws IOException {
    try (var _ = lockBelow) {
      descriptor.close();
    }
  }

  private void checkWritable() throws StorageException.ReadOnly {
    if (readOnly) {
      throw new StorageException.ReadOnly(
          "%s is open read-only; open it for writing to change it".formatted(path()));
    }
  }

  private IOException failure(String verb, long offset, long lengthBytes, long negativeErrno) {
    int errno = (int) -negativeErrno;
    if (descriptor.isClosed()) {
      return new StorageException.Failed("%s is closed; open it again".formatted(path()));
    }
    String what = "cannot %s %s at %d+%d".formatted(verb, path(), offset, lengthBytes);
    return switch (errno) {
      case Errno.ENOSPC, Errno.EDQUOT ->
          new StorageException.OutOfSpace(
              "%s: %s; free or add space on its file system"
                  .formatted(what, Errno.describe(errno)));
      default -> new IOException("%s: %s".formatted(what, Errno.describe(errno)));
    };
  }
}
