package io.lumeo.block.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The Linux calls that a file device is made of; the only native code of the project.
///
/// Every method answers as the kernel itself does: zero or more on success, `-errno` on failure
/// (see [Errno]). Constants are those of `asm-generic`, which x86-64 and aarch64 share for all that
/// is used here. Segments must be native; their whole length is the length of the I/O.
///
/// None of the calls is `critical`: each can sleep in the kernel, and a sleeping critical call
/// would hold up the garbage collector. A virtual thread that makes one keeps its carrier
/// meanwhile.
///
/// [#pread] and [#pwrite] go on when a signal interrupts them; the others answer `-EINTR`.
///
/// **The fast path.** Asking for `errno` costs an allocation and a copy. [#pread] and [#pwrite] are
/// first made without it; only when they answer less than was asked are they repeated with it,
/// which positional I/O permits.
@SuppressWarnings("restricted")
public final class Linux {
  public static final int O_RDONLY = 0;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_CLOEXEC = 0x8_0000;

  /// A descriptor that only names a file: every I/O on it fails with `EBADF`.
  public static final int O_PATH = 0x20_0000;

  public static final int SEEK_END = 2;
  public static final int SEEK_DATA = 3;
  public static final int SEEK_HOLE = 4;

  public static final int FALLOC_FL_KEEP_SIZE = 1;
  public static final int FALLOC_FL_PUNCH_HOLE = 2;
  public static final int FALLOC_FL_ZERO_RANGE = 0x10;

  public static final int LOCK_EX = 2;
  public static final int LOCK_NB = 4;

  private static final int RWF_DSYNC = 2;
  private static final int RWF_NOWAIT = 8;

  private static final StructLayout IOVEC =
      MemoryLayout.structLayout(ADDRESS.withName("base"), JAVA_LONG.withName("length"));

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final StructLayout IOVEC_AND_STATE = MemoryLayout.structLayout(IOVEC, CALL_STATE);

  private static final FunctionDescriptor POSITIONAL =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor VECTORED =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT);

  private static final MethodHandle PREAD_FAST = bare("pread", POSITIONAL);
  private static final MethodHandle PWRITE_FAST = bare("pwrite", POSITIONAL);
  private static final MethodHandle PREAD = withErrno("pread", POSITIONAL);
  private static final MethodHandle PWRITE = withErrno("pwrite", POSITIONAL);
  private static final MethodHandle PREADV2 = withErrno("preadv2", VECTORED);
  private static final MethodHandle PWRITEV2 = withErrno("pwritev2", VECTORED);
  private static final MethodHandle OPEN =
      withErrno(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      withErrno("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle DUP3 =
      withErrno("dup3", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle FDATASYNC =
      withErrno("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      withErrno("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FALLOCATE =
      withErrno(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle LSEEK =
      withErrno("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle FLOCK =
      withErrno("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private Linux() {}

  /// Opens `path`; answers the descriptor. `mode` counts only when `flags` hold [#O_CREAT].
  public static int open(String path, int flags, int mode) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, mode);
      return (int) orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  public static int close(int descriptor) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) CLOSE.invokeExact(state, descriptor);
      return (int) orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  /// Makes `target` another name of `source`, closing in the same instant what `target` was.
  public static int dup3(int source, int target) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) DUP3.invokeExact(state, source, target, O_CLOEXEC);
      return (int) orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  /// Reads at `offset`; answers the byte count, which may be less than asked.
  public static long pread(int descriptor, MemorySegment target, long offset) {
    try {
      long count = (long) PREAD_FAST.invokeExact(descriptor, target, target.byteSize(), offset);
      return count >= 0 ? count : preadWithErrno(descriptor, target, offset);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  private static long preadWithErrno(int descriptor, MemorySegment target, long offset)
      throws Throwable {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      long count = (long) PREAD.invokeExact(state, descriptor, target, target.byteSize(), offset);
      return orErrno(count, state);
    }
  }

  /// Writes at `offset`; answers the byte count, which may be less than asked.
  public static long pwrite(int descriptor, MemorySegment source, long offset) {
    try {
      long count = (long) PWRITE_FAST.invokeExact(descriptor, source, source.byteSize(), offset);
      return count >= 0 ? count : pwriteWithErrno(descriptor, source, offset);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  private static long pwriteWithErrno(int descriptor, MemorySegment source, long offset)
      throws Throwable {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      long count = (long) PWRITE.invokeExact(state, descriptor, source, source.byteSize(), offset);
      return orErrno(count, state);
    }
  }

  /// As [#pread], but answers `-EAGAIN` or fewer bytes where the page cache does not hold them all.
  public static long preadNoWait(int descriptor, MemorySegment target, long offset) {
    return vectored(PREADV2, descriptor, target, offset, RWF_NOWAIT);
  }

  /// As [#pwrite], and what was written is durable on return.
  public static long pwriteDurably(int descriptor, MemorySegment source, long offset) {
    return vectored(PWRITEV2, descriptor, source, offset, RWF_DSYNC);
  }

  private static long vectored(
      MethodHandle call, int descriptor, MemorySegment segment, long offset, int flags) {
    try (var arena = Arena.ofConfined()) {
      // One allocation for both, as this is on the way of every quick read.
      var both = arena.allocate(IOVEC_AND_STATE);
      var vector = both.asSlice(0, IOVEC.byteSize());
      var state = both.asSlice(IOVEC.byteSize(), CALL_STATE.byteSize());
      vector.set(ADDRESS, 0, segment);
      vector.set(JAVA_LONG, ADDRESS.byteSize(), segment.byteSize());
      long count = (long) call.invokeExact(state, descriptor, vector, 1, offset, flags);
      return orErrno(count, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  public static int fdatasync(int descriptor) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) FDATASYNC.invokeExact(state, descriptor);
      return (int) orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  public static int ftruncate(int descriptor, long sizeBytes) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) FTRUNCATE.invokeExact(state, descriptor, sizeBytes);
      return (int) orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  public static int fallocate(int descriptor, int mode, long offset, long lengthBytes) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) FALLOCATE.invokeExact(state, descriptor, mode, offset, lengthBytes);
      return (int) orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  /// Answers the offset found: with [#SEEK_DATA] of the next data, with [#SEEK_HOLE] of the next
  /// hole, at or after `offset`; `-ENXIO` if there is none.
  public static long lseek(int descriptor, long offset, int whence) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      long result = (long) LSEEK.invokeExact(state, descriptor, offset, whence);
      return orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  public static int flock(int descriptor, int operation) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) FLOCK.invokeExact(state, descriptor, operation);
      return (int) orErrno(result, state);
    } catch (Throwable failure) {
      throw impossible(failure);
    }
  }

  private static MethodHandle bare(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  private static MethodHandle withErrno(
      String name, FunctionDescriptor descriptor, Linker.Option... more) {
    var options = new Linker.Option[more.length + 1];
    options[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(more, 0, options, 1, more.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }

  private static long orErrno(long result, MemorySegment state) {
    return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
  }

  /// The handles throw nothing of their own: what arrives is a caller's misuse of a segment or the
  /// machine's end.
  private static RuntimeException impossible(Throwable failure) {
    return switch (failure) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> throw new AssertionError("a downcall threw a checked exception", failure);
    };
  }
}
