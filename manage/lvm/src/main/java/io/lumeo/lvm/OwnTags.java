package io.lumeo.lvm;

import io.lumeo.storage.StorageFailure.Refused;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The tags that Lumeo puts on what it makes. They are kept by LVM beside the volume, so they
/// survive a rename, a move to another host and the loss of everything that Lumeo remembers.
final class OwnTags {
  /// Lumeo made it: without this tag nothing is ever removed.
  static final String MANAGED = "lumeo.managed";

  /// A clone: LVM itself calls it a snapshot like any other.
  static final String CLONE = "lumeo.clone";

  /// A throw-away clone that an inspection looks into.
  static final String VERIFY = "lumeo.verify";

  /// The metadata that a repaired pool had before.
  static final String REPAIRED = "lumeo.repaired";

  private static final String RUN = "lumeo.run=";
  private static final String ORIGIN = "lumeo.origin=";
  private static final String TRASH = "lumeo.trash=";
  private static final String TRASH_UNTIL = "lumeo.trash-until=";

  private static final int LONGEST = 1024;

  /// lvm(8): the characters of a tag; a leading `@` would be taken away.
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_+./=!:#&-]+");

  private OwnTags() {}

  /// Made by this plan.
  static String run(PlanId plan) {
    return RUN + plan;
  }

  /// What it is a snapshot or clone of: LVM forgets it after a merge.
  static String origin(String uuid) {
    return ORIGIN + uuid;
  }

  /// In the trash, and called so before.
  static String trash(String name) {
    return TRASH + name;
  }

  static String trashUntil(Instant expiry) {
    return TRASH_UNTIL + expiry.getEpochSecond();
  }

  static Optional<String> originIn(Collection<String> tags) {
    return valueOf(ORIGIN, tags);
  }

  static Optional<String> runIn(Collection<String> tags) {
    return valueOf(RUN, tags);
  }

  static Optional<String> trashedNameIn(Collection<String> tags) {
    return valueOf(TRASH, tags);
  }

  /// When what is in the trash may go; empty when it is not in the trash, or nobody can tell.
  static Optional<Instant> trashedUntilIn(Collection<String> tags) {
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

  /// Guards what a caller wants to put on a volume or take from it: tags of LVM's form, and none of
  /// those by which Lumeo knows its own.
  static void check(Collection<String> tags) throws Refused {
    for (var tag : tags) {
      if (tag.length() > LONGEST || !FORM.matcher(tag).matches()) {
        throw new Refused(
            "'%s' cannot be a tag: LVM takes letters, digits and _+.-/=!:#&, at most %d of them"
                .formatted(Words.printable(tag), LONGEST));
      }
      if (isReserved(tag)) {
        throw new Refused(
            "the tag %s is Lumeo's own record of what it made; no one sets or takes it by hand"
                .formatted(tag));
      }
    }
  }

  /// The tags that are not ours to set anew: policies' and people's.
  static Set<String> without(Collection<String> tags) {
    return tags.stream().filter(tag -> !isReserved(tag)).collect(Collectors.toSet());
  }

  private static boolean isReserved(String tag) {
    return Set.of(MANAGED, CLONE, VERIFY, REPAIRED).contains(tag)
        || tag.startsWith(RUN)
        || tag.startsWith(ORIGIN)
        || tag.startsWith(TRASH)
        || tag.startsWith(TRASH_UNTIL);
  }
}
