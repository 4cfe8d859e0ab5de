package io.lumeo.alerts;

/// A way to people or to another program. Implementations end within their own deadline, are safe
/// for use by several threads, and tell no secret in what they throw.
public interface Channel {

  /// The name it has in the configuration.
  String name();

  /// Delivers a message. A message may come twice, with the same id: the first try may have arrived
  /// although nobody heard so.
  ///
  /// @throws DeliveryFailure if the receiver did not take it
  void deliver(Message message) throws DeliveryFailure;

  /// Whether it also wants to be told, at each look, of every alert that stands: a receiver that
  /// keeps its own time and forgets what it does not hear of.
  default boolean wantsWhatStands() {
    return false;
  }
}
