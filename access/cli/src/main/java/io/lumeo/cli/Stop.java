package io.lumeo.cli;

/// Hears that the process is to end: Ctrl-C, SIGTERM. Safe for use by several threads.
public interface Stop {

  /// From now on such signals are heard here, and the command ends as it likes: its exit code is
  /// the process's. Before that, the process just ends.
  void arm();

  /// Whether one has come.
  boolean isAsked();

  /// Returns when one has come, or when the thread is interrupted.
  void await();
}
