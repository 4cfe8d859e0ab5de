package io.lumeo.commands;

/// Runs programs on one host. Whoever manages a host asks for nothing else of it, so a remote host,
/// a kernel in a test and a script of answers are all the same to it.
///
/// Every command gets a clean environment and no other: `PATH` with the administrator's folders,
/// `LC_ALL=C`, `TZ=UTC`, `LVM_SUPPRESS_FD_WARNINGS=1` and its own variables. Its input is closed
/// unless it brings one, so that nothing can wait for an answer at a prompt.
///
/// Implementations are safe for use by several threads, which do not wait for one another.
public interface Commands {

  /// The host that commands run on, for messages.
  String host();

  /// Runs a command to its end. Any exit status is an answer: the caller knows which are failures.
  ///
  /// @throws CommandFailure if it has no exit status, each case with its type
  /// @throws InterruptedException if the thread is interrupted; the command and all that it started
  ///   are ended first
  CommandResult run(Command command) throws CommandFailure, InterruptedException;
}
