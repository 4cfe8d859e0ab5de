package io.lumeo.tuning;

/// Whoever may say that a device or a group is used for scratch volumes.
@FunctionalInterface
public interface Consent {

  /// Whether what the question says may be done.
  boolean isGiven(String question);
}
