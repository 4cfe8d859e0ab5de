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
    var next = last == null || fresh.moment().isAfter(last.moment()) ? fresh : last.next();
    last = next;
    return next.text();
  }
}
