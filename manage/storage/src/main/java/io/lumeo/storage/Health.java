package io.lumeo.storage;

/// How something is, in one word and, where it is not well, one sentence.
///
/// @param reason what is wrong and what it means; empty when [State#OK]
public record Health(State state, String reason) {

  /// From best to worst.
  public enum State {
    OK,
    /// The system did not say.
    UNKNOWN,
    /// Works, and wants a person soon: a device is missing from a mirror, a check is needed.
    DEGRADED,
    /// Takes no writes for want of space.
    OUT_OF_SPACE,
    /// Takes no writes.
    READ_ONLY,
    /// A classic snapshot that overflowed, or another thing whose content is lost.
    INVALID,
    FAILED
  }

  private static final Health FINE = new Health(State.OK, "");

  public static Health ok() {
    return FINE;
  }

  public boolean isOk() {
    return state == State.OK;
  }
}
