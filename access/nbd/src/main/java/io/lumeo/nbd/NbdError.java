package io.lumeo.nbd;

import io.lumeo.block.StorageException;
import java.io.IOException;

/// The error of a reply. The numbers are the protocol's own, whatever `errno` is here.
enum NbdError {
  EPERM(1),
  EIO(5),
  ENOMEM(12),
  EINVAL(22),
  ENOSPC(28),
  EOVERFLOW(75),
  ENOTSUP(95),
  ESHUTDOWN(108);

  private final int code;

  NbdError(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /// What a client is told when its command failed with `failure`.
  static NbdError of(Command command, IOException failure) {
    return failure instanceof StorageException known ? of(command, known) : EIO;
  }

  private static NbdError of(Command command, StorageException failure) {
    return switch (failure) {
      case StorageException.OutOfRange _ -> outOfRange(command);
      case StorageException.OutOfSpace _ -> ENOSPC;
      case StorageException.ReadOnly _ -> EPERM;
      case StorageException.InvalidArgument _ -> EINVAL;
      case StorageException.Unsupported _ -> ENOTSUP;
      case StorageException.Busy _,
          StorageException.NotFound _,
          StorageException.AlreadyExists _,
          StorageException.Damaged _,
          StorageException.Failed _ ->
          EIO;
    };
  }

  /// A disk that ends is full there for who writes; for all others the range is wrong.
  static NbdError outOfRange(Command command) {
    return command == Command.WRITE || command == Command.WRITE_ZEROES ? ENOSPC : EINVAL;
  }

  /// The failure that a client meets when a server answered `code`.
  static IOException toFailure(int code, String what) {
    for (var error : values()) {
      if (error.code == code) {
        return error.toFailure("The NBD server answers %s to %s".formatted(error, what));
      }
    }
    return new IOException("The NBD server answers error %d to %s".formatted(code, what));
  }

  private IOException toFailure(String message) {
    return switch (this) {
      case EPERM -> new StorageException.ReadOnly(message);
      case EINVAL, EOVERFLOW -> new StorageException.InvalidArgument(message);
      case ENOSPC -> new StorageException.OutOfSpace(message);
      case ENOTSUP -> new StorageException.Unsupported(message);
      case ESHUTDOWN -> new StorageException.Failed(message);
      case EIO, ENOMEM -> new IOException(message);
    };
  }
}
