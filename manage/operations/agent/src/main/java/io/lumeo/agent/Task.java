package io.lumeo.agent;

import java.util.Locale;

/// Something that is done again and again for a host.
///
/// @param id of the policy, or the name of the trim; empty for what a host has one of
public record Task(Kind kind, String id) {

  public enum Kind {
    /// Snapshots of a policy.
    SNAPSHOT,
    /// Deleting what a policy no longer keeps.
    RETENTION,
    /// Proving that a policy's snapshots can be read.
    VERIFICATION,
    TRIM
  }

  public static Task snapshot(String policy) {
    return new Task(Kind.SNAPSHOT, policy);
  }

  public static Task retention(String policy) {
    return new Task(Kind.RETENTION, policy);
  }

  public static Task verification(String policy) {
    return new Task(Kind.VERIFICATION, policy);
  }

  public static Task trim(String name) {
    return new Task(Kind.TRIM, name);
  }

  /// As it is stored, and shown: `snapshot:databases`.
  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + ":" + id;
  }

  static Task parse(String text) {
    var colon = text.indexOf(':');
    return new Task(
        Kind.valueOf(text.substring(0, colon).toUpperCase(Locale.ROOT)), text.substring(colon + 1));
  }
}
