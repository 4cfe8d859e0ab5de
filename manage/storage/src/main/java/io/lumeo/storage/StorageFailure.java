package io.lumeo.storage;

/// A failure that whoever looks after storage can meet, each with its own type. The message is one
/// line: what happened, to what, why, and what to do.
public abstract sealed class StorageFailure extends Exception {
  private static final long serialVersionUID = 1;

  private StorageFailure(String message) {
    super(message);
  }

  private StorageFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /// What was named is not there.
  public static final class NotFound extends StorageFailure {
    private static final long serialVersionUID = 1;

    public NotFound(String message) {
      super(message);
    }
  }

  /// A guard forbids it: it could lose data, or the system is known to fail at it.
  public static final class Refused extends StorageFailure {
    private static final long serialVersionUID = 1;

    public Refused(String message) {
      super(message);
    }
  }

  /// The pool has changed since the plan was made; plan again.
  public static final class Moved extends StorageFailure {
    private static final long serialVersionUID = 1;

    public Moved(String message) {
      super(message);
    }
  }

  /// It is in use.
  public static final class Busy extends StorageFailure {
    private static final long serialVersionUID = 1;

    public Busy(String message) {
      super(message);
    }
  }

  /// There is not enough free space, and how much is missing.
  public static final class OutOfSpace extends StorageFailure {
    private static final long serialVersionUID = 1;
    private final long missingBytes;

    public OutOfSpace(String message, long missingBytes) {
      super(message);
      this.missingBytes = missingBytes;
    }

    public long missingBytes() {
      return missingBytes;
    }
  }

  /// A command of the system's failed.
  public static final class CommandFailed extends StorageFailure {
    private static final long serialVersionUID = 1;

    public CommandFailed(String message) {
      super(message);
    }

    public CommandFailed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// It did not end in time. Whether it happened is not known until the next look.
  public static final class TimedOut extends StorageFailure {
    private static final long serialVersionUID = 1;

    public TimedOut(String message) {
      super(message);
    }
  }

  /// The system does not answer.
  public static final class Unreachable extends StorageFailure {
    private static final long serialVersionUID = 1;

    public Unreachable(String message) {
      super(message);
    }

    public Unreachable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// Some of it was done and could be neither finished nor taken back; the message says what.
  public static final class Partial extends StorageFailure {
    private static final long serialVersionUID = 1;

    public Partial(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// The system cannot do this at all.
  public static final class Unsupported extends StorageFailure {
    private static final long serialVersionUID = 1;

    public Unsupported(String message) {
      super(message);
    }
  }

  /// It was stopped because somebody asked.
  public static final class Cancelled extends StorageFailure {
    private static final long serialVersionUID = 1;

    public Cancelled(String message) {
      super(message);
    }
  }
}
