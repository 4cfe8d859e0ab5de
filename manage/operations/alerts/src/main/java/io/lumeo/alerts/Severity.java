package io.lumeo.alerts;

import java.util.Locale;

/// How soon somebody must act, from mild to grave.
public enum Severity {
  INFO,
  /// Within days: a ticket.
  WARNING,
  /// Now: a page. Never held back to be grouped.
  CRITICAL;

  /// As messages and labels write it: `info`, `warning`, `critical`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
