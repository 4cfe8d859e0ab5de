package io.lumeo.commands;

/// Why a command has no exit status. The message is one line: what, where, why, what to do.
public abstract sealed class CommandFailure extends Exception {
  private static final long serialVersionUID = 1;

  private CommandFailure(String message) {
    super(message);
  }

  private CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /// The program could not be started: it did nothing.
  public static final class NotStarted extends CommandFailure {
    private static final long serialVersionUID = 1;

    public NotStarted(String message) {
      super(message);
    }

    public NotStarted(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// It did not end in time and was killed. What it did until then is not known.
  public static final class TimedOut extends CommandFailure {
    private static final long serialVersionUID = 1;

    public TimedOut(String message) {
      super(message);
    }
  }

  /// It did not end in time and cannot be killed: it waits inside the kernel, as for a device that
  /// is suspended or gone. It may go on at any time; the host should get no more changes until
  /// somebody has looked.
  public static final class Stuck extends CommandFailure {
    private static final long serialVersionUID = 1;

    public Stuck(String message) {
      super(message);
    }
  }

  /// The host could not be reached, or the connection was lost. In the second case what the command
  /// did is not known.
  public static final class Unreachable extends CommandFailure {
    private static final long serialVersionUID = 1;

    public Unreachable(String message) {
      super(message);
    }

    public Unreachable(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
