package io.lumeo.audit;

import io.lumeo.storage.Ulid;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes ULIDs that rise, even within a millisecond and when the clock goes back. Not safe for use
/// by several threads.
final class Ulids {
  private final RandomGenerator random;
  private @Nullable Ulid last;

  Ulids(RandomGenerator random) {
    this.random = random;
  }

  String next(Instant time) {
    var fresh = Ulid.at(time, random);
    var before = last;
    var next = before == null || fresh.moment().isAfter(before.moment()) ? fresh : before.next();
    last = next;
    return next.text();
  }
}
