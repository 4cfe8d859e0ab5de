package io.lumeo.block;

import java.io.IOException;

/// A failure that a caller can meet, each with its own type. The message is one line and says what
/// happened, to what, why, and what to do. What is not a `StorageException` but an [IOException]
/// came from the machine underneath.
public abstract sealed class StorageException extends IOException {
  private static final long serialVersionUID = 1;

  private StorageException(String message) {
    super(message);
  }

  private StorageException(String message, Throwable cause) {
    super(message, cause);
  }

  /// The range is not inside the device.
  public static final class OutOfRange extends StorageException {
    private static final long serialVersionUID = 1;

    public OutOfRange(long offset, long lengthBytes, long sizeBytes) {
      super(
          "range %d+%d is outside the device of %d bytes; ask for a range inside it"
              .formatted(offset, lengthBytes, sizeBytes));
    }
  }

  /// No space is left for data or metadata, or a quota is reached.
  public static final class OutOfSpace extends StorageException {
    private static final long serialVersionUID = 1;

    public OutOfSpace(String message) {
      super(message);
    }
  }

  /// The device or pool takes no writes.
  public static final class ReadOnly extends StorageException {
    private static final long serialVersionUID = 1;

    public ReadOnly(String message) {
      super(message);
    }
  }

  /// An argument (a name, a size, an option) is not acceptable.
  public static final class InvalidArgument extends StorageException {
    private static final long serialVersionUID = 1;

    public InvalidArgument(String message) {
      super(message);
    }
  }

  /// What was named does not exist.
  public static final class NotFound extends StorageException {
    private static final long serialVersionUID = 1;

    public NotFound(String message) {
      super(message);
    }
  }

  /// What was to be made exists already.
  public static final class AlreadyExists extends StorageException {
    private static final long serialVersionUID = 1;

    public AlreadyExists(String message) {
      super(message);
    }
  }

  /// It is in use: by another process, an open device, another operation.
  public static final class Busy extends StorageException {
    private static final long serialVersionUID = 1;

    public Busy(String message) {
      super(message);
    }
  }

  /// What was read is not what was written, or is not ours to read.
  public static final class Damaged extends StorageException {
    private static final long serialVersionUID = 1;

    public Damaged(String message) {
      super(message);
    }

    public Damaged(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// The operation is not possible in this mode or for this kind of device.
  public static final class Unsupported extends StorageException {
    private static final long serialVersionUID = 1;

    public Unsupported(String message) {
      super(message);
    }
  }

  /// The device or pool has failed or is closed, and answers no more I/O.
  public static final class Failed extends StorageException {
    private static final long serialVersionUID = 1;

    public Failed(String message) {
      super(message);
    }

    public Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
