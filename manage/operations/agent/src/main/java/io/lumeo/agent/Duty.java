package io.lumeo.agent;

import java.io.IOException;
import java.time.Instant;

/// What the agent does again and again beside looking after hosts: rounds of alerts, of forecasts,
/// reports. Duties are done one after the other on a thread of their own.
public interface Duty {

  /// What messages call it.
  String name();

  /// Does what is due at `now`.
  ///
  /// @return when to be called again at the latest; being called before does nothing twice
  /// @throws IOException if what it needs cannot be read or written; it is called again later
  Instant perform(Instant now) throws IOException, InterruptedException;
}
