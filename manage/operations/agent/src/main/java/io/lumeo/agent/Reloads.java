package io.lumeo.agent;

import org.jspecify.annotations.Nullable;

/// Remembers that a reload was asked for while there is no agent yet to do it. Safe for use by
/// several threads.
final class Reloads {
  private @Nullable Runnable agent;
  private boolean missed;

  /// Has the agent reload, as soon as there is one.
  synchronized void ask() {
    if (agent == null) {
      missed = true;
    } else {
      agent.run();
    }
  }

  /// From now on there is one.
  ///
  /// @param reload has it reload, and returns at once
  synchronized void to(Runnable reload) {
    agent = reload;
    if (missed) {
      reload.run();
    }
  }
}
