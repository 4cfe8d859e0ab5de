package io.lumeo.alerts;

import java.net.URI;
import java.time.Instant;
import java.util.Locale;

/// A sign of life of a policy, for a service that raises the alarm when none comes: the switch of a
/// dead man.
///
/// @param detail a line for whoever looks there, without secrets
public record Ping(String policy, Kind kind, Instant at, String detail) {

  /// Where life is signalled. It is often a secret, and looked up each time, so that a changed one
  /// needs no reload.
  @FunctionalInterface
  public interface Address {
    URI find() throws DeliveryFailure;
  }

  /// What is signalled.
  public enum Kind {
    START,
    SUCCESS,
    FAIL;

    /// What is added to the address: nothing for success, else `/start` or `/fail`.
    String path() {
      return this == SUCCESS ? "" : "/" + name().toLowerCase(Locale.ROOT);
    }
  }
}
