package io.lumeo.state;

import java.io.IOException;

/// The state file cannot be used: which, why, and what to do, in one line.
public final class StateException extends IOException {
  private static final long serialVersionUID = 1;

  public StateException(String message) {
    super(message);
  }

  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
