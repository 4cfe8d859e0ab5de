package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/// What the process says to the shell when it ends. Scripts depend on these numbers: they are added
/// to and never changed.
public enum ExitCode {
  OK(0, "done"),
  UNEXPECTED(1, "unexpected failure"),
  USAGE(2, "the command line, a name, a size, an option or the configuration is not acceptable"),
  NOT_FOUND(3, "what was named does not exist"),
  EXISTS(4, "what was to be made exists already"),
  BUSY(
      5,
      "in use: the pool is open elsewhere, the volume has clients, the port is taken; or plan again"),
  OUT_OF_SPACE(6, "no space left in the pool, its files, the volume group, or a quota"),
  UNSUPPORTED(7, "not possible: read-only, or not in this mode or for this kind of volume"),
  DAMAGED(8, "damaged: a check found problems, or the files are not a pool"),
  FAILED(9, "the pool or a command of the host has failed, or the server does not answer"),
  REFUSED(10, "refused by a guard: it could lose data"),
  HALF_DONE(11, "half done: see 'lumeo plan list'"),
  UNREACHABLE(12, "the host cannot be reached or did not answer in time");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  public int code() {
    return code;
  }

  public String meaning() {
    return meaning;
  }

  /// The one place that maps failures to exit codes.
  public static ExitCode of(Throwable failure) {
    return switch (failure) {
      case StorageException known -> of(known);
      case StorageFailure known -> of(known);
      case NoSuchFileException _ -> NOT_FOUND;
      case FileAlreadyExistsException _ -> EXISTS;
      case FileSystemException e when isOutOfSpace(e) -> OUT_OF_SPACE;
      case FileSystemException e when isNotAFolder(e) -> USAGE;
      case IOException e when isOutOfSpace(e) -> OUT_OF_SPACE;
      default -> UNEXPECTED;
    };
  }

  private static ExitCode of(StorageException failure) {
    return switch (failure) {
      case StorageException.OutOfRange _, StorageException.InvalidArgument _ -> USAGE;
      case StorageException.NotFound _ -> NOT_FOUND;
      case StorageException.AlreadyExists _ -> EXISTS;
      case StorageException.Busy _ -> BUSY;
      case StorageException.OutOfSpace _ -> OUT_OF_SPACE;
      case StorageException.ReadOnly _, StorageException.Unsupported _ -> UNSUPPORTED;
      case StorageException.Damaged _ -> DAMAGED;
      case StorageException.Failed _ -> FAILED;
    };
  }

  private static ExitCode of(StorageFailure failure) {
    return switch (failure) {
      case StorageFailure.NotFound _ -> NOT_FOUND;
      case StorageFailure.Busy _, StorageFailure.Moved _ -> BUSY;
      case StorageFailure.OutOfSpace _ -> OUT_OF_SPACE;
      case StorageFailure.Unsupported _ -> UNSUPPORTED;
      case StorageFailure.CommandFailed _ -> FAILED;
      case StorageFailure.Refused _ -> REFUSED;
      case StorageFailure.Partial _ -> HALF_DONE;
      case StorageFailure.Unreachable _, StorageFailure.TimedOut _ -> UNREACHABLE;
      case StorageFailure.Cancelled _ -> UNEXPECTED;
    };
  }

  /// Whether a folder of the path is a file. The JDK has no type for ENOTDIR, only the C library's
  /// words.
  static boolean isNotAFolder(FileSystemException failure) {
    return "Not a directory".equals(failure.getReason());
  }

  /// The JDK has no type for ENOSPC, only the C library's words.
  private static boolean isOutOfSpace(IOException failure) {
    return String.valueOf(failure.getMessage())
        .toLowerCase(Locale.ROOT)
        .contains("no space left on device");
  }
}
