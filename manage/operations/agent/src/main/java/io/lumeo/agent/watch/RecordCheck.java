package io.lumeo.agent.watch;

import io.lumeo.agent.Duty;
import io.lumeo.audit.Verification;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/// Checks the record of what was done, at the start and then every day: a chain that nobody looks
/// at proves nothing. Safe for use by several threads, of which one at a time performs.
final class RecordCheck implements Duty {
  private static final Duration EVERY = Duration.ofDays(1);

  private final Verifier verifier;
  private volatile boolean isBroken;
  private Instant next = Instant.MIN;

  /// Checks the whole record.
  @FunctionalInterface
  interface Verifier {
    Verification verify() throws IOException;
  }

  RecordCheck(Verifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public String name() {
    return "record check";
  }

  @Override
  public Instant perform(Instant now) throws IOException {
    if (!next.isAfter(now) || next.isAfter(now.plus(EVERY))) {
      isBroken =
          switch (verifier.verify()) {
            case Verification.Intact _ -> false;
            case Verification.Broken _ -> true;
          };
      next = now.plus(EVERY);
    }
    return next;
  }

  /// Whether the last check found that the record is not as it was written.
  boolean isBroken() {
    return isBroken;
  }
}
