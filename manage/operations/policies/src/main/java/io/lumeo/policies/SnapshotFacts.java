package io.lumeo.policies;

import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What retention knows of a snapshot.
///
/// @param volume the uuid of the volume it was taken of, from its own tag: what the system calls
///   its origin is not an identity
/// @param createdAt when it was taken, or null when nobody can say
/// @param owner the id of the policy that made it, or null when none did
/// @param holds the names of those who want it kept
/// @param states what is being done with it, or has become of it
/// @param classes what its maker called it (`daily`, `before-upgrade`); shown, and never decided by
public record SnapshotFacts(
    String uuid,
    String name,
    String volume,
    @Nullable Instant createdAt,
    @Nullable String owner,
    SortedSet<String> holds,
    Set<State> states,
    SortedSet<String> classes) {

  /// What stands against deleting a snapshot, or against counting on it.
  public enum State {
    /// Somebody has it open: a mount, a backup, a clone being made.
    OPEN,
    /// It is becoming its origin's content and will then be gone.
    MERGING,
    /// A verification is looking into it.
    UNDER_INSPECTION,
    /// Its store overflowed. Nothing can be read from it.
    INVALID
  }

  public SnapshotFacts {
    holds = Collections.unmodifiableSortedSet(new TreeSet<>(holds));
    states = Set.copyOf(states);
    classes = Collections.unmodifiableSortedSet(new TreeSet<>(classes));
  }

  /// Whether it will be there, and readable, if nobody deletes it.
  boolean canBeCountedOn() {
    return !is(State.MERGING) && !is(State.INVALID);
  }

  boolean is(State state) {
    return states.contains(state);
  }
}
