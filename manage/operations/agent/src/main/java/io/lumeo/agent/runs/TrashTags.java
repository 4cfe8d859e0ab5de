package io.lumeo.agent.runs;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/// What the tags of something in the trash say. Drivers write them, as they alone know what a
/// volume was called; here they are only read.
public final class TrashTags {
  private static final String NAME = "lumeo.trash=";
  private static final String UNTIL = "lumeo.trash-until=";

  private TrashTags() {}

  /// Whether something with these tags is in the trash.
  public static boolean isTrashed(Collection<String> tags) {
    return tags.stream().anyMatch(tag -> tag.startsWith(NAME));
  }

  /// Until when it stays; empty when it is not in the trash, or nobody can tell.
  static Optional<Instant> until(Collection<String> tags) {
    return tags.stream()
        .filter(tag -> tag.startsWith(UNTIL))
        .map(tag -> tag.substring(UNTIL.length()))
        .filter(seconds -> seconds.matches("[0-9]{1,12}"))
        .map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds)))
        .findFirst();
  }
}
