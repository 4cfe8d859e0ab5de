package io.lumeo.agent;

import java.io.IOException;

/// The agent does not start: what is wrong, and what to do, one thing per line.
public final class AgentRefused extends IOException {
  private static final long serialVersionUID = 1;

  public AgentRefused(String message) {
    super(message);
  }
}
