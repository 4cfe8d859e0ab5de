package io.lumeo.block;

import io.lumeo.block.linux.Errno;
import io.lumeo.block.linux.Linux;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/// An open file of the host, as a number that stays ours until nobody can use it any more.
///
/// The number of a closed file is given to the next file that is opened, and a read that is still
/// on its way would then read the wrong file. Counting the calls in flight would cost every call a
/// contended write; so [#close()] instead swaps the file behind the number, in one step, for one on
/// which all I/O fails with `EBADF`. That drops the lock and the file at once. The number itself is
/// given back by a [Cleaner] when no call can hold it any more.
class Descriptor {
  private static final Cleaner CLEANER = Cleaner.create();

  /// What a closed number stands for; open for good, so that closing never needs a new number.
  private static final int DEAD_FILE = Linux.open("/", Linux.O_PATH | Linux.O_CLOEXEC, 0);

  private final int number;
  private final Path path;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// Opens `path` with the `O_` flags of [Linux]; a file made by it is for its owner alone.
  Descriptor(Path path, int flags) throws IOException {
    int opened =
        (int) uninterrupted(() -> Linux.open(path.toString(), flags | Linux.O_CLOEXEC, 0600));
    if (opened < 0) {
      throw opened == -Errno.EBUSY ? busy(path) : refusal(path, -opened);
    }
    this.number = opened;
    this.path = path;
    CLEANER.register(this, () -> Linux.close(opened));
  }

  /// What goes wrong on the way to a better answer leaves the plain one.
  private static StorageException busy(Path path) {
    try {
      return new StorageException.Busy(new DeviceUse().describe(path, DeviceNumber.at(path)));
    } catch (IOException e) {
      var busy = new StorageException.Busy(DeviceUse.byAnybody(path));
      busy.addSuppressed(e);
      return busy;
    }
  }

  static IOException refusal(Path path, int errno) {
    return switch (errno) {
      case Errno.ENOENT ->
          new StorageException.NotFound(
              "cannot open %s: no such file; check the path".formatted(path));
      case Errno.EEXIST ->
          new StorageException.AlreadyExists(
              "cannot create %s: it exists already; choose another path".formatted(path));
      case Errno.EISDIR -> directory(path);
      case Errno.EROFS ->
          new StorageException.ReadOnly(
              "cannot write to %s: it is on a read-only file system; open it read-only"
                  .formatted(path));
      case Errno.ENOSPC, Errno.EDQUOT ->
          new StorageException.OutOfSpace(
              "cannot create %s: %s; free space on its file system"
                  .formatted(path, Errno.describe(errno)));
      case Errno.EACCES ->
          new IOException(
              "cannot open %s: permission denied (EACCES); run as its owner or as root"
                  .formatted(path));
      default -> new IOException("cannot open %s: %s".formatted(path, Errno.describe(errno)));
    };
  }

  static StorageException directory(Path path) {
    return new StorageException.InvalidArgument(
        "%s is a directory; name a file or a block device".formatted(path));
  }

  Path path() {
    return path;
  }

  boolean isClosed() {
    return closed.get();
  }

  // The calls below answer as the kernel does: 0 or more, or -errno. Each keeps this object, and so
  // the number, from being cleaned up while it runs. Only those that can answer EINTR are repeated.

  long read(MemorySegment target, long offset) {
    try {
      return Linux.pread(number, target, offset);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  long readNoWait(MemorySegment target, long offset) {
    try {
      return Linux.preadNoWait(number, target, offset);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  long write(MemorySegment source, long offset) {
    try {
      return Linux.pwrite(number, source, offset);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  long writeDurably(MemorySegment source, long offset) {
    try {
      return Linux.pwriteDurably(number, source, offset);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  int sync() {
    try {
      return Linux.fdatasync(number);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  int truncate(long sizeBytes) {
    try {
      return (int) uninterrupted(() -> Linux.ftruncate(number, sizeBytes));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  int allocate(int mode, long offset, long lengthBytes) {
    try {
      return (int) uninterrupted(() -> Linux.fallocate(number, mode, offset, lengthBytes));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  long seek(long offset, int whence) {
    try {
      return Linux.lseek(number, offset, whence);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  int lock(int operation) {
    try {
      return (int) uninterrupted(() -> Linux.flock(number, operation));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static long uninterrupted(LongSupplier call) {
    long result;
    do {
      result = call.getAsLong();
    } while (result == -Errno.EINTR);
    return result;
  }

  /// The file behind the number under a name of its own, whatever became of its path.
  private Path self() {
    return Path.of("/proc/self/fd/" + number);
  }

  /// The type and permission bits, `st_mode`.
  int mode() throws IOException {
    return ((Number) Files.getAttribute(self(), "unix:mode")).intValue();
  }

  /// Which device it is; 0:0 for a regular file.
  DeviceNumber deviceNumber() throws IOException {
    return DeviceNumber.at(self());
  }

  /// The number of the file in its file system.
  long inode() throws IOException {
    return ((Number) Files.getAttribute(self(), "unix:ino")).longValue();
  }

  /// The file system's device number, `st_dev`.
  long device() throws IOException {
    return ((Number) Files.getAttribute(self(), "unix:dev")).longValue();
  }

  /// Lets go of the file and of its lock; twice does nothing.
  void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    int swapped = Linux.dup3(DEAD_FILE, number);
    if (swapped < 0) {
      throw new IOException("cannot close %s: %s".formatted(path, Errno.describe(-swapped)));
    }
  }
}
