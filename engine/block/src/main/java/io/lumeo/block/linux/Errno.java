package io.lumeo.block.linux;

/// The error numbers of Linux that we tell apart, and their names for messages.
public final class Errno {
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int ENOSYS = 38;
  public static final int EOPNOTSUPP = 95;
  public static final int EDQUOT = 122;

  private Errno() {}

  /// The name as in the manual pages, with a few words for those a user is likely to meet.
  public static String describe(int errno) {
    return switch (errno) {
      case 1 -> "not permitted (EPERM)";
      case ENOENT -> "no such file (ENOENT)";
      case EINTR -> "interrupted (EINTR)";
      case EIO -> "input/output error (EIO)";
      case ENXIO -> "no such device (ENXIO)";
      case EBADF -> "bad descriptor (EBADF)";
      case EAGAIN -> "would block (EAGAIN)";
      case 12 -> "out of memory (ENOMEM)";
      case EACCES -> "permission denied (EACCES)";
      case EBUSY -> "in use (EBUSY)";
      case EEXIST -> "exists already (EEXIST)";
      case 19 -> "no such device (ENODEV)";
      case 20 -> "not a directory (ENOTDIR)";
      case EISDIR -> "is a directory (EISDIR)";
      case EINVAL -> "invalid argument (EINVAL)";
      case 23, 24 -> "too many open files (EMFILE)";
      case 26 -> "in use by a running program (ETXTBSY)";
      case EFBIG -> "larger than the file system allows (EFBIG)";
      case ENOSPC -> "no space left (ENOSPC)";
      case EROFS -> "read-only file system (EROFS)";
      case ENOSYS -> "not known to this kernel (ENOSYS)";
      case 40 -> "too many symbolic links (ELOOP)";
      case EOPNOTSUPP -> "not supported here (EOPNOTSUPP)";
      case 116 -> "stale file handle (ESTALE)";
      case 121 -> "remote input/output error (EREMOTEIO)";
      case EDQUOT -> "disk quota exceeded (EDQUOT)";
      default -> "errno " + errno;
    };
  }
}
