package io.lumeo.storage;

import io.lumeo.storage.StorageFailure.Refused;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The tags that Lumeo puts on what it makes. They are kept beside the volume, by LVM or in the
/// pool's catalogue, so they survive a rename, a move to another host and the loss of everything
/// that Lumeo remembers.
public final class OwnTags {
  /// Lumeo made it: without this tag nothing is ever removed.
  public static final String MANAGED = "lumeo.managed";

  /// A clone: LVM itself calls it a snapshot like any other.
  public static final String CLONE = "lumeo.clone";

  /// A throw-away clone that an inspection looks into.
  public static final String VERIFY = "lumeo.verify";

  /// The metadata that a repaired pool had before.
  public static final String REPAIRED = "lumeo.repaired";

  private static final String RUN = "lumeo.run=";
  private static final String ORIGIN = "lumeo.origin=";
  private static final String TRASH = "lumeo.trash=";
  private static final String TRASH_UNTIL = "lumeo.trash-until=";

  private OwnTags() {}

  /// Made by this plan.
  public static String run(PlanId plan) {
    return RUN + plan;
  }

  /// What it is a snapshot or clone of: LVM forgets it after a merge.
  public static String origin(String uuid) {
    return ORIGIN + uuid;
  }

  /// In the trash, and called so before.
  public static String trash(String name) {
    return TRASH + name;
  }

  /// In the trash until then, to the second.
  public static String trashUntil(Instant expiry) {
    return TRASH_UNTIL + expiry.getEpochSecond();
  }

  /// The uuid of what it was made from.
  public static Optional<String> originIn(Collection<String> tags) {
    return valueOf(ORIGIN, tags);
  }

  /// The plan that made it.
  public static Optional<String> runIn(Collection<String> tags) {
    return valueOf(RUN, tags);
  }

  /// What it was called before it went to the trash; empty when it is not there.
  public static Optional<String> trashedNameIn(Collection<String> tags) {
    return valueOf(TRASH, tags);
  }

  /// When what is in the trash may go; empty when it is not in the trash, or nobody can tell.
  public static Optional<Instant> trashedUntilIn(Collection<String> tags) {
    return valueOf(TRASH_UNTIL, tags)
        .filter(seconds -> seconds.matches("[0-9]{1,12}"))
        .map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds)));
  }

  private static Optional<String> valueOf(String key, Collection<String> tags) {
    return tags.stream()
        .filter(tag -> tag.startsWith(key))
        .map(tag -> tag.substring(key.length()))
        .findFirst();
  }

  /// Guards what a caller wants to put on a volume or take from it: none of the tags by which Lumeo
  /// knows its own.
  ///
  /// @throws Refused naming the first that is
  public static void checkNotReserved(Collection<String> tags) throws Refused {
    for (var tag : tags) {
      if (isReserved(tag)) {
        throw new Refused(
            "the tag %s is Lumeo's own record of what it made; no one sets or takes it by hand"
                .formatted(tag));
      }
    }
  }

  /// As [#checkNotReserved], of what is about to be made: that Lumeo made it may be said in
  /// advance.
  public static void checkOfNew(Collection<String> tags) throws Refused {
    checkNotReserved(tags.stream().filter(tag -> !tag.equals(MANAGED)).toList());
  }

  /// The tags that are not ours to set anew: policies' and people's.
  public static Set<String> without(Collection<String> tags) {
    return tags.stream().filter(tag -> !isReserved(tag)).collect(Collectors.toSet());
  }

  /// Whether a tag says that something is in the trash.
  public static boolean isOfTrash(String tag) {
    return tag.startsWith(TRASH) || tag.startsWith(TRASH_UNTIL);
  }

  private static boolean isReserved(String tag) {
    return Set.of(MANAGED, CLONE, VERIFY, REPAIRED).contains(tag)
        || tag.startsWith(RUN)
        || tag.startsWith(ORIGIN)
        || isOfTrash(tag);
  }
}
