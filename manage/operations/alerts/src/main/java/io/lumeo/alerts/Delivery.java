package io.lumeo.alerts;

import java.time.Instant;

/// One attempt to deliver a message, for the record.
///
/// @param message the message's id
/// @param attempt counted from 1
/// @param reason why it failed; empty when it did not
public record Delivery(
    String channel, String message, int attempt, Instant at, Result result, String reason) {

  /// How it ended.
  public enum Result {
    DELIVERED,
    /// It is tried again later.
    DELAYED,
    /// It is not tried again.
    GIVEN_UP
  }
}
