package io.lumeo.nbd;

/// What a client's handshake came to.
///
/// @param flags the transmission flags
/// @param maxPayloadBytes the longest READ or WRITE the server takes
record Agreement(
    long sizeBytes,
    int flags,
    int preferredBytes,
    int maxPayloadBytes,
    boolean structuredReplies,
    boolean allocation) {

  boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
