package io.lumeo.nbd;

/// What a handshake agreed on. Whoever holds the session closes its export.
///
/// @param structuredReplies whether READ is answered in chunks and errors carry a message
/// @param allocation whether `base:allocation` may be asked for
record Session(String exportName, Export export, boolean structuredReplies, boolean allocation) {}
