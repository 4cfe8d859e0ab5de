package io.lumeo.alerts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All that is remembered between two looks.
///
/// @param messagedAt when people were last told something, or null
public record AlertState(List<Alert> alerts, @Nullable Instant messagedAt) {

  public AlertState {
    alerts = List.copyOf(alerts);
  }

  /// Nothing was ever seen.
  public static AlertState empty() {
    return new AlertState(List.of(), null);
  }

  /// The alert with this fingerprint.
  public Optional<Alert> alert(String fingerprint) {
    return alerts.stream().filter(alert -> alert.fingerprint().equals(fingerprint)).findFirst();
  }
}
