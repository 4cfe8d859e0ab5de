package io.lumeo.agent;

/// Sees what the agent sees. Called by the loop of each host at each of its polls: calls of one
/// host come one after the other, those of several at the same time. A watcher waits for nobody;
/// what takes long is a [Duty].
@FunctionalInterface
public interface Watcher {
  void look(Look look);
}
