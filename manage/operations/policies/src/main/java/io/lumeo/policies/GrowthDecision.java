package io.lumeo.policies;

import io.lumeo.storage.Pool;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is to be done about something that fills.
public sealed interface GrowthDecision {

  /// Why, in one sentence with figures.
  String reason();

  /// It is well as it is, or has to wait.
  record Nothing(String reason) implements GrowthDecision {}

  /// Make it larger.
  ///
  /// @param fromBytes its present size
  /// @param toBytes its next, larger by a multiple of the unit
  /// @param takenBytes what that takes from the group, with copies and spare
  record Grow(long fromBytes, long toBytes, long takenBytes, String reason)
      implements GrowthDecision {}

  /// Add these devices to the group first, and then decide again.
  record AddDevices(List<String> devices, String reason) implements GrowthDecision {}

  /// It should grow and cannot.
  ///
  /// @param missingBytes what would have to be free in the group in addition; 0 when space is not
  ///   what is missing
  /// @param help what would help, one sentence each
  record Blocked(long missingBytes, String reason, List<String> help) implements GrowthDecision {}

  /// Its system sees to it.
  ///
  /// @param tell what its system is to be told first, or null when it was told
  /// @param warnings why it will not
  /// @param beyond which limits of the rule its next step passes, as its system knows none
  record Delegated(
      String reason, Pool.@Nullable SelfExtension tell, List<String> warnings, List<String> beyond)
      implements GrowthDecision {

    public Delegated {
      warnings = List.copyOf(warnings);
      beyond = List.copyOf(beyond);
    }
  }
}
