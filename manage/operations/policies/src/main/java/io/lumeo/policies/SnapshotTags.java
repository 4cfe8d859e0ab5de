package io.lumeo.policies;

import io.lumeo.storage.Health;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.EnumSet;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a snapshot says of itself. Tags outlive names, renames, moves to another machine and the
/// loss of everything Lumeo remembers: the catalogue of snapshots can be made again from them.
///
/// Tags hold what LVM allows in one: letters, digits and `_+.-/=!:#&`.
public final class SnapshotTags {
  /// On everything that Lumeo made.
  public static final String MANAGED = "lumeo.managed";

  private static final String POLICY = "lumeo.policy=";
  private static final String OF = "lumeo.of=";
  private static final String SCHEDULED = "lumeo.scheduled=";
  private static final String HOLD = "lumeo.hold=";
  private static final String CLASS = "lumeo.class=";

  private SnapshotTags() {}

  /// The tags of a snapshot that a run makes.
  ///
  /// @param volume the uuid of the volume it is taken of
  /// @param classes what to call it, for people
  public static SortedSet<String> of(RunKey run, String volume, SortedSet<String> classes) {
    var tags = new TreeSet<String>();
    tags.add(MANAGED);
    tags.add(POLICY + run.policy());
    tags.add(SCHEDULED + run.scheduledAt().getEpochSecond());
    tags.add(OF + volume);
    classes.forEach(name -> tags.add(CLASS + name));
    return tags;
  }

  /// The tag that holds a snapshot in somebody's name.
  public static String hold(String name) {
    return HOLD + name;
  }

  /// The run that made a snapshot, or null when none did.
  public static @Nullable RunKey run(SortedSet<String> tags) {
    var policy = value(tags, POLICY);
    var scheduled = value(tags, SCHEDULED);
    if (policy == null || scheduled == null) {
      return null;
    }
    // Anybody can write a tag.
    return PolicyId.isOne(policy) && scheduled.matches("-?\\d{1,11}")
        ? new RunKey(policy, Instant.ofEpochSecond(Long.parseLong(scheduled)))
        : null;
  }

  /// Reads a snapshot's facts from what the system says of it.
  ///
  /// @param merging whether it is being merged into its origin
  /// @param underInspection whether a verification is looking into it
  public static SnapshotFacts read(Volume snapshot, boolean merging, boolean underInspection) {
    var tags = snapshot.tags();
    var states = EnumSet.noneOf(SnapshotFacts.State.class);
    if (snapshot.open()) {
      states.add(SnapshotFacts.State.OPEN);
    }
    if (merging) {
      states.add(SnapshotFacts.State.MERGING);
    }
    if (underInspection) {
      states.add(SnapshotFacts.State.UNDER_INSPECTION);
    }
    if (snapshot.health().state() == Health.State.INVALID) {
      states.add(SnapshotFacts.State.INVALID);
    }
    var tagged = value(tags, OF);
    var origin = snapshot.origin() == null ? "" : snapshot.origin();
    return new SnapshotFacts(
        snapshot.uuid(),
        snapshot.name(),
        tagged == null ? origin : tagged,
        snapshot.createdAt(),
        tags.contains(MANAGED) ? value(tags, POLICY) : null,
        values(tags, HOLD),
        states,
        values(tags, CLASS));
  }

  private static @Nullable String value(SortedSet<String> tags, String prefix) {
    var values = values(tags, prefix);
    return values.isEmpty() ? null : values.first();
  }

  private static SortedSet<String> values(SortedSet<String> tags, String prefix) {
    var values = new TreeSet<String>();
    for (var tag : tags) {
      if (tag.startsWith(prefix)) {
        values.add(tag.substring(prefix.length()));
      }
    }
    return values;
  }
}
